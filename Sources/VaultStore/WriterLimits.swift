/// The bounds of a `GroupCommitWriter`.
public struct WriterLimits: Sendable {
  /// At measured speeds, less than a second of work; who comes later is better told at once.
  public var queueCountMax = 4096
  /// What may wait in memory, twice the largest submission.
  public var queueByteCountMax = 2 * StoreLimits.submissionByteCountMax
  /// How long a submission may wait for its turn; once its batch runs, its caller waits for the outcome.
  public var queueMillisecondsMax = 10_000
  /// Callers that share one fsync: more gains nothing and delays the first.
  public var batchCountMax = 256
  /// The same in bytes; a submission larger than this has a batch of its own.
  public var batchByteCountMax = 16 << 20
  /// A batch that takes longer is stuck: its callers are told that it may yet become durable, and new ones are refused
  /// until it ends. The slowest sound disk flushes in a second.
  public var batchMillisecondsMax = 10_000
  /// How exactly deadlines are kept while the writer is busy.
  public var sweepMilliseconds = 50
  /// The write-ahead log is emptied and cut when it is longer than this (a long read kept it from being reused),
  public var walByteCountMax = 64 << 20
  /// or when nothing was submitted for this long.
  public var idleMilliseconds = 1000
  /// How often the reserve is looked after.
  public var reserveMilliseconds = 1000

  public init() {}
}
