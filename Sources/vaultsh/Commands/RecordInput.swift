import VaultModel

/// The sections of a record as a file or standard input gives them.
enum RecordInput {
  /// Takes `{"sections": {…}}` and the sections alone.
  static func sections(from path: String) throws -> JSONValue {
    let json = try JSONValue.parse(InputText.read(path))
    guard let members = json.objectValue else {
      throw Failure(.invalid, "A JSON object belongs here.", hint: "Write {\"sections\": {\"identity\": {…}}}.")
    }
    guard let sections = members["sections"] else { return json }
    guard members.count == 1 else {
      throw Failure(
        .invalid, "Beside `sections` the document has other members.",
        hint: "Write {\"sections\": {…}} or the sections alone.")
    }
    guard case .object = sections else {
      throw Failure(.invalid, "`sections` has to be a JSON object.", field: "sections")
    }
    return sections
  }

  /// The sections that a patch is about; what is no section's name is the daemon's to refuse.
  static func sectionNames(of patch: JSONValue) -> [Section] {
    (patch.objectValue?.keys.compactMap { Section(rawValue: $0) } ?? []).sorted { $0.rawValue < $1.rawValue }
  }
}

/// A random Idempotency-Key: the same request sent twice is done once.
enum RetryKey {
  static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
  }
}
