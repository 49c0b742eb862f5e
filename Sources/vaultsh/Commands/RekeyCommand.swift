import ArgumentParser
import VaultAPI
import VaultModel

struct Rekey: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring records under the newest keys after somebody left; shows how far it is.",
    discussion: """
      The daemon does this by itself while members have sessions open. --deep is for exposure: keys change for everyone, and \
      every record's newest version is encrypted anew.
      """)

  @Option(help: ArgumentHelp("Only this programme.", valueName: "id"))
  var programme: String?

  @Flag(help: "Encrypt anew whatever was written so far, not only wrap it.")
  var deep = false

  @OptionGroup var globals: GlobalOptions

  private static let pauseMilliseconds = 300
  /// Without any record done in that many pauses, somebody else's session is needed.
  private static let idlePausesMax = 20

  func run(in shell: Shell) async throws {
    let programme = try programme.map { try ProgrammeID($0).description }
    try await shell.openSession()
    var answer = try await shell.client.rekey(programme: programme, deep: deep)
    let total = left(answer, programme)
    let progress = Progress("Re-keying", total: total, isOn: !shell.given.json)
    defer { progress.end() }
    var idle = 0
    while left(answer, programme) > 0, idle < Self.idlePausesMax {
      try await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))
      let before = left(answer, programme)
      answer = try await shell.client.rekeyProgress()
      idle = left(answer, programme) < before ? 0 : idle + 1
      progress.update(total - min(total, left(answer, programme)), note: "\(left(answer, programme)) records left")
    }
    progress.end()
    if let programme { answer.programmes.removeAll { $0.programme != programme } }
    try shell.answer(answer.bytes) { [answer] sheet in Rekey.fill(&sheet, answer) }
  }

  private func left(_ answer: RekeyAnswer, _ programme: String?) -> UInt64 {
    answer.programmes.filter { programme == nil || $0.programme == programme }.reduce(0) { $0 + $1.left }
  }

  @MainActor private static func fill(_ sheet: inout Sheet, _ answer: RekeyAnswer) {
    for row in answer.programmes {
      let words =
        row.left == 0 ? "all \(row.total) records under the newest keys" : "\(row.left) of \(row.total) records left"
      sheet.field(row.programme, words + (row.deep ? ", deep" : ""), tone: row.left == 0 ? .good : .careful)
      if row.waitsForSupervisor { sheet.field("", "Somebody was shut out; its supervisor has to log in.") }
    }
    if answer.left > 0 { sheet.line("It goes on while members have sessions open; status tells how much is left.") }
  }
}

struct Reassign: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put another account in charge of all records of one that leaves.",
    discussion: "Each record gets a new version. What was interrupted goes on when it is called again.")

  @Option(help: ArgumentHelp("Account that is in charge now.", valueName: "name"))
  var from: String

  @Option(help: ArgumentHelp("Account that takes over; it writes in the programme already.", valueName: "name"))
  var to: String

  @Option(help: ArgumentHelp("Only this programme.", valueName: "id"))
  var programme: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let from = try AccountName(from).description
    let to = try AccountName(to).description
    let programme = try programme.map { try ProgrammeID($0).description }
    try await shell.openSession()
    var all = ReassignmentAnswer(moved: [], left: 0, refused: 0)
    var progress: Progress?
    defer { progress?.end() }
    repeat {
      let step = try await shell.client.reassign(from: from, to: to, programme: programme)
      if progress == nil {
        progress = Progress(
          "Handing over", total: step.left + UInt64(step.moved.count), isOn: !shell.given.json)
      }
      all.moved += step.moved
      all.left = step.left
      all.refused = step.refused
      progress?.update(UInt64(all.moved.count), note: "\(step.left) records left")
      if step.moved.isEmpty { break }
    } while all.left > 0
    progress?.end()
    try shell.answer(all.bytes) { [all] sheet in
      sheet.line("\(to) is in charge of \(all.moved.count) records that were \(from)'s.")
      if all.left > 0 {
        sheet.field("Left", "\(all.left) records", tone: .careful)
        if all.refused > 0 { sheet.field("", "\(all.refused) of them could not be changed: open one to see why.") }
      }
    }
  }
}
