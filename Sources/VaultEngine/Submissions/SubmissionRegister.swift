import Synchronization
import VaultModel

/// Which submissions wait, and what each service has handed in lately: for lists and quotas, without walking the file.
///
/// What was accepted or rejected before a restart is not counted after it; what still waits is.
final class SubmissionRegister: Sendable {
  struct Waiting: Sendable {
    let id: RecordID
    let programme: ProgrammeID
    let service: AccountName
    let received: Timestamp
    let byteCount: UInt64
    let sections: [Section]

    init(_ head: SubmissionHead) {
      id = head.id
      programme = head.programme
      service = head.service
      received = head.received
      byteCount = head.byteCount
      sections = head.parts.map(\.section)
    }
  }

  private struct Arrival {
    let id: RecordID
    let byteCount: UInt64
    /// Boot clock, in seconds: nobody can turn it.
    let second: UInt64
  }

  private struct State {
    var waiting: [UInt64: Waiting] = [:]
    /// Of the last day, oldest first. Bounded by the day's quota.
    var arrivals: [AccountName: [Arrival]] = [:]
  }

  private let state = Mutex(State())

  /// What the store holds, at open and after changes that nobody waited for.
  func load(_ heads: [SubmissionHead], now: Timestamp, bootNow: UInt64) {
    let second = bootNow / 1_000_000_000
    state.withLock { state in
      state.waiting = Dictionary(heads.map { ($0.id.bits, Waiting($0)) }, uniquingKeysWith: { $1 })
      guard state.arrivals.isEmpty else { return }
      for head in heads.sorted(by: { $0.received < $1.received }) {
        let age = (now.milliseconds - min(now.milliseconds, head.received.milliseconds)) / 1000
        guard age < SubmissionQuota.daySeconds else { continue }
        state.arrivals[head.service, default: []].append(
          Arrival(id: head.id, byteCount: head.byteCount, second: second - min(second, age)))
      }
    }
  }

  /// Counts one more, or says what is used up. Counted at once, so that many at the same time are as many.
  func admit(_ head: SubmissionHead, bootNow: UInt64) throws(VaultError) {
    let second = bootNow / 1_000_000_000
    try state.withLock { state throws(VaultError) in
      let own = state.waiting.values.filter { $0.service == head.service }
      guard own.count < SubmissionQuota.waitingCountMax,
        own.reduce(head.byteCount, { $0 + $1.byteCount }) <= SubmissionQuota.waitingByteCountMax
      else {
        throw VaultError(
          .overQuota, "So much of this service waits for an officer already that no more is taken.",
          hint: "Have an officer of the programme look: vaultsh submissions; then accept or reject.",
          retryAfterSeconds: Int(SubmissionQuota.hourSeconds))
      }
      var arrivals = (state.arrivals[head.service] ?? []).filter {
        second - min(second, $0.second) < SubmissionQuota.daySeconds
      }
      for (seconds, countMax, byteCountMax) in [
        (SubmissionQuota.hourSeconds, SubmissionQuota.hourCountMax, SubmissionQuota.hourByteCountMax),
        (SubmissionQuota.daySeconds, SubmissionQuota.dayCountMax, SubmissionQuota.dayByteCountMax),
      ] {
        let recent = arrivals.filter { second - min(second, $0.second) < seconds }
        guard recent.count < countMax, recent.reduce(head.byteCount, { $0 + $1.byteCount }) <= byteCountMax else {
          let oldest = recent.first?.second ?? second
          state.arrivals[head.service] = arrivals
          throw VaultError(
            .overQuota, "This service has handed in as much as it may within \(seconds / 3600) h.",
            hint: "Keep what is left and send it later. If it is a person's night of emergencies, call the team.",
            retryAfterSeconds: Int(seconds - min(seconds, second - min(second, oldest))))
        }
      }
      arrivals.append(Arrival(id: head.id, byteCount: head.byteCount, second: second))
      state.arrivals[head.service] = arrivals
      state.waiting[head.id.bits] = Waiting(head)
    }
  }

  /// It was not written after all.
  func takeBack(_ head: SubmissionHead) {
    state.withLock { state in
      state.waiting[head.id.bits] = nil
      state.arrivals[head.service]?.removeAll { $0.id == head.id }
    }
  }

  /// An officer has decided.
  func remove(_ id: RecordID) { state.withLock { $0.waiting[id.bits] = nil } }

  /// Oldest first.
  func waiting(in programme: ProgrammeID) -> [Waiting] {
    state.withLock { $0.waiting.values.filter { $0.programme == programme } }
      .sorted { ($0.received, $0.id.bits) < ($1.received, $1.id.bits) }
  }
}
