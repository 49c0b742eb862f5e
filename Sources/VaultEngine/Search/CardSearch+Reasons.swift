extension CardSearch {
  /// The match in full; to be asked of entries that score.
  mutating func match(_ bytes: Span<UInt8>, _ entry: CardEntry, score: Int) -> CardMatch? {
    let identity = bytes.extracting(entry.identity)
    guard self.score(bytes, entry) != nil, let layout = try? IdentityCardLayout(of: identity) else { return nil }
    // A trafficker's name for someone may lead to them, but is not what they are called by.
    let spoken = layout.names.first { !$0.isNeverAloud && $0.kind != .imposed && !$0.text.isEmpty }
    let displayName =
      spoken.map { CardBytes.string(identity, $0.text) }
      ?? (layout.names.isEmpty ? CardMatch.missingName : CardMatch.unspokenName)
    return CardMatch(
      record: entry.record, score: score, displayName: displayName, yearOfBirth: layout.yearOfBirth,
      matchedOn: reasons(identity, entry, layout), contactWarning: warning(bytes, entry))
  }

  private func reasons(_ identity: Span<UInt8>, _ entry: CardEntry, _ layout: IdentityCardLayout) -> [String] {
    var reasons: [String] = []
    for (index, name) in layout.names.enumerated() {
      var ways: [String] = []
      for case let hit? in hits where hit.name == index && !ways.contains(hit.likeness.sentence) {
        ways.append(hit.likeness.sentence)
      }
      guard !ways.isEmpty else { continue }
      let text = name.isNeverAloud ? "(never aloud)" : "“\(CardBytes.string(identity, name.text))”"
      reasons.append("\(name.kind.label) \(text): \(ways.joined(separator: ", "))")
    }
    for (index, number) in terms.numbers.enumerated() {
      if let year = number.year, entry.year != 0, abs(entry.year - year) <= 1 {
        reasons.append(entry.year == year ? "year of birth" : "year of birth: one year apart")
      } else if let phone = phoneHits[index], !reasons.contains(phone.sentence) {
        reasons.append(phone.sentence)
      }
    }
    if case .duplicate(let year?) = mode, entry.year != 0 {
      reasons.append(entry.year == year ? "year of birth" : "year of birth: close")
    }
    return reasons
  }

  private func warning(_ bytes: Span<UInt8>, _ entry: CardEntry) -> String? {
    let contact = bytes.extracting(entry.contact)
    guard !contact.isEmpty, let layout = try? ContactCardLayout(of: contact), !layout.warning.isEmpty else {
      return nil
    }
    return CardBytes.string(contact, layout.warning)
  }
}
