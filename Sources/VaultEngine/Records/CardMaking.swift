import VaultModel

/// From sections to what search needs of them.
enum CardMaking {
  /// nil where the section has nothing to search for.
  static func identityCard(_ identity: [String: JSONValue]) throws(SearchError) -> IdentityCard {
    var names: [IdentityCard.Name] = []
    for name in identity["vault_Names"]?.arrayValue ?? [] {
      guard let text = name["text"]?.stringValue, !text.isEmpty else { continue }
      names.append(
        try IdentityCard.Name(
          text: text, script: name["script"]?.stringValue ?? "", latin: name["latin"]?.stringValue,
          kind: kind(name["kind"]?.stringValue), isNeverAloud: name["use"]?.stringValue == "never-aloud"))
    }
    let parts = ["prs_FirstName", "prs_MiddleName", "prs_SecondName"].compactMap { identity[$0]?.stringValue }
    let joined = parts.filter { !$0.isEmpty }.joined(separator: " ")
    if !joined.isEmpty, names.count < IdentityCard.nameCountMax, !names.contains(where: { $0.text == joined }) {
      names.append(try IdentityCard.Name(text: joined, kind: .legal))
    }
    let year = identity["prs_Birthdate"]?.stringValue.flatMap { try? PartialDate($0) }?.year
    return try IdentityCard(names: names, yearOfBirth: year.flatMap { IdentityCard.years.contains($0) ? $0 : nil })
  }

  static func contactCard(_ contact: [String: JSONValue]) throws(SearchError) -> ContactCard {
    let methods = SafeContact(contact: contact).methods.map(\.value)
    let standard = ["prs_HomePhone", "prs_MobilePhone"].compactMap { contact[$0]?.stringValue }
    return try ContactCard(
      phones: Array((methods + standard).prefix(ContactCard.numberCountMax)),
      contactWarning: SafeContact.contactWarning(from: contact))
  }

  private static func kind(_ text: String?) -> IdentityCard.Name.Kind {
    switch text {
    case "chosen": .chosen
    case "document": .document
    case "nickname": .nickname
    case "imposed": .imposed
    default: .legal
    }
  }
}
