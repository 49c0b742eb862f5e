import ArgumentParser
import VaultAPI

struct Status: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Whether the vault is open, and how far its log has grown. Needs no session.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let status = try await shell.client.status()
    try shell.answer(status.bytes) { sheet in
      if status.isDemo { sheet.line(sheet.style(.notice, DemoBanner.text)) }
      let isOpen = status.state == .open
      sheet.field("State", status.state.rawValue, tone: isOpen ? .good : .careful)
      if !isOpen { sheet.field("", "The supervisor and the auditor still have to enrol.") }
      sheet.field("Vault", status.vault)
      sheet.field("Version", status.version)
      sheet.field("Storage", status.storage)
      sheet.field("Last backup", status.lastBackup ?? "none yet", tone: status.lastBackup == nil ? .careful : nil)
      sheet.field("Last drill", status.lastDrill ?? "none yet", tone: status.lastDrill == nil ? .careful : nil)
      sheet.field("Access log", "\(status.logSize) entries, root \(status.logRoot)")
      let reviewed = status.logReviewed
      sheet.field(
        "Signed off", reviewed == 0 ? "nothing yet" : "\(min(reviewed, status.logSize)) of \(status.logSize) entries")
    }
  }
}
