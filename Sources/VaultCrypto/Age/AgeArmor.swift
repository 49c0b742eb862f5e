/// The ASCII armor of age files: PEM, but strict (C2SP age.md, "ASCII armor"): 64 columns a line and fewer in the last one
/// only, padding, canonical base 64, no headers, and nothing but white space around it.
enum AgeArmor {
  static let beginLine = "-----BEGIN AGE ENCRYPTED FILE-----"
  static let endLine = "-----END AGE ENCRYPTED FILE-----"
  static let columnCount = 64
  /// White space before and after the armor that is still ignored.
  static let surroundingByteCountMax = 1024

  static func isWhiteSpace(_ byte: UInt8) -> Bool { [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20].contains(byte) }

  /// Takes armored bytes in any portions.
  struct Decoder {
    private enum State { case before, body, lastLine, after }

    private var state = State.before
    private var line: [UInt8] = []
    private var surroundingByteCount = 0

    /// Appends what the byte completes to `output`.
    mutating func take(_ byte: UInt8, into output: inout [UInt8]) throws(AgeError) {
      if state == .after { return try takeSurrounding([byte]) }
      if byte == UInt8(ascii: "\n") {
        try takeLine(into: &output)
        line.removeAll(keepingCapacity: true)
      } else {
        guard line.count < AgeArmor.surroundingByteCountMax else { throw AgeError(.armor, "line is too long") }
        line.append(byte)
      }
    }

    /// Demands that the armor was closed.
    mutating func finish() throws(AgeError) {
      if state == .body || state == .lastLine {
        // The end line may lack a line end; any other line may not be the last.
        var none: [UInt8] = []
        try takeLine(into: &none)
      }
      guard state == .after else { throw AgeError(.armor, "armor is not closed") }
    }

    private mutating func takeLine(into output: inout [UInt8]) throws(AgeError) {
      var text = line
      if text.last == UInt8(ascii: "\r") { text.removeLast() }
      switch state {
      case .before where text == Array(AgeArmor.beginLine.utf8):
        state = .body
      case .before:
        try takeSurrounding(line + [UInt8(ascii: "\n")])
      case .body, .lastLine:
        if text == Array(AgeArmor.endLine.utf8) {
          state = .after
          surroundingByteCount = 0
          return
        }
        guard state == .body, (1...AgeArmor.columnCount).contains(text.count),
          let bytes = AgeBase64.decode(text, isPadded: true)
        else { throw AgeError(.armor, "line of the armor is malformed") }
        output += bytes
        if bytes.count < AgeArmor.columnCount / 4 * 3 { state = .lastLine }
      case .after:
        break
      }
    }

    private mutating func takeSurrounding(_ bytes: [UInt8]) throws(AgeError) {
      surroundingByteCount += bytes.count
      guard bytes.allSatisfy(AgeArmor.isWhiteSpace), surroundingByteCount <= AgeArmor.surroundingByteCountMax else {
        throw AgeError(.armor, "something else than white space stands around the armor")
      }
    }
  }
}
