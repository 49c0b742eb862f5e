import VaultModel

/// One answer that keeps a row from being imported.
public struct RowFault: Hashable, Sendable {
  /// As a spreadsheet counts: the headings are row 1.
  public var row: Int
  /// The HTCDS or vault key (`vault_Names[2].text`); empty when the row as a whole is at fault.
  public var field: String
  /// The rule that was broken, with the column's heading where it is not the key; never the cell.
  public var detail: String

  public init(row: Int, field: String, detail: String) {
    self.row = row
    self.field = field
    self.detail = detail
  }
}

/// A row as a record that may be stored: every answer has been checked.
public struct ConvertedRow: Hashable, Sendable {
  public var row: Int
  public var sections: [Section: [String: JSONValue]]
  /// 64 hex digits, the same in every import of this row into this programme.
  public var idempotencyKey: String
}

/// What becomes of one row: all of it or nothing.
public enum RowOutcome: Hashable, Sendable {
  case converted(ConvertedRow)
  /// At least one fault, all of the same row.
  case rejected([RowFault])
}

/// The headings of one file tied to fields: turns rows into records.
public struct ImportPlan {
  let forms: FormSet
  let columnCount: Int
  let targets: [ColumnTarget]
  /// Columns without a heading, whose cells must be empty.
  let blankColumns: [Int]
  /// Added before the row's own answers, with which they mix, or after them.
  let gatheredConstants: [(place: FieldPlace, value: JSONValue)]
  let fallbackConstants: [(place: FieldPlace, value: JSONValue)]
  let emptyWords: Set<String>
  private var identity: RowIdentity
  /// The answers of cells that come again and again, by target: codes, checkboxes and dates are looked up once.
  private var known: [[String: [JSONValue]]]
  /// Cells kept for one target; a column with more is not a column of codes.
  private static let knownCountMax = 1_000

  /// Throws when a heading means no field and the map does not ignore it, naming all such headings at once.
  /// `hash` is SHA-256.
  public init(
    headings: [String], map: ImportMap?, forms: FormSet, programme: ProgrammeID,
    hash: @escaping ([UInt8]) -> [UInt8]
  ) throws(ImportError) {
    let map = map ?? ImportMap()
    let headings = headings.map(\.trimmedCell)
    let binding = try HeadingBinding(headings: headings, map: map, forms: forms)
    self.forms = forms
    columnCount = headings.count
    targets = binding.targets
    blankColumns = headings.indices.filter { headings[$0].isEmpty }
    gatheredConstants = binding.constants.filter { $0.place.field.kind.isGathered }
    fallbackConstants = binding.constants.filter { !$0.place.field.kind.isGathered }
    emptyWords = map.emptyWords
    known = Array(repeating: [:], count: binding.targets.count)
    identity = RowIdentity(programme: programme, headings: headings, keyColumn: binding.keyColumn, hash: hash)
  }

  /// Converts and checks one row; nil when all its cells are empty, as at the end of many spreadsheets.
  public mutating func convert(_ row: CSVRow) -> RowOutcome? {
    let cells = row.cells.map(\.trimmedCell)
    guard cells.contains(where: { !$0.isEmpty }) else { return nil }
    func rejected(_ detail: String) -> RowOutcome {
      .rejected([RowFault(row: row.number, field: "", detail: detail)])
    }
    guard cells.count == columnCount else {
      return rejected("the row has \(cells.count) cells and there are \(columnCount) headings")
    }
    let key: String
    switch identity.identity(of: cells, row: row.number) {
    case .key(let made): key = made
    case .missingKey: return rejected("the key column is empty")
    case .repeatedKey(let first): return rejected("row \(first) has the same key")
    }
    guard blankColumns.allSatisfy({ cells[$0].isEmpty }) else {
      return rejected("a cell stands in a column without a heading")
    }
    var faults: [RowFault] = []
    let draft = draft(of: cells, row: row.number, &faults)
    let sections = draft.sections()
    if faults.isEmpty {
      if sections.isEmpty { return rejected("nothing in this row is imported") }
      faults = forms.validateRecord(sections).map {
        RowFault(row: row.number, field: draft.headingPath(of: $0.field), detail: $0.detail)
      }
    }
    guard faults.isEmpty else { return .rejected(faults) }
    return .converted(ConvertedRow(row: row.number, sections: sections, idempotencyKey: key))
  }

  private mutating func values(
    of cell: String, for target: ColumnTarget, at index: Int
  ) throws(CellFault) -> [JSONValue] {
    guard target.place.field.kind.isFromList else { return try target.values(of: cell, forms) }
    if let values = known[index][cell] { return values }
    let values = try target.values(of: cell, forms)
    if known[index].count < Self.knownCountMax { known[index][cell] = values }
    return values
  }

  private mutating func draft(of cells: [String], row: Int, _ faults: inout [RowFault]) -> RowDraft {
    var draft = RowDraft()
    var hasContent = false
    for (place, value) in gatheredConstants { draft[place] = value }
    for (index, target) in targets.enumerated() {
      let cell = cells[target.column]
      guard !cell.isEmpty, !emptyWords.contains(cell), faults.count < FieldBounds.faultCountMax else { continue }
      do throws(CellFault) {
        for value in try values(of: cell, for: target, at: index) {
          hasContent = true
          guard draft.add(value, at: target.place, join: target.rule.join) else {
            throw CellFault(detail: "this field holds one answer and another is given for it in this row")
          }
        }
      } catch {
        let place = target.place.path
        let column = target.heading == place ? "" : "column “\(Heading.shown(target.heading))”: "
        faults.append(RowFault(row: row, field: place, detail: column + error.detail))
      }
    }
    guard hasContent else { return RowDraft() }
    for target in targets where !target.companions.isEmpty && draft[target.place] != nil {
      for (place, value) in target.companions where draft[place] == nil { draft[place] = value }
    }
    for (place, value) in fallbackConstants where draft[place] == nil { draft[place] = value }
    draft.nameScripts()
    return draft
  }
}

extension FieldKind {
  /// Whether the same few answers come in many rows.
  var isFromList: Bool {
    switch self {
    case .checkbox, .code, .codes, .date, .time, .timeZone: true
    default: false
    }
  }

  /// Whether answers from several columns stand side by side.
  var isGathered: Bool {
    switch self {
    case .codes, .longText: true
    default: false
    }
  }
}
