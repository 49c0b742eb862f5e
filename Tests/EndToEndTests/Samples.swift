/// Invented records in several scripts, and what is planted in them to be looked for on the disk.
enum Samples {
  static let shirin = """
    {"identity": {"prs_FirstName": "Zephyrine", "prs_Birthdate": "2001-05", "vault_Names": [
        {"text": "শিরিন মাহজাবিন", "script": "Beng", "kind": "legal", "use": "always"}]},
     "contact": {"vault_ContactMethods": [
        {"kind": "mobile", "value": "+880 0000 771204", "safe": "yes", "days": ["sat"], "from": "10:00", "to": "12:00",
         "timeZone": "Asia/Dhaka", "voicemail": "no", "sayCallerIs": "the sewing course", "codeWord": "quillwort"},
        {"kind": "mobile", "value": "+44 7700 900417", "safe": "unknown"}]},
     "case": {"cas_Status": "Active", "vault_Summary": "Came with her sister on the nightboat."},
     "exploitation": {"vault_Narrative": "Kept in a house beside the brickworks of Ashvale."},
     "health": {"vault_HealthNeeds": "Tuberculosis, under treatment."},
     "legal": {"vault_PoliceReference": "OP-HAWTHORN-5521"}}
    """

  static let divya = """
    {"identity": {"prs_Birthdate": "1999", "vault_Names": [
        {"text": "दिव्या राणा", "script": "Deva", "kind": "legal", "use": "always"}]},
     "contact": {"vault_ContactMethods": [{"kind": "mobile", "value": "+91 00000 62931", "safe": "no"}]}}
    """

  static let stefanescu = """
    {"identity": {"vault_Names": [
        {"text": "Ileana Ștefănescu", "script": "Latn", "kind": "document", "use": "always"}]}}
    """

  /// What must stand nowhere in readable form: names, numbers, places, codes, the purpose in somebody's own words.
  static let planted = [
    "Zephyrine", "শিরিন", "মাহজাবিন", "दिव्या", "Ștefănescu", "Ileana", "771204", "+880 0000", "900417", "62931",
    "quillwort", "the sewing course", "nightboat", "brickworks of Ashvale", "Tuberculosis", "OP-HAWTHORN-5521",
  ]
}
