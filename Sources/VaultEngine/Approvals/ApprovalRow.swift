import VaultCrypto
import VaultStore

/// A row of `approval`: a request and what became of it. Whatever is still open lies under keys of its own, so that
/// closing one takes its row away: it cannot be used a second time, and looking for open ones passes over all others.
struct ApprovalRow: Sendable {
  enum State: UInt64, Sendable {
    /// Waits for a second person.
    case pending = 1
    /// Approved and not yet redeemed.
    case approved = 2
    case denied = 3
    /// Carried out, or redeemed.
    case used = 4
    case expired = 5
    /// Somebody who signed it was suspended.
    case void = 6

    var isOpen: Bool { self == .pending || self == .approved }
    var isDecided: Bool { self == .approved || self == .denied || self == .used }
  }

  static let openPrefix: [UInt8] = [1]
  static let closedPrefix: [UInt8] = [2]
  private static let requestByteCountMax = SensitiveAction.byteCountMax + 1024
  private static let approvalByteCountMax = 1024

  var state: State
  let request: SignedDocument
  /// nil until somebody decided.
  var approval: SignedDocument?

  init(state: State, request: SignedDocument, approval: SignedDocument?) {
    self.state = state
    self.request = request
    self.approval = approval
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "approval-row")
    guard let state = State(rawValue: try decoder.integer()) else {
      throw CryptoError(.malformed, "unknown state of a request")
    }
    self.state = state
    request = SignedDocument(
      document: try decoder.field(limit: ApprovalRow.requestByteCountMax),
      signature: try decoder.field(exactly: VerifyingKey.signatureByteCount))
    let document = try decoder.field(limit: ApprovalRow.approvalByteCountMax)
    let signature = try decoder.field(limit: VerifyingKey.signatureByteCount)
    approval = document.isEmpty && signature.isEmpty ? nil : SignedDocument(document: document, signature: signature)
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("approval-row")
    encoding.append(state.rawValue)
    encoding.append(request.document)
    encoding.append(request.signature)
    encoding.append(approval?.document ?? [])
    encoding.append(approval?.signature ?? [])
    return encoding.bytes
  }

  static func key(_ id: RequestID, isOpen: Bool, _ keys: StoreKeys) -> [UInt8] {
    (isOpen ? openPrefix : closedPrefix) + keys.rowKey(.approval, id.bytes)
  }
}
