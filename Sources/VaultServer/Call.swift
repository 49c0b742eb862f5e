public import VaultAPI
public import VaultModel

/// What every operation is told about its caller.
public struct Call: Sendable {
  public let operation: VaultOperation
  /// uid of the process at the other end of the socket, as the kernel gives it (SO_PEERCRED).
  public let uid: UInt32
  /// Present unless the operation is open to everybody. Well-formed, but not yet looked up.
  public let token: SessionToken?
  public let purpose: Purpose?
  /// The caller's own words, at most `TransportLimits.reasonByteCountMax` bytes.
  public let reason: String?
  /// At most `TransportLimits.idempotencyKeyByteCountMax` printable ASCII characters.
  public let idempotencyKey: String?

  public init(
    operation: VaultOperation, uid: UInt32, token: SessionToken? = nil, purpose: Purpose? = nil, reason: String? = nil,
    idempotencyKey: String? = nil
  ) {
    self.operation = operation
    self.uid = uid
    self.token = token
    self.purpose = purpose
    self.reason = reason
    self.idempotencyKey = idempotencyKey
  }
}

/// What an operation answers when it succeeds.
public struct Answer<Body: Sendable>: Sendable {
  public var body: Body
  /// Index of the access log's entry about this request: sent as `Vault-Audit-Index`.
  public let auditIndex: UInt64?

  public init(_ body: Body, auditIndex: UInt64? = nil) {
    self.body = body
    self.auditIndex = auditIndex
  }
}

/// The answer of an enrolment, and the new account key where one was asked for.
public struct EnrolmentOutcome: Sendable {
  public let answer: EnrolmentAnswer
  /// ASCII. Sent once, as the member `key`.
  public let key: WipedBytes?

  public init(_ answer: EnrolmentAnswer, key: WipedBytes? = nil) {
    self.answer = answer
    self.key = key
  }
}
