import AccessLog
import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct LogSignoff: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "signoff",
    abstract: "Sign that you have reviewed the log up to here.",
    discussion: """
      Your own key cosigns the checkpoint that you reviewed (C2SP cosignature/v1). Keep the signed note off the vault's \
      computer: with it anybody can show later whether the log still begins as you saw it.
      """)

  @Option(help: ArgumentHelp("Index of the last entry that you reviewed. Default: the newest.", valueName: "index"))
  var upto: UInt64?

  @Option(help: ArgumentHelp("What you have to say about it. `-` asks, or reads standard input.", valueName: "text"))
  var note: String?

  @Option(help: ArgumentHelp("Where to write the signed note; must not exist.", valueName: "file"), completion: .file())
  var to: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let log = try await KnownVaults.proven(in: shell)
    // What is signed is what was verified here, not what came in since.
    let last = upto ?? log.checkpoint.size &- 1
    guard last < log.checkpoint.size else {
      throw Failure(
        .notFound, "The log has no such entry: it has \(LogFailure.count(log.checkpoint.size)), counted from 0.",
        hint: "`vaultsh log` lists entries with their indexes.", field: "upto")
    }
    let reviewed = try await shell.client.status().logReviewed
    let remark = try words(reviewed: reviewed, last: last, shell)
    let row = try await shell.client.signOff(upto: last, note: remark)
    let signed = try await SignedOff.verified(row, in: log, with: shell.client)
    guard signed.checkpoint.size == last + 1 else {
      throw LogFailure.notSigned("The sign-off that the vault answered with")
    }
    if let to { try OutputFile.writeNew(Array(row.note.utf8), to: to) }
    try shell.answer(document(row)) { sheet in
      sheet.line(
        sheet.style(.good, "Signed off: ")
          + "\(LogFailure.count(row.size)) of the log, as \(Printable.line(row.account)).")
      sheet.field("Root", row.root)
      sheet.field("Your key", row.key)
      if let to {
        sheet.field("Signed note", Printable.line(to))
      } else {
        sheet.heading("The signed note, to keep off the vault's computer")
        for line in Printable.lines(row.note) { sheet.line(line) }
      }
    }
  }

  /// Shows what is going to be signed, and asks, where there is somebody to ask.
  @MainActor private func words(reviewed: UInt64, last: UInt64, _ shell: Shell) throws -> String {
    let isAsking = Terminal.isInteractive && !shell.given.json
    if isAsking {
      let count = last + 1 > reviewed ? last + 1 - reviewed : 0
      Terminal.write(
        "You sign that you have reviewed the log up to entry \(last): \(LogFailure.count(count)) more than were signed off before.\n"
      )
    }
    let remark: String
    if note == "-" {
      remark =
        isAsking
        ? try Question.line("What do you have to say about it? ", idleSeconds: shell.prompt?.idleSeconds)
        : try InputText.line(byteCountMax: WireLimit.textByteCountMax)
    } else {
      remark = note ?? ""
    }
    if isAsking {
      let answer = try Question.line("Sign? [y/N] ", idleSeconds: shell.prompt?.idleSeconds)
      guard ["y", "yes"].contains(answer.lowercased()) else {
        throw Failure(
          .conflict, "Nothing was signed.", hint: "`vaultsh log --since TIME` shows what is still to review.")
      }
    }
    return remark
  }

  private func document(_ row: SignOffRow) -> [UInt8] {
    var json = JSONText(capacity: 1024)
    json.object { (json: inout JSONText) in
      json.member("size", row.size)
      json.member("root", row.root)
      json.member("ok", true)
      json.member("account", row.account)
      json.member("time", row.time)
      json.member("remark", orNull: row.remark)
      json.member("note", row.note)
      json.member("key", row.key)
    }
    return json.bytes
  }
}

struct LogSignoffs: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "signoffs", abstract: "Who has signed off the log, how far, and what they said.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let log = try await KnownVaults.proven(in: shell)
    let answer = try await shell.client.signOffs()
    for row in answer.signoffs { _ = try await SignedOff.verified(row, in: log, with: shell.client) }
    try shell.answer(answer.bytes) { sheet in
      guard let newest = answer.signoffs.map(\.size).max() else {
        return sheet.line("Nobody has signed off yet: \(LogFailure.count(answer.size)) are to be reviewed.")
      }
      var table = Table([
        .init("ENTRIES"), .init("TIME"), .init("ACCOUNT", isFlexible: true), .init("REMARK", isFlexible: true),
      ])
      for row in answer.signoffs {
        table.row([
          .init(String(row.size)), .init(LocalTime.text(row.time)), .init(row.account, .bold), .init(row.remark ?? ""),
        ])
      }
      sheet.table(table)
      sheet.line()
      sheet.line(
        sheet.style(.good, "Each signature is genuine, and the log still begins as it was signed. ")
          + "\(LogFailure.count(answer.size > newest ? answer.size - newest : 0)) since the last one.")
    }
  }
}
