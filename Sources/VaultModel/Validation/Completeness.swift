/// What a record should have before anyone relies on it. Nothing here stops a record from being opened.
extension FormSet {
  private struct Expectation {
    /// The field that is asked for when none of `keys` is answered.
    let section: Section
    let keys: [String]
  }

  private static let expectations = [
    Expectation(section: .identity, keys: ["vault_Names", "prs_FirstName", "prs_SecondName"]),
    Expectation(section: .identity, keys: ["prs_Birthdate"]),
    Expectation(section: .contact, keys: ["vault_ContactMethods"]),
    Expectation(section: .case, keys: ["cas_Status"]),
    Expectation(section: .case, keys: ["vault_Risk"]),
    Expectation(section: .exploitation, keys: ["vic_TraffickingStatus"]),
    Expectation(section: .consent, keys: ["vault_Consents", "con_Consent"]),
  ]

  /// The core fields that are still empty, as `section.field`: a name, a birthdate, a contact method known to be safe,
  /// status, risk, trafficking status and a consent asked for.
  public func incomplete(_ sections: [Section: [String: JSONValue]]) -> [String] {
    Self.expectations.compactMap { expectation in
      let values = sections[expectation.section] ?? [:]
      let isAnswered =
        expectation.section == .contact
        ? SafeContact(contact: values).methods.contains { $0.safety == .yes }
        : expectation.keys.contains { !(values[$0]?.isBlank ?? true) }
      return isAnswered ? nil : "\(expectation.section.rawValue).\(expectation.keys[0])"
    }
  }
}
