public import VaultModel

/// A request or answer body. Written straight into bytes; read from a parsed, bounded `JSONValue`.
///
/// Foundation's coders are not used: they are slow on the hot path, and they copy what may be personal into strings that
/// nobody clears.
public protocol WireMessage: Sendable {
  /// Reads an answer or a request. Requests refuse members they do not know; answers pass over them, so that an older
  /// client can talk to a newer daemon.
  init(json: JSONValue) throws(WireError)
  /// Writes exactly one JSON object.
  func write(into json: inout JSONText)
}

extension WireMessage {
  /// The document as UTF-8 bytes.
  public var bytes: [UInt8] {
    var json = JSONText()
    write(into: &json)
    return json.bytes
  }
}

/// Why a JSON document is not the message it should be: which member and which rule, never the value.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    case notAnObject, missing, wrongType, unknownCode, unknownMember, notBase64
    case outOfRange(ClosedRange<Int64>)
    case tooLong(byteCountMax: Int)
    case tooMany(countMax: Int)
  }

  public let code: Code
  /// Dotted path of the member; nil for the document itself.
  public let field: String?

  public init(_ code: Code, field: String? = nil) {
    self.code = code
    self.field = field
  }

  public var description: String {
    switch code {
    case .notAnObject: "The body has to be a JSON object."
    case .missing: "This member is missing."
    case .wrongType: "This member has the wrong type."
    case .unknownCode: "This member has a value that is not on its list."
    case .notBase64: "This member has to be base64 with padding (RFC 4648 §4)."
    case .unknownMember: "The body has a member that is not known here."
    case .outOfRange(let range): "This number has to lie between \(range.lowerBound) and \(range.upperBound)."
    case .tooLong(let byteCountMax): "This text is longer than \(byteCountMax) bytes."
    case .tooMany(let countMax): "This list has more than \(countMax) elements."
    }
  }

  public var problem: Problem { Problem(.invalid, description, field: field) }
}

/// Bounds on texts and lists of the wire that no domain type bounds more tightly.
public enum WireLimit {
  /// A title or a short sentence a person types.
  public static let textByteCountMax = 1024
  /// Words beside the log, as long as the engine keeps any.
  public static let keptTextByteCountMax = 4096
  /// A checkpoint with its log's signature and one cosignature is a tenth of it.
  public static let noteByteCountMax = 4096
  /// Entries disclosed at once: a case, not a log.
  public static let disclosureCountMax = 256
  /// Names, ids, codes and tokens: none of ours is half as long.
  public static let wordByteCountMax = 256
  /// Elements of one page; more is asked for with `after`.
  public static let pageCountMax = 1000
  /// Kinds of action in a policy; there are nine.
  public static let ruleCountMax = 64
  /// Holders of recovery shares: four bits number a share.
  public static let shareCountMax = 16
  /// Records of one person: far more than anybody works on.
  public static let ownedCountMax = 100_000
  /// A tree of 2⁶³ leaves has a proof of this many hashes.
  public static let proofHashCountMax = 64
}
