import ArgumentParser
import VaultAPI
import VaultModel

struct Show: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read a record: safe contact and case summary, or the sections you name.",
    discussion: "Each reading stands in the access log with your purpose.")

  @Argument(help: ArgumentHelp("Id of the record, in any spelling.", valueName: "id"), completion: .default)
  var id: String

  @Option(
    name: .customLong("section"), parsing: .singleValue,
    help: ArgumentHelp(
      "Read this section; may be repeated. \(Section.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "section"))
  var sections: [Section] = []

  @Flag(help: "Read every section that your role may read.")
  var all = false

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    guard !all || sections.isEmpty else {
      throw Failure.usage("--all and --section were both given.", hint: "Give one of them.", field: "--all")
    }
    let id = try RecordID(typed: id).description
    try await shell.openSession()
    let (purpose, reason) = try await shell.purpose()
    let record = try await shell.client.record(
      id: id, sections: sections, isWhole: all, purpose: purpose, reason: reason)
    shell.remember(records: [record.id])
    try shell.answer(RecordDocuments.json(record), .personal) { sheet in
      RecordSheet(record: record, forms: .builtIn).fill(&sheet)
    }
  }
}

enum RecordDocuments {
  /// `id`, `programme`, `version`, `flags`, `sections`; `until` where the access ends.
  static func json(_ record: RecordAnswer) -> [UInt8] {
    var members: [String: JSONValue] = [
      "id": .string(record.id), "programme": .string(record.programme),
      "version": .integer(Int64(clamping: record.version)), "sections": .object(record.sections),
      "flags": .array(record.flags.map { .string($0.rawValue) }),
    ]
    if let until = record.until { members["until"] = .string(until) }
    return JSONValue.object(members).canonicalBytes()
  }
}
