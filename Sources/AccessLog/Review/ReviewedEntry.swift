/// What a review needs to know of one entry of the access log: who, what, when and how it ended. No text of the
/// reader's own, and of a search only how much it found.
public struct ReviewedEntry: Hashable, Sendable {
  public var index: UInt64
  /// Milliseconds since 1970-01-01T00:00Z.
  public var time: Int64
  /// nil where the daemon knew none, as at a login that failed.
  public var account: String?
  public var uid: UInt32
  public var action: String
  public var record: String?
  public var programme: String?
  public var outcome: LogEntry.Outcome
  public var purpose: String?
  /// nil where the entry does not say how the reader stood to the record.
  public var assignment: LogEntry.Assignment?
  /// Records that a search answered with.
  public var resultCount: Int
  /// Equal events that the entry stands for.
  public var count: UInt64

  public init(
    index: UInt64, time: Int64, account: String?, uid: UInt32 = 0, action: String, record: String? = nil,
    programme: String? = nil, outcome: LogEntry.Outcome = .allowed, purpose: String? = nil,
    assignment: LogEntry.Assignment? = nil, resultCount: Int = 0, count: UInt64 = 1
  ) {
    self.index = index
    self.time = time
    self.account = account
    self.uid = uid
    self.action = action
    self.record = record
    self.programme = programme
    self.outcome = outcome
    self.purpose = purpose
    self.assignment = assignment
    self.resultCount = resultCount
    self.count = count
  }
}

extension ReviewedEntry {
  private static let readingActions: Set<String> = [
    "record.read", "record.export", "record.disclose", "submission.read", "submission.accept",
  ]

  /// Whether the account has seen what is in a record.
  var isReading: Bool { outcome == .allowed && record != nil && Self.readingActions.contains(action) }

  var isSearch: Bool { outcome == .allowed && action == "record.search" }

  /// Whether somebody was turned away; a login that failed is one.
  var isDenial: Bool { outcome == .denied || (outcome == .failed && action == "session.open") }

  /// Whether the reader called it an emergency, or broke the glass.
  var isEmergency: Bool {
    outcome == .allowed && ((purpose == "emergency" && record != nil) || action.hasPrefix("break-glass."))
  }

  /// Whose doing it was.
  var subject: ReviewSubject { account.map { .account($0) } ?? .peer(uid: uid) }
}

/// Whom or what an unusual item is about.
public enum ReviewSubject: Hashable, Sendable {
  case account(String)
  /// Somebody whom the daemon knew no account of, by the user id on the socket.
  case peer(uid: UInt32)
  case record(String)

  public var text: String {
    switch self {
    case .account(let name): name
    case .peer(let uid): "uid \(uid)"
    case .record(let id): id
    }
  }
}
