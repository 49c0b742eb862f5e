import VaultModel

@testable import VaultEngine

/// Records of invented people, in several scripts.
enum Caseload {
  static let shirin = #"""
    {"sections": {
      "identity": {"vault_Names": [
          {"text": "শিরিন আক্তার", "script": "Beng", "latin": "Shirin Akter", "kind": "legal"},
          {"text": "Tara", "script": "Latn", "kind": "imposed", "use": "never-aloud"}],
        "prs_Birthdate": "1999-05"},
      "contact": {"vault_ContactInstructions": "Call after school hours only",
        "vault_SafeAddress": "Shelter house, Mirpur 12",
        "vault_ContactMethods": [{"kind": "mobile", "value": "+880 1700 000123", "safe": "no", "codeWord": "mango"}]},
      "case": {"vault_Risk": "medium", "vault_Team": "East", "vault_Summary": "Waits for a hearing."},
      "exploitation": {"vault_Narrative": "She was promised work in a garment factory."},
      "health": {"vault_Allergies": "penicillin"},
      "legal": {"vault_PoliceReference": "GD 114, Pallabi"},
      "consent": {"vault_Consents": [{"purpose": "casework", "given": "yes", "date": "2026-02"}]}}}
    """#

  static let lakshmi = #"""
    {"sections": {
      "identity": {"vault_Names": [{"text": "लक्ष्मी देवी", "script": "Deva", "kind": "legal"}],
        "prs_Birthdate": "2001"},
      "contact": {"vault_ContactMethods": [{"kind": "phone", "value": "+91 98300 00456", "safe": "yes"}]},
      "case": {"vault_Summary": "Returned home in January."},
      "health": {"vault_Medication": "iron"},
      "legal": {"vault_CourtReference": "C-77"}}}
    """#

  static let stefanescu = #"""
    {"sections": {
      "identity": {"prs_FirstName": "Ioana", "prs_SecondName": "Ștefănescu", "prs_Birthdate": "1988-11-03"},
      "contact": {"prs_MobilePhone": "+40 700 000 789"},
      "case": {"vault_Summary": "Asked for a new safe house."}}}
    """#

  static let divya = #"""
    {"sections": {
      "identity": {"vault_Names": [{"text": "দিব্যা", "script": "Beng"}]},
      "exploitation": {"vault_Narrative": "Brick kiln, two seasons."}}}
    """#
}

extension Vault.OpenedRecord {
  /// Every section's JSON, one a line.
  var text: String { sections.map { String(decoding: $0.json, as: UTF8.self) }.joined(separator: "\n") }
}
