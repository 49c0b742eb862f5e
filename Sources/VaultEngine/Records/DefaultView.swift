import VaultCrypto
import VaultModel

/// What is shown of a record before anybody asks for more: how to reach the survivor safely, and the case in short. A
/// role that reads neither sees whom the record is about.
enum DefaultView {
  static func sections(_ mayRead: (Section) -> Bool) -> [Section] {
    let usual = [Section.contact, .case].filter(mayRead)
    return usual.isEmpty && mayRead(.identity) ? [.identity] : usual
  }

  private static let fields: [Section: Set<String>] = [
    .identity: ["vault_Names", "prs_FirstName", "prs_MiddleName", "prs_SecondName", "prs_Birthdate"],
    .contact: ["vault_ContactMethods", "vault_ContactInstructions"],
    .case: ["cas_Status", "cas_CaseOwner", "vault_Owner", "vault_Team", "vault_Risk", "vault_Summary"],
  ]

  /// Leaves the rest out of a section's JSON, and nothing of it in memory.
  static func reduce(_ json: inout [UInt8], _ section: Section) throws(VaultError) {
    let whole = try Vault.object(json)
    wipe(&json)
    let kept = fields[section] ?? []
    json = JSONValue.object(whole.filter { kept.contains($0.key) }).canonicalBytes()
  }
}
