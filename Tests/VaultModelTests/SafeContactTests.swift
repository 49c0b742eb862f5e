import Testing

@testable import VaultModel

@Suite struct SafeContactTests {
  private static func contact(_ safeties: [JSONValue?]) -> [String: JSONValue] {
    [
      "vault_ContactMethods": .array(
        safeties.map { safety in
          var members: [String: JSONValue] = ["kind": "mobile", "value": "+40 700 000000"]
          members["safe"] = safety
          return .object(members)
        })
    ]
  }

  private static let warnings: [([JSONValue?], String?)] = [
    ([], "do not call: no safe contact confirmed"), (["yes"], nil), (["yes", "yes"], nil),
    (["unknown"], "do not call: unknown whether it is safe"), ([nil], "do not call: unknown whether it is safe"),
    (["Yes"], "do not call: unknown whether it is safe"), ([true], "do not call: unknown whether it is safe"),
    (["no"], "do not call: not safe"), (["no", "unknown"], "do not call: unknown whether it is safe"),
    (["yes", "no"], "use only the contacts marked safe"), (["unknown", "yes"], "use only the contacts marked safe"),
  ]

  @Test func `only methods that are all marked safe give no warning`() {
    for (safeties, warning) in Self.warnings {
      #expect(SafeContact.contactWarning(from: Self.contact(safeties)) == warning)
    }
  }

  @Test func `a telephone number alone is no safe contact`() {
    #expect(SafeContact.contactWarning(from: [:]) != nil)
    #expect(SafeContact.contactWarning(from: ["prs_MobilePhone": "+40 700 000000"]) != nil)
    #expect(SafeContact.contactWarning(from: ["vault_ContactMethods": "yes"]) != nil)
    #expect(SafeContact.contactWarning(from: ["vault_ContactMethods": ["yes"]]) != nil)
  }

  @Test func `a method is read with its conditions`() throws {
    let contact = SafeContact(contact: [
      "vault_ContactInstructions": "Ring twice.",
      "vault_ContactMethods": [
        [
          "kind": "mobile", "value": "+880 1711 000000", "safe": "yes", "days": ["mon"], "from": "09:30", "to": "11:00",
          "timeZone": "Asia/Dhaka", "voicemail": "no", "sayCallerIs": "the clinic", "codeWord": "mango",
          "whoMayAnswer": "her aunt", "confirmedAt": "2026-03",
        ]
      ],
    ])
    let method = try #require(contact.methods.first)
    #expect(contact.instructions == "Ring twice." && method.safety == .yes && !method.mayLeaveVoicemail)
    #expect(method.days == ["mon"] && method.from == "09:30" && method.to == "11:00" && method.timeZone == "Asia/Dhaka")
    #expect(method.sayCallerIs == "the clinic" && method.codeWord == "mango" && method.whoMayAnswer == "her aunt")
    #expect(method.confirmedAt == (try? PartialDate("2026-03")) && method.kind == "mobile")
  }

  @Test func `an empty record misses every core field, a full one none`() {
    let forms = FormSet.builtIn
    #expect(
      forms.incomplete([:]) == [
        "identity.vault_Names", "identity.prs_Birthdate", "contact.vault_ContactMethods", "case.cas_Status",
        "case.vault_Risk", "exploitation.vic_TraffickingStatus", "consent.vault_Consents",
      ])
    var record: [Section: [String: JSONValue]] = [
      .identity: ["prs_SecondName": "Ionescu", "prs_Birthdate": "1999"], .contact: Self.contact(["no", "yes"]),
      .case: ["cas_Status": "Active", "vault_Risk": "low"],
      .exploitation: ["vic_TraffickingStatus": "PossibleVictimOfTrafficking"], .consent: ["con_Consent": false],
    ]
    #expect(forms.validateRecord(record).isEmpty && forms.incomplete(record).isEmpty)
    record[.identity]?["prs_SecondName"] = " "
    record[.contact] = Self.contact(["unknown"])
    #expect(forms.incomplete(record) == ["identity.vault_Names", "contact.vault_ContactMethods"])
  }
}
