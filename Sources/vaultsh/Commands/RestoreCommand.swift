import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "See and accept that the vault was restored from a backup.",
    subcommands: [RestoreShow.self, RestoreAccept.self], defaultSubcommand: RestoreShow.self)
}

struct RestoreShow: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "What a restore kept and lost, and who has accepted it.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSessionBeforeAcceptance()
    let answer = try await shell.client.restoration()
    try shell.answer(answer.bytes) { sheet in RestorationSheet.fill(&sheet, answer) }
  }
}

struct RestoreAccept: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "Sign that the restored backup is the vault from now on.",
    discussion: """
      A supervisor and an auditor sign, each from their own terminal. Only then are records served, and every program that \
      remembers the log before follows the two signatures. Compare the digest with each other before you sign.
      """)

  @Option(help: ArgumentHelp("Sign only if it is this restore.", valueName: "hex")) var digest: String?
  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSessionBeforeAcceptance()
    let shown = try await shell.client.restoration()
    if let digest, digest != shown.digest {
      throw Failure(
        .conflict, "Another restore waits to be accepted than the one you named.",
        hint: "Look at it with `vaultsh restore show`, and ask who restored the vault.", field: "--digest")
    }
    if Terminal.isInteractive, !shell.given.json, digest == nil {
      var sheet = Sheet()
      RestorationSheet.fill(&sheet, shown)
      Terminal.write(sheet.text)
      let answer = try Question.line("Sign? [y/N] ", idleSeconds: shell.prompt?.idleSeconds)
      guard ["y", "yes"].contains(answer.lowercased()) else {
        throw Failure(.conflict, "Nothing was signed.", hint: "Until two people have signed, no record is served.")
      }
    }
    let answer = try await shell.client.acceptRestore(digest: shown.digest)
    try shell.answer(answer.bytes) { sheet in
      guard answer.state == .pending else {
        sheet.line(sheet.style(.good, "The restore is accepted, and the vault is open."))
        return
      }
      sheet.line(sheet.style(.careful, "You have signed. Somebody of the other role has to as well:"))
      sheet.line()
      RequestSheet.fill(&sheet, answer)
      sheet.line()
      sheet.line("They see it with `vaultsh requests`, and type: vaultsh approve \(answer.request)")
    }
  }
}

@MainActor private enum RestorationSheet {
  static func fill(_ sheet: inout Sheet, _ answer: RestorationAnswer) {
    sheet.field("Restored", LocalTime.text(answer.time))
    sheet.field("Digest", answer.digest)
    sheet.field("Backup", "sha256 \(answer.backup)")
    sheet.field("Kept", "\(answer.kept.size) entries of \(Printable.line(answer.kept.log))")
    if let newest = answer.newest {
      sheet.field(
        "Lost",
        "that log is known to have had \(newest.size) entries"
          + (newest.log == answer.kept.log && newest.size > answer.kept.size
            ? ": entries \(answer.kept.size) to \(newest.size - 1) are gone, and what they tell of"
            : " as \(newest.log)"),
        tone: .careful)
    } else {
      sheet.field("Lost", "nothing is known of what came after", tone: .careful)
    }
    sheet.field(
      "Journal",
      answer.hasJournal
        ? (answer.hasGap ? "replayed, but there is a stretch that it knows nothing of" : "replayed")
        : "none: suspensions, revocations and erasures since the backup were NOT carried forward",
      tone: answer.hasJournal && !answer.hasGap ? nil : .careful)
    if answer.hasJournal {
      sheet.field(
        "",
        answer.journalSize == 0
          ? "no line of it is newer than the backup: of what came after that it says nothing"
          : "its newest line is from when log \(answer.journalLog) had \(answer.journalSize) entries: of what came after that it says nothing",
        tone: .careful)
    }
    sheet.field(
      "Repeated", "\(answer.suspended) suspensions, \(answer.revoked) revocations, \(answer.erased) erasures")
    if answer.recovered > 0 {
      sheet.field(
        "Undone", "recovery shares were used since the backup: whoever was shut out then is in again", tone: .careful)
      sheet.field("", "the shares from before count again, not the newer ones", tone: .careful)
    }
    if !answer.excluded.isEmpty {
      sheet.field("Kept out", answer.excluded.map { Printable.line($0) }.joined(separator: "; "), tone: .careful)
      sheet.field("", "until their supervisor revokes them again, which makes new keys")
    }
    sheet.field("Signed", answer.signed.isEmpty ? "nobody yet" : answer.signed.joined(separator: ", "))
  }
}
