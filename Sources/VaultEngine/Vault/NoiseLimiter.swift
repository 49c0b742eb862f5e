import AccessLog

/// What makes two refusals the same event: a scanner repeats it, a person rarely does.
struct RefusalKind: Hashable, Sendable {
  /// The reason that an entry gives where somebody is barred from the record.
  static let barred = "barred"
  /// Of a count that holds such refusals and, in the same place, those about ids that nobody has.
  private static let barredAmongOthers = "barred, notFound"

  var uid: UInt32?
  var action: Action
  var outcome: LogEntry.Outcome
  var detail: String?
  var account: String?
  var record: String?
  var programme: String?

  /// The entry that stands for `count` events of this kind.
  func entry(count: UInt64) -> PendingEntry {
    var entry = PendingEntry(action)
    entry.outcome = outcome
    entry.uid = uid
    entry.detail = detail
    entry.account = account
    entry.record = record
    entry.programme = programme
    entry.count = count
    return entry
  }

  /// What whoever is refused can tell of it. A bar looks like an id that nobody has (`VaultError.noRecord`), and must be
  /// counted in its place: who gets an entry and who does not shows in the answer.
  fileprivate var shown: RefusalKind {
    guard detail == RefusalKind.barred else { return self }
    var kind = self
    kind.outcome = .failed
    kind.detail = VaultError.Code.notFound.rawValue
    kind.programme = nil
    return kind
  }

  /// As the auditor reads it, where it was counted at `place`: with no more names than the place has.
  fileprivate func told(at place: RefusalKind) -> RefusalKind {
    guard detail == RefusalKind.barred else { return place }
    var kind = place.record == nil ? withoutRecord : self
    kind.account = place.account
    kind.uid = place.uid
    return kind
  }

  /// One count for both; `other` was counted at the same place.
  fileprivate func together(with other: RefusalKind) -> RefusalKind {
    guard self != other else { return self }
    var kind = self
    kind.outcome = .denied
    kind.detail = RefusalKind.barredAmongOthers
    kind.programme = programme ?? other.programme
    return kind
  }

  var withoutRecord: RefusalKind {
    var kind = self
    kind.record = nil
    kind.programme = nil
    return kind
  }

  var withoutAccount: RefusalKind {
    var kind = withoutRecord
    kind.account = nil
    return kind
  }
}

extension PendingEntry {
  var refusalKind: RefusalKind {
    RefusalKind(
      uid: uid, action: action, outcome: outcome, detail: detail, account: account, record: record,
      programme: programme)
  }
}

/// Keeps the log from being filled with refusals (docs/decisions/counted-refusals.md): the first few of a kind are
/// entries at once, the rest of a window are counted and become one entry when it ends.
///
/// Who names ever new records does not escape: after some kinds, a caller's further ones share one that names the account
/// and no record, and after some accounts one that names neither. A bar is counted where an unknown id is, and told as
/// what it is. Pure: the caller brings the time and writes the entries.
struct NoiseLimiter: Sendable {
  /// A mistake is made twice or thrice; more of the same says no more than their number.
  static let entriesAtOnce = 3
  /// After a noisy window: enough to see that it goes on.
  static let entriesAtOnceWhileNoisy = 1
  /// Counts reach the log, and auditors, within a minute.
  static let windowNanoseconds: UInt64 = 60_000_000_000
  /// A window doubles while the noise lasts, up to this: with the bounds below, a hostile uid adds some 3 MB a day.
  static let windowNanosecondsMax: UInt64 = 960_000_000_000
  /// Records that one uid can be refused in one window before names are left out.
  static let namedKindCountMax = 32
  /// The same for accounts.
  static let accountKindCountMax = 32
  /// Users of a host that quarrel with the vault at the same time; further ones are counted together, without a uid.
  static let callerCountMax = 64
  /// Counts that wait for a log that cannot be written.
  static let dueKindCountMax = 1_024

  enum Admission: Equatable, Sendable {
    /// Write it now. If that fails, `takeBack` with this kind.
    case entry(RefusalKind)
    case counted
  }

  private struct Tally {
    var written = 0
    private(set) var counted: UInt64 = 0
    /// What the counted ones are for the auditor; nil while there are none.
    private(set) var told: RefusalKind?

    mutating func count(_ kind: RefusalKind) {
      counted += 1
      told = told?.together(with: kind) ?? kind
    }
  }

  private struct Window {
    var begin: UInt64
    var nanoseconds: UInt64
    var isNoisy = false
    var tallies: [RefusalKind: Tally] = [:]
    var namedCount = 0
    var accountCount = 0

    init(begin: UInt64, nanoseconds: UInt64 = NoiseLimiter.windowNanoseconds, isNoisy: Bool = false) {
      self.begin = begin
      self.nanoseconds = nanoseconds
      self.isNoisy = isNoisy
    }

    var entriesAtOnce: Int { isNoisy ? NoiseLimiter.entriesAtOnceWhileNoisy : NoiseLimiter.entriesAtOnce }

    /// A boot clock that went back is no reason to keep a window open.
    func isOver(bootNow: UInt64) -> Bool { bootNow < begin || bootNow - begin >= nanoseconds }

    /// The kind under which an event is counted.
    mutating func place(_ kind: RefusalKind) -> RefusalKind {
      if tallies[kind] != nil { return kind }
      if kind.withoutRecord != kind {
        guard namedCount >= NoiseLimiter.namedKindCountMax else {
          namedCount += 1
          return kind
        }
        return place(kind.withoutRecord)
      }
      if kind.account != nil {
        guard accountCount >= NoiseLimiter.accountKindCountMax else {
          accountCount += 1
          return kind
        }
        return kind.withoutAccount
      }
      return kind
    }
  }

  private var windows: [UInt32?: Window] = [:]
  private var due: [RefusalKind: UInt64] = [:]

  /// Decides about one refusal.
  mutating func admit(_ kind: RefusalKind, bootNow: UInt64) -> Admission {
    tally(kind, bootNow: bootNow) { tally, kind, limit in
      guard tally.written < limit else {
        tally.count(kind)
        return false
      }
      tally.written += 1
      return true
    }
  }

  /// Counts an event that could not be written when it happened.
  mutating func count(_ kind: RefusalKind, bootNow: UInt64) {
    _ = tally(kind, bootNow: bootNow) { tally, kind, _ in
      tally.count(kind)
      return false
    }
  }

  /// The entry could not be written: the event is counted, and the next of its kind is tried again.
  mutating func takeBack(_ kind: RefusalKind, bootNow: UInt64) {
    _ = tally(kind, bootNow: bootNow) { tally, kind, _ in
      tally.written = max(0, tally.written - 1)
      tally.count(kind)
      return false
    }
  }

  /// Counts of windows that have ended; they are the caller's to write, or to `giveBack`.
  mutating func takeDue(bootNow: UInt64) -> [PendingEntry] {
    for (uid, window) in windows where window.isOver(bootNow: bootNow) { roll(uid, window, bootNow: bootNow) }
    return takeAllDue()
  }

  /// All counts, for the end.
  mutating func takeAll() -> [PendingEntry] {
    for window in windows.values { close(window) }
    windows.removeAll()
    return takeAllDue()
  }

  /// A count that could not be written waits for the next `takeDue`.
  mutating func giveBack(_ entry: PendingEntry) { addDue(entry.refusalKind, entry.count ?? 1) }

  // MARK: Windows

  private mutating func tally(
    _ kind: RefusalKind, bootNow: UInt64, _ body: (inout Tally, RefusalKind, Int) -> Bool
  ) -> Admission {
    var kind = kind
    if let uid = kind.uid, windows[uid] == nil, windows.count >= NoiseLimiter.callerCountMax { kind.uid = nil }
    if let window = windows[kind.uid], window.isOver(bootNow: bootNow) { roll(kind.uid, window, bootNow: bootNow) }
    var window = windows.removeValue(forKey: kind.uid) ?? Window(begin: bootNow)
    defer { windows[kind.uid] = window }
    let place = window.place(kind.shown)
    let told = kind.told(at: place)
    return body(&window.tallies[place, default: Tally()], told, window.entriesAtOnce) ? .entry(told) : .counted
  }

  /// Ends a window; where it was noisy, a longer one begins.
  private mutating func roll(_ uid: UInt32?, _ window: Window, bootNow: UInt64) {
    let wasNoisy = close(window)
    windows[uid] =
      wasNoisy
      ? Window(
        begin: bootNow, nanoseconds: min(2 * window.nanoseconds, NoiseLimiter.windowNanosecondsMax), isNoisy: true)
      : nil
  }

  @discardableResult
  private mutating func close(_ window: Window) -> Bool {
    var wasNoisy = false
    for tally in window.tallies.values {
      guard let told = tally.told else { continue }
      addDue(told, tally.counted)
      wasNoisy = true
    }
    return wasNoisy
  }

  private mutating func addDue(_ kind: RefusalKind, _ count: UInt64) {
    var kind = kind
    if due[kind] == nil, due.count >= NoiseLimiter.dueKindCountMax {
      kind = kind.withoutAccount
      kind.uid = nil
    }
    due[kind, default: 0] += count
  }

  private mutating func takeAllDue() -> [PendingEntry] {
    defer { due.removeAll() }
    return due.map { kind, count in kind.entry(count: count) }
  }
}
