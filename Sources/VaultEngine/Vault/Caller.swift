public import VaultModel

/// Who asks, and why, as the transport knows it.
public struct Caller: Sendable {
  /// Of the process at the other end, as the kernel says.
  public let uid: UInt32
  /// 32 bytes, looked up by the engine.
  public let token: [UInt8]?
  public let purpose: Purpose?
  public let reason: String?
  public internal(set) var idempotencyKey: String?

  public init(
    uid: UInt32, token: [UInt8]? = nil, purpose: Purpose? = nil, reason: String? = nil, idempotencyKey: String? = nil
  ) {
    self.uid = uid
    self.token = token
    self.purpose = purpose
    self.reason = reason
    self.idempotencyKey = idempotencyKey
  }
}

/// A result, released only after its entry was durable, with the index of that entry.
public struct Witnessed<Value: Sendable>: Sendable {
  public let value: Value
  public let entryIndex: UInt64
}
