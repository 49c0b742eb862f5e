import VaultModel

/// A caseload from a spreadsheet, row by row: reads, converts and checks, and sends nothing anywhere.
public struct CaseloadImport {
  private var reader: CSVReader
  private var plan: ImportPlan

  /// Reads the headings. `reader` should have been given the map's `separator`. `hash` is SHA-256.
  public init(
    reader: CSVReader, map: ImportMap?, forms: FormSet, programme: ProgrammeID,
    hash: @escaping ([UInt8]) -> [UInt8]
  ) throws(ImportError) {
    self.reader = reader
    guard let headings = try self.reader.nextRow() else {
      throw ImportError(.empty, detail: "the file has no headings")
    }
    plan = try ImportPlan(headings: headings.cells, map: map, forms: forms, programme: programme, hash: hash)
  }

  /// Bytes read so far, for a progress bar.
  public var byteCount: Int { reader.byteCount }

  /// What becomes of the next row; nil at the end. Throws only when the rest of the file cannot be read.
  public mutating func next() throws(ImportError) -> RowOutcome? {
    while true {
      do throws(ImportError) {
        guard let row = try reader.nextRow() else { return nil }
        if let outcome = plan.convert(row) { return outcome }
      } catch {
        guard error.isOfOneRow, let row = error.row else { throw error }
        let hint = error.hint.map { "; \($0)" } ?? ""
        return .rejected([RowFault(row: row, field: "", detail: error.detail + hint)])
      }
    }
  }
}
