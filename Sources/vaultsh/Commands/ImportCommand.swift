import ArgumentParser
import VaultAPI
import VaultClient
import VaultCrypto
import VaultModel

struct Import: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open a record for each row of a spreadsheet saved as CSV.",
    discussion: """
      Headings are those of the Human Trafficking Case Data Standard, or are tied to its fields by a map file. A row is stored \
      whole or not at all, and what is wrong with it is said with its number. Importing the same file again stores nothing \
      twice.
      """)

  @Argument(help: ArgumentHelp("CSV file.", valueName: "file"), completion: .file())
  var file: String

  @Option(help: ArgumentHelp("Programme that the records belong to.", valueName: "id"))
  var programme: String

  @Option(help: ArgumentHelp("Which column means which field.", valueName: "file"), completion: .file())
  var map: String?

  @Flag(help: "Convert and check every row, and store none.")
  var dryRun = false

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let programme = try ProgrammeID(programme)
    let file = try ImportFile(path: file, map: map, programme: programme)
    let run = ImportRun(file: file, programme: programme, shell: shell)
    if dryRun { try run.check() } else { try await run.store() }
    let summary = run.summary
    try shell.answer(summary.document(isDryRun: dryRun)) { sheet in summary.fill(&sheet, isDryRun: dryRun) }
  }
}

/// The spreadsheet and its map, opened and tied to fields.
struct ImportFile {
  var rows: CaseloadImport
  /// Bytes; nil for a pipe.
  let byteCount: Int?

  init(path: String, map: String?, programme: ProgrammeID) throws {
    do {
      let loaded = try map.map { try ImportMap.load(InputText.read($0, byteCountMax: ImportMap.byteCountMax)) }
      let file = try CSVFile(path: path)
      byteCount = file.byteCount
      let reader = try CSVReader(delimiter: loaded?.separator) { () throws(ImportError) in try file.nextChunk() }
      rows = try CaseloadImport(
        reader: reader, map: loaded, forms: .builtIn, programme: programme, hash: SHA256.hash)
    } catch let error as ImportError {
      var failure = Failure(error)
      if error.code == .unreadable { failure.detail += " " + Printable.line(path) }
      throw failure
    }
  }
}

extension Failure {
  init(_ error: ImportError) {
    let text = error.description
    self.init(
      .invalid, text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : "."),
      hint: error.hint.map { $0.prefix(1).uppercased() + $0.dropFirst() + ($0.hasSuffix(".") ? "" : ".") }
        ?? "Correct the file and import it again: what is there already is not stored twice.",
      field: error.path.isEmpty ? nil : error.path)
  }
}

/// What became of the rows of one import.
struct ImportSummary: Sendable {
  /// Rejections that are shown on a terminal; `--json` has all of them.
  private static let shownCountMax = 20

  var imported = 0
  /// Rows that an earlier import had stored.
  var alreadyThere = 0
  /// Rows that a dry run found nothing wrong with.
  var valid = 0
  var rejected: [RowFault] = []

  func document(isDryRun: Bool) -> [UInt8] {
    var json = JSONText(capacity: 256 + rejected.count * 96)
    json.object { (json: inout JSONText) in
      json.member("imported", imported)
      json.member("alreadyThere", alreadyThere)
      if isDryRun {
        json.member("dryRun", true)
        json.member("valid", valid)
      }
      json.name("rejected")
      json.array { (json: inout JSONText) in
        for fault in rejected {
          json.object { (json: inout JSONText) in
            json.member("row", fault.row)
            json.member("field", fault.field)
            json.member("detail", fault.detail)
          }
        }
      }
    }
    return json.bytes
  }

  @MainActor func fill(_ sheet: inout Sheet, isDryRun: Bool) {
    let rejectedCount = Set(rejected.map(\.row)).count
    if isDryRun {
      sheet.line("\(valid) rows can be imported; nothing was stored.")
    } else {
      sheet.line(
        sheet.style(.good, "\(imported) imported") + (alreadyThere > 0 ? ", \(alreadyThere) were there already" : ""))
    }
    guard rejectedCount > 0 else { return }
    sheet.line(sheet.style(.careful, "\(rejectedCount) rejected:"))
    var table = Table([.init("ROW"), .init("FIELD", isFlexible: true), .init("WHY", isFlexible: true)])
    for fault in rejected.prefix(Self.shownCountMax) {
      table.row([.init(String(fault.row)), .init(fault.field), .init(fault.detail)])
    }
    sheet.table(table)
    if rejected.count > Self.shownCountMax {
      sheet.line(sheet.style(.dim, "… and \(rejected.count - Self.shownCountMax) more; --json has them all."))
    }
  }
}
