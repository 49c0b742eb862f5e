/// Bounds on a JSON document, checked while it is read.
public struct JSONLimits: Hashable, Sendable {
  /// Bytes of the whole document.
  public var byteCountMax: Int
  /// Arrays and objects inside each other; the parser recurses this deep and never deeper than `depthCeiling`.
  public var depthMax: Int
  /// Members of all objects and elements of all arrays together: what a document may cost in memory beyond its bytes.
  public var memberCountMax: Int

  /// Keeps the recursion inside the 512 KiB stack of a secondary thread, whatever a caller asks for.
  static let depthCeiling = 128

  public init(byteCountMax: Int = 2 << 20, depthMax: Int = 16, memberCountMax: Int = 50_000) {
    self.byteCountMax = byteCountMax
    self.depthMax = min(depthMax, Self.depthCeiling)
    self.memberCountMax = memberCountMax
  }

  /// 2 MiB holds a record whose seven sections are all at their bound of 256 KiB.
  public static let standard = JSONLimits()
}

/// Why bytes are not a JSON document we accept: what and where, never the content.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: String, Hashable, Sendable {
    case tooLarge, tooDeep, tooManyMembers
    case unexpectedEnd, unexpectedByte, trailingBytes
    case duplicateKey
    case invalidUTF8, loneSurrogate, controlCharacter, badEscape
    case badNumber
    /// An integer beyond Int64, or a number beyond Double: it would be changed silently.
    case numberOutOfRange
  }

  public var code: Code
  /// Bytes from the start of the document.
  public var offset: Int

  public init(_ code: Code, at offset: Int) {
    self.code = code
    self.offset = offset
  }

  public var description: String {
    let what =
      switch code {
      case .tooLarge: "the document is too large"
      case .tooDeep: "arrays and objects are nested too deeply"
      case .tooManyMembers: "the document has too many members"
      case .unexpectedEnd: "the document ends too early"
      case .unexpectedByte: "this is not JSON"
      case .trailingBytes: "something follows the document"
      case .duplicateKey: "an object names the same member twice"
      case .invalidUTF8: "the text is not UTF-8"
      case .loneSurrogate: "half a surrogate pair stands alone"
      case .controlCharacter: "a control character stands unescaped in a string"
      case .badEscape: "a string has an unknown escape"
      case .badNumber: "a number is malformed"
      case .numberOutOfRange: "a number is too large to be kept exactly"
      }
    return "\(what) (byte \(offset))"
  }
}
