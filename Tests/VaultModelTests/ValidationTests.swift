import Testing

@testable import VaultModel

@Suite struct ValidationTests {
  private let forms = FormSet.builtIn

  /// What must never stand in a fault.
  private static let planted = "PLANTED"

  private static func text(_ count: Int, of unit: String = "x") -> JSONValue {
    .string(String(repeating: unit, count: count))
  }

  private static let accepted: [(Section, [String: JSONValue])] = [
    (.identity, [:]),
    (.identity, ["prs_FirstName": "Ștefania", "prs_SecondName": "Ionescu", "prs_Birthdate": "1999-05"]),
    (.identity, ["prs_FirstName": "", "prs_Deceased": false, "prs_NumberOfChildren": 0]),
    (.identity, ["prs_FirstName": text(255, of: "শ"), "prs_Gender": "Feminine", "prs_Citizenship": ["BD", "RO"]]),
    (.identity, ["prs_NumberOfChildren": 50, "prs_Citizenship": []]),
    (
      .identity,
      [
        "vault_Names": [
          ["text": "শিরিন", "script": "Beng", "latin": "Shirin", "kind": "chosen", "use": "always"],
          ["text": "दिव्या", "script": "Deva", "kind": "imposed", "use": "never-aloud"], ["text": "Mara"],
        ]
      ]
    ),
    (
      .contact,
      [
        "vault_ContactMethods": [
          [
            "kind": "mobile", "value": "+880 1711 000000", "safe": "unknown", "days": ["mon", "tue"], "from": "09:30",
            "to": "23:59", "timeZone": "Asia/Dhaka", "voicemail": "no", "sayCallerIs": "the clinic",
            "codeWord": "mango",
            "whoMayAnswer": "her aunt", "confirmedAt": "2026-03",
          ]
        ], "vault_SafeAddress": "House 3\nLane 4", "vault_ContactInstructions": "Only after noon.\tNever on Friday.",
        "prs_MailingLongitude": -180, "prs_MailingLatitude": 89.999, "prs_MailingCountry": "somewhere in the delta",
      ]
    ),
    (
      .case,
      ["cas_Status": "Active", "vault_Risk": "immediate", "vault_Summary": text(500), "vault_Notes": text(20_000)]
    ),
    (.case, ["cco_CaseComment": "first\r\nsecond", "spl_Type": "Legal", "spl_PlannedEndDate": "2100"]),
    (
      .exploitation,
      [
        "vic_MethodsOfControl": ["DebtBondage", "Other"], "vic_ForcedLabourIndustry": "F_Construction",
        "hte_Date": "2019",
      ]
    ),
    (
      .health,
      ["vault_Pregnancy": "unknown", "vault_Allergies": "penicillin", "vault_HealthNotes": text(20_000, of: "ক")]
    ),
    (.legal, ["vault_AllegedPerpetrators": [["name": "a driver", "relationship": "recruiter", "note": "seen twice"]]]),
    (.legal, ["per_RoleInProcess": ["Smuggler"], "vault_CourtDate": "2026-02-28"]),
    (
      .consent,
      [
        "con_Consent": true,
        "vault_Consents": [
          ["purpose": "police", "given": "no", "date": "2025", "how": "interpreter", "note": "asked again later"],
          ["purpose": "a photograph for the file", "given": "withdrawn"],
        ],
      ]
    ),
  ]

  @Test(arguments: accepted)
  func `good answers are accepted`(_ section: Section, _ values: [String: JSONValue]) {
    #expect(forms.validate(section: section, values: values) == [])
  }

  private typealias Refused = (Section, String, JSONValue, FieldFault.Rule, String)

  /// Section, field, answer, the rule it breaks and the path that the fault names.
  private static let refused: [Refused] = [
    (.identity, "prs_Nickname", "PLANTED", .unknownField, "prs_Nickname"),
    (.identity, "cas_Status", "Active", .unknownField, "cas_Status"),
    (.case, "prs_FirstName", "PLANTED", .unknownField, "prs_FirstName"),
    (.identity, "org_Name", "PLANTED", .unknownField, "org_Name"),
    (.identity, "prs_firstname", "PLANTED", .unknownField, "prs_firstname"),
    (.identity, "PLANTED name", 1, .unknownField, "?"), (.identity, "", 1, .unknownField, "?"),
    (.identity, "শিরিন PLANTED", 1, .unknownField, "?"), (.identity, "a\u{1B}[2J", 1, .unknownField, "?"),
    (.identity, "vault_Names", [["text": "a", "nick": "PLANTED"]], .unknownField, "vault_Names[0].nick"),
    (.identity, "vault_Names", [["text": "a", "PLANTED!": 1]], .unknownField, "vault_Names[0].?"),

    (.identity, "prs_FirstName", 7, .wrongType, "prs_FirstName"),
    (.identity, "prs_FirstName", .null, .wrongType, "prs_FirstName"),
    (.identity, "prs_FirstName", ["PLANTED"], .wrongType, "prs_FirstName"),
    (.identity, "prs_Deceased", "true", .wrongType, "prs_Deceased"),
    (.identity, "prs_Deceased", 1, .wrongType, "prs_Deceased"),
    (.identity, "prs_NumberOfChildren", "2", .wrongType, "prs_NumberOfChildren"),
    (.identity, "prs_Birthdate", 1999, .wrongType, "prs_Birthdate"),
    (.identity, "prs_Citizenship", "BD", .wrongType, "prs_Citizenship"),
    (.identity, "prs_Citizenship", [1], .wrongType, "prs_Citizenship[0]"),
    (.identity, "vault_Names", "PLANTED", .wrongType, "vault_Names"),
    (.identity, "vault_Names", ["text": "PLANTED"], .wrongType, "vault_Names"),
    (.identity, "vault_Names", [["text": "a"], "PLANTED"], .wrongType, "vault_Names[1]"),
    (.case, "vault_Notes", [:], .wrongType, "vault_Notes"),

    (.exploitation, "vic_ForcedLabourIndustry", ["F_Construction"], .single, "vic_ForcedLabourIndustry"),
    (
      .exploitation, "vic_ForcedLabourIndustry", ["F_Construction", "P_Education"], .single, "vic_ForcedLabourIndustry"
    ),
    (.identity, "prs_Gender", [], .single, "prs_Gender"), (.case, "vault_Risk", ["PLANTED"], .single, "vault_Risk"),

    (.identity, "prs_Gender", "PLANTED", .unknownCode, "prs_Gender"),
    (.identity, "prs_Gender", "", .unknownCode, "prs_Gender"),
    (.identity, "prs_Gender", "feminine", .unknownCode, "prs_Gender"),
    (.identity, "prs_Citizenship", ["BD", "Bangladesh"], .unknownCode, "prs_Citizenship[1]"),
    (
      .identity, "vault_Names", [["text": "a"], ["text": "b"], ["text": "c", "script": "PLANTED"]], .unknownCode,
      "vault_Names[2].script"
    ),
    (.case, "cas_Status", "PossibleVictimOfTrafficking", .unknownCode, "cas_Status"),

    (.identity, "prs_Citizenship", ["BD", "BD"], .repeated, "prs_Citizenship[1]"),
    (.exploitation, "vic_Vulnerabilities", ["Poverty", "Migration", "Poverty"], .repeated, "vic_Vulnerabilities[2]"),
    (.legal, "per_RoleInProcess", ["Abuser", "Abuser"], .repeated, "per_RoleInProcess[1]"),
    (
      .contact, "vault_ContactMethods", [["kind": "post", "value": "a", "days": ["mon", "mon"]]], .repeated,
      "vault_ContactMethods[0].days[1]"
    ),

    (.identity, "prs_FirstName", text(256), .tooLong, "prs_FirstName"),
    (.identity, "prs_FirstName", text(256, of: "শ"), .tooLong, "prs_FirstName"),
    (.case, "vault_Summary", text(501), .tooLong, "vault_Summary"),
    (.case, "vault_Notes", text(20_001), .tooLong, "vault_Notes"),
    (.consent, "vault_Consents", [["purpose": text(256), "given": "yes"]], .tooLong, "vault_Consents[0].purpose"),

    (.identity, "vault_Names", .array(Array(repeating: ["text": "a"], count: 21)), .tooMany, "vault_Names"),
    (
      .legal, "vault_AllegedPerpetrators", .array(Array(repeating: [:], count: 51)), .tooMany,
      "vault_AllegedPerpetrators"
    ),
    (.consent, "vault_Consents", .array(Array(repeating: "PLANTED", count: 51)), .tooMany, "vault_Consents"),
    (.identity, "prs_Citizenship", .array(Array(repeating: "PLANTED", count: 51)), .tooMany, "prs_Citizenship"),

    (.case, "vault_Notes", text(FieldBounds.sectionByteCountMax), .tooLarge, ""),
    (.identity, "prs_FirstName", text(87_400, of: "শ"), .tooLarge, ""),
    (.health, "PLANTED", text(FieldBounds.sectionByteCountMax), .tooLarge, ""),
    (.legal, "vault_LegalNotes", text(50_000, of: "\u{1}"), .tooLarge, ""),

    (.identity, "prs_NumberOfChildren", -1, .outOfRange, "prs_NumberOfChildren"),
    (.identity, "prs_NumberOfChildren", 51, .outOfRange, "prs_NumberOfChildren"),
    (.exploitation, "vic_AgeWhenTrafficked", 121, .outOfRange, "vic_AgeWhenTrafficked"),
    (.exploitation, "hte_Latitude", 90.0001, .outOfRange, "hte_Latitude"),
    (.contact, "prs_MailingLongitude", -180.5, .outOfRange, "prs_MailingLongitude"),
    (.identity, "prs_NumberOfChildren", .integer(.max), .outOfRange, "prs_NumberOfChildren"),
    (.identity, "prs_NumberOfChildren", 1e300, .outOfRange, "prs_NumberOfChildren"),

    (.identity, "prs_NumberOfChildren", 1.5, .notWhole, "prs_NumberOfChildren"),
    (.identity, "prs_NumberOfChildren", 0.1, .notWhole, "prs_NumberOfChildren"),
    (.exploitation, "vic_AgeWhenTrafficked", 17.25, .notWhole, "vic_AgeWhenTrafficked"),
    (.exploitation, "vic_AgeWhenTrafficked", 0.5, .notWhole, "vic_AgeWhenTrafficked"),

    (.identity, "prs_Birthdate", "17/05/1999", .badDate, "prs_Birthdate"),
    (.identity, "prs_Birthdate", "PLANTED", .badDate, "prs_Birthdate"),
    (.identity, "prs_Birthdate", "1999-02-29", .badDate, "prs_Birthdate"),
    (.identity, "prs_Birthdate", "1899", .badDate, "prs_Birthdate"),
    (.identity, "prs_Birthdate", "", .badDate, "prs_Birthdate"),
    (.exploitation, "hte_Date", "1999-1", .badDate, "hte_Date"),
    (.identity, "prs_Birthdate", "2099-01", .badDate, "prs_Birthdate"),
    (.identity, "prs_Birthdate", "2100", .badDate, "prs_Birthdate"),
    (.contact, "vault_ContactMethods", method("confirmedAt", "2099"), .badDate, "vault_ContactMethods[0].confirmedAt"),

    (.contact, "vault_ContactMethods", method("from", "24:00"), .badTime, "vault_ContactMethods[0].from"),
    (.contact, "vault_ContactMethods", method("from", "9:30"), .badTime, "vault_ContactMethods[0].from"),
    (.contact, "vault_ContactMethods", method("to", "12:60"), .badTime, "vault_ContactMethods[0].to"),
    (.contact, "vault_ContactMethods", method("to", "PLANTED"), .badTime, "vault_ContactMethods[0].to"),

    (
      .contact, "vault_ContactMethods", method("timeZone", "Dhaka time"), .badTimeZone,
      "vault_ContactMethods[0].timeZone"
    ),
    (.contact, "vault_ContactMethods", method("timeZone", "/Dhaka"), .badTimeZone, "vault_ContactMethods[0].timeZone"),
    (
      .contact, "vault_ContactMethods", method("timeZone", "Asia/Daka"), .badTimeZone,
      "vault_ContactMethods[0].timeZone"
    ),
    (
      .contact, "vault_ContactMethods", method("timeZone", "../../etc/passwd"), .badTimeZone,
      "vault_ContactMethods[0].timeZone"
    ),
    (.contact, "vault_ContactMethods", method("timeZone", ""), .badTimeZone, "vault_ContactMethods[0].timeZone"),
    (
      .contact, "vault_ContactMethods", method("timeZone", "a/b/c/PLANTED"), .badTimeZone,
      "vault_ContactMethods[0].timeZone"
    ),

    (.identity, "prs_FirstName", "PLANTED\n", .badCharacter, "prs_FirstName"),
    (.identity, "prs_FirstName", "\u{1B}]0;PLANTED\u{7}", .badCharacter, "prs_FirstName"),
    (.identity, "prs_FirstName", "a\u{0}", .badCharacter, "prs_FirstName"),
    (.case, "vault_Notes", "PLANTED\u{1B}[8m", .badCharacter, "vault_Notes"),
    (.case, "vault_Notes", "\u{9B}2J", .badCharacter, "vault_Notes"),

    (.identity, "vault_Names", [["latin": "PLANTED"]], .required, "vault_Names[0].text"),
    (.identity, "vault_Names", [["text": " \u{3000}"]], .required, "vault_Names[0].text"),
    (.contact, "vault_ContactMethods", [["value": "PLANTED"]], .required, "vault_ContactMethods[0].kind"),
    (.consent, "vault_Consents", [["purpose": "police", "given": .null]], .required, "vault_Consents[0].given"),
  ]

  private static func method(_ key: String, _ value: JSONValue) -> JSONValue {
    .array([.object(["kind": "mobile", "value": "1", key: value])])
  }

  @Test func `each bad answer gets one fault that names section, field and rule`() {
    for (section, field, value, rule, path) in Self.refused {
      let faults = forms.validate(section: section, values: [field: value])
      #expect(faults.map(\.rule) == [rule] && faults.map(\.field) == [path], "\(section) \(path) \(rule)")
      #expect(faults.allSatisfy { $0.section == section })
    }
  }

  @Test func `every rule of validation is tried at least four times`() {
    let counts = Dictionary(grouping: Self.refused, by: \.3).mapValues(\.count)
    for rule in FieldFault.Rule.allCases where rule != .notAllowed {
      #expect((counts[rule] ?? 0) >= 4, "\(rule)")
    }
  }

  @Test func `P10 a fault never repeats what was written`() {
    for (section, field, value, _, _) in Self.refused where field != "PLANTED" {
      for fault in forms.validate(section: section, values: [field: value]) {
        #expect(!fault.description.contains(Self.planted) && !"\(dumped(fault))".contains(Self.planted))
      }
    }
    for field in forms.forms.flatMap(\.fields) {
      for value in [
        "PLANTED\u{1}", ["PLANTED"], [["PLANTED": "PLANTED"]], ["text": "PLANTED"],
        .string(String(repeating: "PLANTED", count: 9_000)),
      ] as [JSONValue] {
        for fault in forms.validate(section: field.section, values: [field.key: value]) {
          // A key that looks like one is named, and nothing else of the answer is.
          let rest = fault.field.replacing("[0].PLANTED", with: "") + fault.detail
          #expect(!rest.contains(Self.planted), "\(field.key)")
        }
      }
    }
  }

  private func dumped(_ fault: FieldFault) -> String {
    var text = ""
    dump(fault, to: &text)
    return text
  }

  @Test func `a misspelled key is answered with the right one`() {
    let fault = forms.validate(section: .case, values: ["prs_First_Name": "PLANTED"]).first
    #expect(fault?.rule == .unknownField && fault?.detail.contains("prs_FirstName") == true)
    #expect(fault?.detail.contains("identity") == true)
  }

  @Test func `faults are bounded in number`() {
    let values = Dictionary(uniqueKeysWithValues: (0..<2_000).map { ("prs_x\($0)", JSONValue.null) })
    #expect(forms.validate(section: .identity, values: values).count == FieldBounds.faultCountMax)
    let names = JSONValue.array(Array(repeating: ["a": 1, "b": 2, "c": 3], count: 20))
    #expect(forms.validate(section: .identity, values: ["vault_Names": names]).count == FieldBounds.faultCountMax)
    let both = forms.validateRecord([.identity: values, .case: values])
    #expect(both.count == FieldBounds.faultCountMax)
  }

  @Test func `a record's faults come in the order of its sections`() {
    let faults = forms.validateRecord([
      .consent: ["con_Consent": 1], .identity: ["prs_Gender": "x", "prs_Birthdate": "x"], .health: [:],
    ])
    #expect(faults.map(\.description.first) == ["i", "i", "c"])
    #expect(faults.map(\.field) == ["prs_Birthdate", "prs_Gender", "con_Consent"])
  }

  @Test func `P10 random answers never trap`() throws {
    var generator = SystemRandomNumberGenerator()
    let fields = forms.forms.flatMap(\.fields)
    func answer(_ depth: Int) -> JSONValue {
      switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &generator) {
      case 0: .null
      case 1: .bool(.random(using: &generator))
      case 2: .integer(.random(in: .min ... .max, using: &generator))
      case 3: .double(Double(bitPattern: .random(in: 0...UInt64.max, using: &generator)))
      case 4:
        .string(String(decoding: (0..<12).map { _ in UInt8.random(in: 0...255, using: &generator) }, as: UTF8.self))
      case 5: ["Beng", "yes", "1999-05", "09:30", "police"].randomElement(using: &generator)!
      case 6: .array((0..<3).map { _ in answer(depth + 1) })
      default:
        .object(
          Dictionary(
            ["text", "kind", "value", "purpose", "given", "x"].map { ($0, answer(depth + 1)) },
            uniquingKeysWith: { $1 }))
      }
    }
    for _ in 0..<20_000 {
      let field = fields.randomElement(using: &generator)!
      _ = forms.validate(section: field.section, values: [field.key: answer(0)])
    }
  }
}
