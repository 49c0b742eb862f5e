/// Writes the body of a session, an enrolment or a new passphrase without making a string of the secret.
public enum SecretText {
  /// A flat JSON object in bytes that are wiped with their last holder.
  /// - Parameters:
  ///   - texts: members that are no secrets.
  ///   - flags: members that are `true`.
  ///   - secrets: members whose UTF-8 bytes are escaped straight into the result.
  public static func object(
    texts: [(name: String, value: String)] = [], flags: [String] = [], secrets: [(name: String, value: WipedBytes)]
  ) -> WipedBytes {
    // The longest escape of one byte is six bytes: a buffer that never grows leaves no copies behind.
    let capacity =
      64 + texts.reduce(0) { $0 + 6 * ($1.name.utf8.count + $1.value.utf8.count) + 8 }
      + flags.reduce(0) { $0 + 6 * $1.utf8.count + 8 }
      + secrets.reduce(0) { $0 + 6 * ($1.name.utf8.count + $1.value.count) + 8 }
    var json = JSONText(capacity: capacity)
    json.object { (json: inout JSONText) in
      for (name, value) in texts { json.member(name, value) }
      for name in flags { json.member(name, true) }
      for (name, value) in secrets {
        json.name(name)
        value.withBytes { bytes in json.string(utf8: bytes) }
      }
    }
    return json.takeWiped()
  }
}
