import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct Submit: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "For services: seal a record to a programme and hand it in.",
    discussion: """
      Needs --account and --key-file. The key signs here and is not sent; what is handed in can be read by the programme's \
      officers only, and waits until one of them accepts it. --from takes {"sections": {"identity": {…}, …}} or the \
      sections alone.
      """)

  @Option(help: ArgumentHelp("Programme that it is for.", valueName: "id"))
  var programme: String

  @Option(
    help: ArgumentHelp("JSON of the sections; `-` for standard input.", valueName: "file"), completion: .file())
  var from: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let programme = try ProgrammeID(programme).description
    guard let keyFile = shell.given.keyFile, let account = try shell.namedAccount() else {
      throw Failure.usage(
        "A submission is signed with the account's key.", hint: "Give --account NAME and --key-file FILE.",
        field: "--key-file")
    }
    let key = try ServiceKey(keyFile: SecretInput.file(keyFile))
    let sections = try SubmitSections.checked(RecordInput.sections(from: from))
    try await shell.openSession(of: account, signingWith: key)
    let receipt = try await shell.client.submit(sections, programme: programme, signingWith: key)
    try shell.answer(receipt.bytes) { sheet in
      sheet.line(sheet.style(.good, "Handed in ") + sheet.style(.bold, receipt.id))
      sheet.line(sheet.style(.dim, "It waits for an officer of \(programme)."))
    }
  }
}

enum SubmitSections {
  /// By the same forms that an officer will accept it by: what is wrong shows now, to whoever can still ask.
  static func checked(_ document: JSONValue) throws -> [Section: [String: JSONValue]] {
    var sections: [Section: [String: JSONValue]] = [:]
    for (name, value) in document.objectValue ?? [:] {
      guard let section = Section(rawValue: name), let fields = value.objectValue else {
        throw Failure(
          .invalid, "There is a section that no form has, or one that is no JSON object.",
          hint: "Sections are \(Section.allCases.map(\.rawValue).joined(separator: ", ")).", field: "sections")
      }
      sections[section] = fields
    }
    guard !sections.isEmpty else { throw Failure(.invalid, "There is no section.", field: "sections") }
    if let fault = FormSet.builtIn.validateRecord(sections).first { throw fault }
    return sections
  }
}
