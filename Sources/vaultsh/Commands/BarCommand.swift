import ArgumentParser
import VaultAPI
import VaultModel

struct BarFrom: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "bar",
    abstract: "Keep one person from one record, for example one about their own family.",
    discussion: """
      `bar NAME --from ID`, or `bar NAME from ID`. The record is not there for them any more: not by its id, in no list and \
      in no search. This is the vault's own check; where keys have to hold, keep the record to named people: `restrict`.
      """)

  @Argument(help: ArgumentHelp("Account.", valueName: "name"))
  var words: [String]

  @Option(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var from: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let (name, id) = try BarWords.parse(words, from)
    try await shell.openSession()
    let changed = try await shell.client.bar(name, from: id)
    try shell.answer(changed.bytes) { sheet in
      sheet.line("For \(name) there is no record \(changed.id) any more.")
    }
  }
}

struct Unbar: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a person who was barred from a record see it again, as far as their grants go.")

  @Argument(help: ArgumentHelp("Account.", valueName: "name"))
  var words: [String]

  @Option(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var from: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let (name, id) = try BarWords.parse(words, from)
    try await shell.openSession()
    let changed = try await shell.client.unbar(name, from: id)
    try shell.answer(changed.bytes) { sheet in sheet.line("\(name) is not barred from \(changed.id) any more.") }
  }
}

struct Bars: OrdinaryCommand {
  static let configuration = CommandConfiguration(abstract: "Who is barred from which record of your programmes.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let bars = try await shell.client.bars()
    try shell.answer(BarsAnswer(bars: bars).bytes) { sheet in
      guard !bars.isEmpty else { return sheet.line("Nobody is barred from a record.") }
      var table = Table([.init("ACCOUNT"), .init("RECORD"), .init("PROGRAMME")])
      for bar in bars { table.row([.init(bar.account, .bold), .init(bar.record), .init(bar.programme)]) }
      sheet.table(table)
    }
  }
}

/// `NAME --from ID`, `NAME from ID`, and the two in the other order.
enum BarWords {
  static func parse(_ words: [String], _ from: String?) throws -> (name: String, id: String) {
    var words = words
    if from == nil, words.count == 3, words[1] == "from" { words.remove(at: 1) }
    if let from { words.append(from) }
    guard words.count == 2 else {
      throw Failure.usage("An account and a record are needed.", hint: "bar NAME --from ID", field: "--from")
    }
    // An account can be called as a record is; the order that was asked for comes first.
    if let id = try? RecordID(typed: words[1]) { return (try AccountName(words[0]).description, id.description) }
    guard from == nil, let id = try? RecordID(typed: words[0]) else {
      throw Failure.usage("This is no record's id.", hint: "bar NAME --from ID", field: "--from")
    }
    return (try AccountName(words[1]).description, id.description)
  }
}
