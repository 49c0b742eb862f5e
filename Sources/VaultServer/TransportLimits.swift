public import NIOCore

/// Bounds of the socket. A daemon runs with the defaults; tests shorten the times.
public struct TransportLimits: Sendable {
  // MARK: Sizes

  /// Bytes of the request line's address. The longest of ours, a filtered log query, stays under 1 KiB.
  public var addressByteCountMax = 4 * 1024
  /// Bytes of all header fields. A token is 43 bytes and a reason 1 KiB, percent-encoded three times that.
  public var headerByteCountMax = 16 * 1024
  /// Header fields. Common clients send ten.
  public var headerCountMax = 64
  /// Bytes of a body: a record of every section at several times its usual size, and 256 connections fit in memory.
  public var bodyByteCountMax = 1024 * 1024

  /// Bytes of `Vault-Reason` after decoding: a few sentences.
  public static let reasonByteCountMax = 1024
  /// Characters of `Idempotency-Key`: a UUID or a hash, and to spare.
  public static let idempotencyKeyByteCountMax = 128

  // MARK: Times

  /// From the first byte of a request, or from the connection, to the end of its header. A local client needs
  /// microseconds; a debugger or a slow tunnel gets ten seconds.
  public var headerTime = TimeAmount.seconds(10)
  /// From the header to the end of the body: 1 MiB through a slow tunnel at 35 KB/s.
  public var bodyTime = TimeAmount.seconds(30)
  /// From the answer to its last byte being taken.
  public var answerTime = TimeAmount.seconds(30)
  /// Between an answer and the next request.
  public var idleTime = TimeAmount.seconds(60)
  /// After a refusal, for the client to read it before the connection is gone.
  public var lingerTime = TimeAmount.seconds(2)
  /// For what is in flight when the daemon is told to stop.
  public var drainTime = TimeAmount.seconds(10)

  // MARK: Counts

  /// Connections in all: the usual limit of 1024 descriptors leaves room for the store.
  public var connectionCountMax = 256
  /// Connections of one uid, so that no caller takes everybody's: an import uses eight.
  public var connectionCountPerUIDMax = 64
  /// Connections the kernel holds before they are accepted.
  public var backlog: CInt = 256

  public init() {}
}
