import Synchronization
import VaultModel

/// Which records have terms of their own, by whom they concern: read once at open and moved by every commit, so that
/// listing and searching ask about the few records that are different and never about all.
final class ExceptionRegister: Sendable {
  fileprivate struct Record {
    let programme: ProgrammeID
    let version: UInt64
    let terms: RecordTerms
  }

  fileprivate struct State {
    var records: [UInt64: Record] = [:]
    var barred: [AccountName: Set<UInt64>] = [:]
    var restricted: [ProgrammeID: Set<UInt64>] = [:]
    /// Named, referred to, or let in.
    var ofAccount: [AccountName: Set<UInt64>] = [:]
    var ofProgramme: [ProgrammeID: Set<UInt64>] = [:]
  }

  private let state = Mutex(State())

  func load(_ heads: [RecordHead]) { for head in heads { set(head) } }

  /// After a commit. An older version than is known changes nothing.
  func set(_ head: RecordHead) {
    state.withLock { state in
      let bits = head.id.bits
      let old = state.records[bits]
      guard old?.version ?? 0 <= head.version else { return }
      if let old { State.index(old, bits, &state, isIn: false) }
      guard old != nil || !head.terms.isEmpty else { return }
      // Kept with empty terms too: an older version may still arrive.
      let new = Record(programme: head.programme, version: head.version, terms: head.terms)
      state.records[bits] = new
      State.index(new, bits, &state, isIn: true)
    }
  }

  /// Of a record that was erased; no version that arrives late brings its terms back.
  func remove(_ record: RecordID, from programme: ProgrammeID) {
    state.withLock { state in
      if let old = state.records[record.bits] { State.index(old, record.bits, &state, isIn: false) }
      state.records[record.bits] = Record(programme: programme, version: .max, terms: RecordTerms())
    }
  }

  func contains(_ record: RecordID) -> Bool { state.withLock { $0.records[record.bits] != nil } }

  /// Records of a programme that its members are not shown as a matter of course: those that the account is barred from,
  /// and those that are kept to others.
  func hidden(from account: AccountName, in programme: ProgrammeID, at now: Timestamp) -> Set<UInt64> {
    state.withLock { state in
      let barred = state.barred[account] ?? []
      let kept = (state.restricted[programme] ?? []).filter { bits in
        state.records[bits]?.terms.letsIn(account, at: now) == false
      }
      return barred.union(kept)
    }
  }

  /// Records that an account is barred from.
  func barred(_ account: AccountName) -> Set<UInt64> { state.withLock { $0.barred[account] ?? [] } }

  func barredCount(_ account: AccountName, in programme: ProgrammeID) -> Int {
    state.withLock { state in (state.barred[account] ?? []).count { state.records[$0]?.programme == programme } }
  }

  /// Records whose cards are not in a programme's index.
  func restricted(in programme: ProgrammeID) -> Set<UInt64> { state.withLock { $0.restricted[programme] ?? [] } }

  /// Every record that is kept to named people; ascending.
  var restricted: [RecordID] {
    state.withLock { state in state.restricted.values.joined().sorted().map { RecordID(bits: $0) } }
  }

  /// Records that the account may be able to read by their terms, through its own name or one of its programmes;
  /// ascending. Whether it may is for the gate to say.
  func concerning(_ account: AccountName, _ programmes: [ProgrammeID]) -> [RecordID] {
    state.withLock { state in
      var found = state.ofAccount[account] ?? []
      for programme in programmes { found.formUnion(state.ofProgramme[programme] ?? []) }
      found.subtract(state.barred[account] ?? [])
      return found.sorted().map { RecordID(bits: $0) }
    }
  }

  /// Whether a record is referred to the account by name, or it was let into one for an emergency.
  func isSharedWith(_ account: AccountName) -> Bool {
    state.withLock { state in
      (state.ofAccount[account] ?? []).contains { bits in
        guard let terms = state.records[bits]?.terms else { return false }
        return terms.referrals.contains { $0.receiver == .account(account) }
          || terms.emergencies.contains { $0.account == account }
      }
    }
  }

  /// Every record of a programme that has terms; ascending.
  func all(of programmes: Set<ProgrammeID>) -> [RecordID] {
    state.withLock { state in
      state.records.filter { programmes.contains($0.value.programme) && !$0.value.terms.isEmpty }.keys.sorted().map {
        RecordID(bits: $0)
      }
    }
  }

  func flags(of record: RecordID, at now: Timestamp) -> [RecordFlag] {
    state.withLock { $0.records[record.bits]?.terms.flags(at: now) ?? [] }
  }

  /// Records in which something has ended or waits to be sealed anew.
  func due(at now: Timestamp) -> (ended: [RecordID], stale: [RecordID]) {
    state.withLock { state in
      var (ended, stale): ([RecordID], [RecordID]) = ([], [])
      for (bits, record) in state.records {
        if let end = record.terms.nextEnd, end <= now { ended.append(RecordID(bits: bits)) }
        if !record.terms.stale.isEmpty { stale.append(RecordID(bits: bits)) }
      }
      return (ended, stale)
    }
  }

  /// Records into which somebody is let by an emergency now.
  func emergencyCount(at now: Timestamp) -> Int {
    state.withLock { state in state.records.values.count { !$0.terms.emergencies(at: now).isEmpty } }
  }
}

extension ExceptionRegister.State {
  static func index(
    _ record: ExceptionRegister.Record, _ bits: UInt64, _ state: inout ExceptionRegister.State, isIn: Bool
  ) {
    func put<Key: Hashable>(_ key: Key, _ path: WritableKeyPath<ExceptionRegister.State, [Key: Set<UInt64>]>) {
      if isIn {
        state[keyPath: path][key, default: []].insert(bits)
      } else {
        state[keyPath: path][key]?.remove(bits)
        if state[keyPath: path][key]?.isEmpty == true { state[keyPath: path][key] = nil }
      }
    }
    let terms = record.terms
    for account in terms.barred { put(account, \.barred) }
    if terms.isRestricted { put(record.programme, \.restricted) }
    for account in terms.named { put(account, \.ofAccount) }
    for emergency in terms.emergencies { put(emergency.account, \.ofAccount) }
    for referral in terms.referrals {
      switch referral.receiver {
      case .account(let name): put(name, \.ofAccount)
      case .programme(let id): put(id, \.ofProgramme)
      }
    }
  }
}
