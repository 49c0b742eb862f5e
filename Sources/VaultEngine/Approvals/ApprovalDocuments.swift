import VaultCrypto
import VaultModel

/// Names a request: eight random bytes, written as 16 hexadecimal digits.
public struct RequestID: Hashable, Sendable, CustomStringConvertible {
  static let byteCount = 8

  let bytes: [UInt8]

  static func random() -> RequestID { RequestID(randomBytes(byteCount)) }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  init(bytes: [UInt8]) throws(CryptoError) {
    guard bytes.count == RequestID.byteCount else { throw CryptoError(.malformed, "request id has another length") }
    self.bytes = bytes
  }

  /// Reads the 16 digits, lower case, and nothing else.
  public init?(_ text: String) {
    guard text.utf8.count == 2 * RequestID.byteCount else { return nil }
    var bits: UInt64 = 0
    for digit in text.utf8 {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): bits = bits << 4 | UInt64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): bits = bits << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    bytes = (0..<RequestID.byteCount).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
  }

  public var description: String { hexadecimal(bytes) }
}

/// Somebody asks for an action, signed with their account key (docs/format.md, "Request and approval").
struct ApprovalRequest: Sendable {
  /// Over a weekend; what nobody has looked at by then is asked for again.
  static let lifetimeSeconds: UInt64 = 72 * 3600

  let vault: [UInt8]
  let id: RequestID
  let action: SensitiveAction
  let requester: AccountName
  let requested: Timestamp
  let expires: Timestamp
  let bytes: [UInt8]

  init(vault: [UInt8], id: RequestID, action: SensitiveAction, requester: AccountName, requested: Timestamp) {
    self.vault = vault
    self.id = id
    self.action = action
    self.requester = requester
    self.requested = requested
    expires = requested.adding(seconds: ApprovalRequest.lifetimeSeconds)
    var encoding = CanonicalEncoding("approval-request")
    encoding.append(vault)
    encoding.append(id.bytes)
    encoding.append(action.bytes)
    encoding.append(requester.description)
    encoding.append(requested.milliseconds)
    encoding.append(expires.milliseconds)
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "approval-request")
    vault = try decoder.field(exactly: 32)
    id = try RequestID(bytes: decoder.field(exactly: RequestID.byteCount))
    action = try SensitiveAction(decoding: decoder.field(limit: SensitiveAction.byteCountMax))
    requester = try AccountName(decoder.text(limit: 64))
    requested = Timestamp(milliseconds: try decoder.integer())
    expires = Timestamp(milliseconds: try decoder.integer())
    try decoder.finish()
    self.bytes = bytes
  }

  var hash: [UInt8] { SHA256.hash(bytes) }

  static func signedBytes(hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("approval-request-signature")
    encoding.append(hash)
    return encoding.bytes
  }
}

/// What a second person said to a request, signed with their account key.
struct Approval: Sendable {
  enum Decision: String, Sendable {
    case approved, denied
  }

  let vault: [UInt8]
  /// H(request).
  let request: [UInt8]
  /// H(action): what they were shown.
  let action: [UInt8]
  let decision: Decision
  let approver: AccountName
  let decided: Timestamp
  let bytes: [UInt8]

  init(
    of request: ApprovalRequest, _ decision: Decision, approver: AccountName, decided: Timestamp
  ) {
    vault = request.vault
    self.request = request.hash
    action = request.action.digest
    self.decision = decision
    self.approver = approver
    self.decided = decided
    var encoding = CanonicalEncoding("approval")
    encoding.append(vault)
    encoding.append(self.request)
    encoding.append(action)
    encoding.append(decision.rawValue)
    encoding.append(approver.description)
    encoding.append(decided.milliseconds)
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "approval")
    vault = try decoder.field(exactly: 32)
    request = try decoder.field(exactly: SHA256.byteCount)
    action = try decoder.field(exactly: SHA256.byteCount)
    guard let decision = Decision(rawValue: try decoder.text(limit: 16)) else {
      throw CryptoError(.malformed, "unknown decision")
    }
    self.decision = decision
    approver = try AccountName(decoder.text(limit: 64))
    decided = Timestamp(milliseconds: try decoder.integer())
    try decoder.finish()
    self.bytes = bytes
  }

  var hash: [UInt8] { SHA256.hash(bytes) }

  static func signedBytes(hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("approval-signature")
    encoding.append(hash)
    return encoding.bytes
  }
}
