public import NIOCore

/// How a client behaves on the wire.
public struct ClientOptions: Sendable {
  /// Connections at once. Sequential use needs one; an import uses eight, well under what the daemon gives one user.
  public var connectionCountMax = 1
  /// To a socket of the same machine; longer means that nobody accepts.
  public var connectTime = TimeAmount.seconds(5)
  /// From the request to the end of its answer. A login waits for Argon2id, and perhaps for others' logins.
  public var answerTime = TimeAmount.seconds(60)
  /// A connection idle for longer is not used again: the daemon closes at 60 s, and would win the race.
  public var idleTime = TimeAmount.seconds(30)
  /// Bytes of an answer: the file of an export; a full page of log entries is a fortieth of it.
  public var answerByteCountMax = 64 * 1024 * 1024

  public init() {}
}
