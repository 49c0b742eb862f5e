/// The name of a key in a signed note, and the origin line of a checkpoint: non-empty, no spaces, no `+`, no control
/// characters (C2SP signed-note).
public struct NoteName: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// `malformed` for a name that a note cannot carry.
  public init(_ text: String) throws(LogError) {
    guard (1...LogBound.nameByteCountMax).contains(text.utf8.count) else {
      throw LogError(.malformed, "key name is empty or too long")
    }
    let allowed = text.unicodeScalars.allSatisfy { scalar in
      scalar != "+" && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
    }
    guard allowed else { throw LogError(.malformed, "key name has a space, a plus or a control character") }
    self.text = text
  }

  public var description: String { text }

  // By bytes: Swift's own equality takes different spellings of one letter for the same name.
  public static func == (left: NoteName, right: NoteName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
