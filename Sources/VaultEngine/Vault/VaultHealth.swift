import Synchronization
import VaultStore

/// How the vault's host treats it: room, writing and the anchor.
public struct VaultHealth: Sendable, Equatable {
  public enum Writing: Sendable, Equatable {
    case well
    /// Every answer that needs an entry is an error.
    case failing
    /// The open files are no longer at their places.
    case displaced
    /// The database is not as the vault left it: somebody else has written to it.
    case foreign
    /// A commit takes longer than its bound.
    case stuck
  }

  public enum Anchor: String, Sendable, CaseIterable {
    case ok
    /// There was none when the vault was opened, though the log had entries; one was made since.
    case wasMissing = "was-missing"
    /// It cannot be written.
    case failing
  }

  /// The off-host journal.
  public enum Journal: String, Sendable, CaseIterable {
    /// None is kept.
    case off
    case ok
    /// It cannot be written.
    case failing
    /// The file is not the one that this vault wrote, or lines of it are gone: nothing is added to it.
    case foreign
  }

  /// What is left on the disk.
  public struct Space: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
      case ok
      /// Records are no longer written; what belongs to the access log is, from the reserve.
      case low
      /// The reserve is used up: nothing can be logged, so nothing is read.
      case full
    }

    /// Bytes kept back for the access log.
    public var reserveByteCount: Int
    /// Bytes free on the disk; 0 where the file system does not say.
    public var freeByteCount: Int
    public var state: State

    init(_ space: StoreSpace) {
      reserveByteCount = space.reserveByteCount
      freeByteCount = space.freeByteCount
      switch space.state {
      case .ok: state = .ok
      case .low: state = .low
      case .full: state = .full
      }
    }
  }

  public var space: Space
  public var writing: Writing
  public var anchor: Anchor
  /// Attempts to write the anchor that failed since the vault was opened.
  public var anchorFailureCount: UInt64
  public var journal: Journal
}

/// A change of health, for the daemon's log: each is told once when it begins and once when it ends.
public enum HealthNotice: Sendable, Equatable {
  case space(VaultHealth.Space)
  case writing(VaultHealth.Writing)
  case anchor(VaultHealth.Anchor)
  case journal(VaultHealth.Journal)

  /// In words, and whether it is trouble.
  public var words: (text: String, isTrouble: Bool) {
    switch self {
    case .space(let space):
      switch space.state {
      case .ok: ("there is room on the disk again", false)
      case .low: ("the disk is nearly full: records are no longer written; reading goes on within the reserve", true)
      case .full: ("the disk is full and the reserve is used up: nothing can be logged, so nothing is read", true)
      }
    case .writing(let writing):
      switch writing {
      case .well: ("the log can be written again", false)
      case .failing: ("the log cannot be written: every request that needs an entry is refused", true)
      case .displaced: ("a file of the vault was moved, removed or replaced: nothing is written until it is back", true)
      case .foreign:
        ("the database is not as the vault left it: nothing is shown or written until a start has checked it all", true)
      case .stuck: ("the disk does not answer: nothing is shown until it does", true)
      }
    case .journal(let journal):
      switch journal {
      case .off, .ok: ("the off-host journal is written", false)
      case .failing:
        ("the off-host journal cannot be written: a restore would not repeat what is suspended or revoked now", true)
      case .foreign: ("the off-host journal is not the one that this vault wrote: nothing is added to it", true)
      }
    case .anchor(let anchor):
      switch anchor {
      case .ok: ("the anchor is written again", false)
      case .wasMissing:
        ("there was no anchor though the log has entries: a rollback before this start would not have shown", true)
      case .failing: ("the anchor cannot be written: a rollback of this host would not show at the next start", true)
      }
    }
  }
}

extension Vault {
  public var health: VaultHealth {
    let kept = anchor.health
    let writing: VaultHealth.Writing =
      switch writer.health {
      case .well: .well
      case .stuck: .stuck
      case .failing(.displaced): .displaced
      case .failing(.damaged): .foreign
      // Want of room is told as such.
      case .failing(.full): .well
      case .failing: .failing
      }
    return VaultHealth(
      space: VaultHealth.Space(store.space), writing: writing,
      anchor: kept.isFailing ? .failing : wasAnchorMissing ? .wasMissing : .ok,
      anchorFailureCount: kept.failureCount, journal: journalHealth)
  }

  private var journalHealth: VaultHealth.Journal {
    guard let journal else { return .off }
    return journal.isForeign ? .foreign : journal.isFailing ? .failing : .ok
  }

  /// What changed since it was last told, for the daemon's log; what auditors should know becomes an entry, too. Call
  /// after `maintain()`; returns at once.
  public func healthChanges() -> [HealthNotice] {
    let now = health
    guard let before = healthReport.turn(to: now, bootNow: clock.bootNanoseconds()) else { return [] }
    var notices: [HealthNotice] = []
    var entries: [PendingEntry] = []
    func note(_ action: Action, _ detail: String) {
      var entry = PendingEntry(action)
      entry.detail = detail
      entries.append(entry)
    }
    if now.space.state != before.space.state {
      notices.append(.space(now.space))
      // At `full` there is no room for an entry, and coming back from it is told by the next step.
      if now.space.state == .low { note(.spaceLow, now.space.state.rawValue) }
    }
    if now.writing != before.writing { notices.append(.writing(now.writing)) }
    if now.anchor != before.anchor {
      notices.append(.anchor(now.anchor))
      // That there was none stands in the entry of the start.
      if now.anchor == .failing || before.anchor == .failing { note(.anchorState, now.anchor.rawValue) }
    }
    if now.journal != before.journal, [before.journal, now.journal] != [.off, .ok] {
      notices.append(.journal(now.journal))
      note(.journalState, now.journal.rawValue)
    }
    outbox.post(entries) { [self] in await writeBehind($0) }
    return notices
  }
}

/// What was told last of the vault's health.
final class HealthReport: Sendable {
  /// A disk that wavers between two states must not fill the log with that.
  static let pauseNanoseconds: UInt64 = 10_000_000_000

  private struct State {
    var told: VaultHealth?
    var toldAt: UInt64?
  }

  private let state = Mutex(State())

  /// What was told before, if `now` is to be told; nil where nothing changed, or something was told a moment ago.
  func turn(to now: VaultHealth, bootNow: UInt64) -> VaultHealth? {
    state.withLock { state in
      var before = state.told ?? .untroubled
      // Numbers alone are nothing to tell.
      before.space.reserveByteCount = now.space.reserveByteCount
      before.space.freeByteCount = now.space.freeByteCount
      before.anchorFailureCount = now.anchorFailureCount
      guard before != now else { return nil }
      if let at = state.toldAt, bootNow < at &+ HealthReport.pauseNanoseconds { return nil }
      state.told = now
      state.toldAt = bootNow
      return before
    }
  }
}

extension VaultHealth {
  fileprivate static let untroubled = VaultHealth(
    space: Space(StoreSpace(reserveByteCount: 0, freeByteCount: 0, state: .ok)), writing: .well, anchor: .ok,
    anchorFailureCount: 0, journal: .off)
}
