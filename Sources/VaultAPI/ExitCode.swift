/// The exit codes of both programs, as the interface document fixes them.
public enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  case failed = 1
  /// The command line itself was wrong. Never the outcome of a request.
  case usage = 2
  case denied = 3
  case notFound = 4
  /// Conflict, or the caller's version is stale.
  case conflict = 5
  /// No root key, locked, login needed, or the socket is unreachable.
  case locked = 6
  /// Tampering, rollback or a failed verification.
  case integrity = 7
}
