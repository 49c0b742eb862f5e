import Testing

@testable import VaultModel

@Suite struct ImportSpellingTests {
  private let forms = FormSet.builtIn

  private static let headings: [(String, String?)] = [
    ("prs_FirstName", "prs_FirstName"), ("prs_First_Name", "prs_FirstName"), ("PRS_FIRSTNAME", "prs_FirstName"),
    ("prs First Name", "prs_FirstName"), ("First Name", "prs_FirstName"), ("first_name", "prs_FirstName"),
    ("vic_Methods_of_Control", "vic_MethodsOfControl"), ("Methods of control", "vic_MethodsOfControl"),
    ("vic_TraffickinStatusDecisionMakingOrg", "vic_TraffickingStatusDecisionMakingOrg"),
    ("vic_Traffickin_Status_Decision_Making_Org", "vic_TraffickingStatusDecisionMakingOrg"),
    ("Mailing Zip/Postal Code", "prs_MailingPostalCode"), ("Status", "cas_Status"), ("Title", "prs_Title"),
    ("Second Name", "prs_SecondName"), ("vault_safe_address", "vault_SafeAddress"), ("prs_Title", "prs_Title"),
    ("Type", nil), ("Longitude", nil), ("Latitude", nil), ("", nil), ("_", nil), ("Nickname", nil), ("org_Name", nil),
    ("প্রথম নাম", nil), (String(repeating: "prs_FirstName", count: 50), nil),
  ]

  @Test(arguments: headings)
  func `column headings find their field`(_ heading: String, _ key: String?) {
    #expect(forms.canonicalKey(for: heading) == key)
  }

  @Test func `every key and every spelling with underscores finds itself`() {
    for field in forms.forms.flatMap(\.fields) {
      #expect(forms.canonicalKey(for: field.key) == field.key)
      let spaced = String(field.key.flatMap { $0.isUppercase ? ["_", $0] : [$0] })
      #expect(forms.canonicalKey(for: spaced) == field.key)
    }
  }

  private static let cells: [(String, String, JSONValue?)] = [
    ("prs_FirstName", "  শিরিন ", "শিরিন"), ("prs_FirstName", " \u{A0}\t", nil),
    ("vic_TypeOfExploitation", "Forced labour; Sexual exploitation;", ["ForcedLabour", "SexualExploitation"]),
    ("vic_TypeOfExploitation", "ForcedLabour;forced LABOUR", ["ForcedLabour"]), ("vic_TypeOfExploitation", "", nil),
    (
      "vic_ForcedLabourIndustry", "Water supply; sewerage, waste management and remediation",
      "E_WaterSupplySewerageWasteManagement"
    ),
    ("prs_Gender", "Not Specified/Unknown", "NonSpecifiedUnknown"), ("prs_Gender", "feminine", "Feminine"),
    ("prs_HighestLevelOfEducation", "Bachelor's or equivalent level", "BachelorsOrEquivalentLevel"),
    ("prs_Citizenship", "Bangladesh;RO", ["BD", "RO"]), ("prs_Citizenship", "Côte d’Ivoire", ["CI"]),
    ("prs_NumberOfChildren", "3", 3), ("prs_NumberOfChildren", "3.0", 3), ("hte_Latitude", "-1.5", -1.5),
    ("con_Consent", "Yes", true), ("con_Consent", "x", true), ("con_Consent", "0", false),
    ("con_Consent", "FALSE", false),
    ("prs_Birthdate", " 1999-05 ", "1999-05"), ("hte_Country", "India", "India"),
  ]

  @Test(arguments: cells)
  func `cells become answers`(_ key: String, _ cell: String, _ expected: JSONValue?) throws {
    let field = try #require(forms.field(key))
    #expect(try forms.answer(from: cell, for: field) == expected)
  }

  private static let badCells: [(String, String, FieldFault.Rule)] = [
    ("vic_ForcedLabourIndustry", "Construction;Education", .single), ("prs_Gender", "Feminine;Masculine", .single),
    ("prs_Gender", "PLANTED", .unknownCode), ("vic_TypeOfExploitation", "Forced labour;PLANTED", .unknownCode),
    ("vic_TypeOfExploitation", ";", .unknownCode), ("vic_TypeOfExploitation", "Forced labour, Servitude", .unknownCode),
    ("prs_Birthdate", "17/05/1999", .badDate), ("prs_Birthdate", "PLANTED", .badDate),
    ("prs_NumberOfChildren", "PLANTED", .wrongType), ("prs_NumberOfChildren", "3,5", .wrongType),
    ("prs_NumberOfChildren", "1.5", .notWhole), ("prs_NumberOfChildren", "99", .outOfRange),
    ("con_Consent", "perhaps PLANTED", .wrongType), ("vault_Names", "PLANTED", .notAllowed),
    ("vault_Consents", "[]", .notAllowed), ("vault_ContactMethods", "PLANTED", .notAllowed),
    ("vault_AllegedPerpetrators", "PLANTED", .notAllowed), ("prs_FirstName", "a\nPLANTED", .badCharacter),
    ("prs_FirstName", String(repeating: "PLANTED", count: 40), .tooLong),
    ("vault_Notes", String(repeating: "PLANTED", count: 20_000), .tooLong),
  ]

  @Test(arguments: badCells)
  func `bad cells get the fault that storing them would meet`(_ key: String, _ cell: String, _ rule: FieldFault.Rule)
    throws
  {
    let field = try #require(forms.field(key))
    do throws(FieldFault) {
      _ = try forms.answer(from: cell, for: field)
      Issue.record("accepted")
    } catch {
      #expect(error.rule == rule && error.field.hasPrefix(key) && error.section == field.section)
      #expect(!error.description.contains("PLANTED"))
    }
  }
}
