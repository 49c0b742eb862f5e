import ArgumentParser
import VaultAPI

struct Status: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Whether the vault is open, and how far its log has grown. Needs no session; says in one what waits for you.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let status = try await shell.client.status()
    let waiting = status.state == .open && !shell.given.json ? await requestsWaiting(in: shell) : 0
    try shell.answer(status.bytes) { sheet in
      if status.isDemo { sheet.line(sheet.style(.notice, DemoBanner.text)) }
      let isOpen = status.state == .open
      sheet.field("State", status.state.rawValue, tone: isOpen ? .good : .careful)
      switch status.state {
      case .open: break
      case .founding: sheet.field("", "The supervisor and the auditor still have to enrol, each with their code.")
      case .restored: sheet.field("", "Restored from a backup; a supervisor and an auditor have to accept it.")
      }
      sheet.field("Vault", status.vault)
      sheet.field("Version", status.version)
      sheet.field("Storage", status.storage)
      sheet.field("Last backup", status.lastBackup ?? "none yet", tone: status.lastBackup == nil ? .careful : nil)
      sheet.field("Last drill", status.lastDrill ?? "none yet", tone: status.lastDrill == nil ? .careful : nil)
      if let recovered = status.lastRecovery {
        sheet.field("Recovered", "\(recovered): access was rebuilt from recovery shares", tone: .careful)
      }
      if !status.hasEscrow {
        sheet.field(
          "Recovery", "no shares: a lost root key or lost passphrases lose what they opened", tone: .careful)
      }
      sheet.field("Space", Status.words(status.space), tone: status.space.state == .ok ? nil : .careful)
      if status.anchor != .ok { sheet.field("Anchor", Status.words(status.anchor), tone: .careful) }
      if let words = Status.words(status.journal) { sheet.field("Journal", words, tone: .careful) }
      if status.rekeyLeft > 0 {
        sheet.field("Re-key", "\(status.rekeyLeft) records still under older keys", tone: .careful)
      }
      if status.emergenciesActive > 0 {
        sheet.field(
          "BREAK-GLASS",
          "\(status.emergenciesActive) record\(status.emergenciesActive == 1 ? " is" : "s are") open for an emergency now",
          tone: .danger)
      }
      if status.emergenciesToReview > 0 {
        sheet.field(
          "To review",
          "\(status.emergenciesToReview) emergenc\(status.emergenciesToReview == 1 ? "y" : "ies"): an auditor's `log break-glass` lists them",
          tone: .careful)
      }
      WaitingRequests.fill(&sheet, waiting)
      sheet.field("Access log", "\(status.logSize) entries, root \(status.logRoot)")
      let reviewed = status.logReviewed
      sheet.field(
        "Signed off", reviewed == 0 ? "nothing yet" : "\(min(reviewed, status.logSize)) of \(status.logSize) entries")
    }
  }

  /// The vault's status is for everybody and knows no caller; whoever is logged in and may decide asks for the list.
  private func requestsWaiting(in shell: Shell) async -> UInt64 {
    guard let session = try? await shell.keptSession(), [.supervisor, .auditor].contains(session.role),
      let rows = try? await shell.client.requests()
    else { return 0 }
    return UInt64(rows.count { $0.waitsForYou })
  }

  private static func words(_ space: StatusAnswer.Space) -> String {
    let sizes = "\(space.free >> 20) MiB free, \(space.reserve >> 20) MiB kept back for the access log"
    return switch space.state {
    case .ok: sizes
    case .low: "\(sizes): nearly full, so records are no longer written; reading goes on"
    case .full: "\(sizes): full, so nothing can be logged and nothing is read"
    }
  }

  private static func words(_ journal: StatusAnswer.Journal) -> String? {
    switch journal {
    case .ok: nil
    case .off: "none is kept: a restore could not repeat what was suspended, revoked or erased since the backup"
    case .failing: "it cannot be written: a restore would not repeat what is suspended, revoked or erased now"
    case .foreign: "the file is not the one that this vault wrote, or lines of it are gone"
    }
  }

  private static func words(_ anchor: StatusAnswer.Anchor) -> String {
    switch anchor {
    case .ok: "in place"
    case .wasMissing: "there was none when the daemon started: an earlier rollback would not have shown"
    case .failing: "it cannot be written: a rollback of this host would not show at the next start"
    }
  }
}
