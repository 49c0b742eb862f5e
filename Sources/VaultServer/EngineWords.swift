import Foundation
import VaultAPI
import VaultEngine
import VaultModel

/// Runs a use case and words its refusal for the wire.
func problems<R>(_ body: () async throws(VaultError) -> R) async throws(Problem) -> R {
  do throws(VaultError) {
    return try await body()
  } catch {
    throw Problem(error)
  }
}

extension Problem {
  init(_ error: VaultError) {
    let isAboutAccount = error.code == .notFound && ["account", "accounts", "from"].contains(error.field)
    self.init(
      ProblemKind(error.code), error.detail,
      hint: error.hint ?? (isAboutAccount ? "Accounts and their states: vaultsh account list." : nil),
      field: error.field,
      retryAfterSeconds: error.retryAfterSeconds,
      auditIndex: error.entryIndex)
    isWitnessed = error.isWitnessed
  }
}

extension ProblemKind {
  fileprivate init(_ code: VaultError.Code) {
    self =
      switch code {
      case .malformed: .malformed
      case .invalid: .invalid
      case .purposeNeeded: .purposeNeeded
      case .versionNeeded: .versionNeeded
      case .retryMismatch: .retryMismatch
      case .loginNeeded: .loginNeeded
      case .loginFailed: .loginFailed
      case .denied: .denied
      case .tooManyAttempts: .tooManyAttempts
      case .overQuota: .overQuota
      case .notFound: .notFound
      case .erased: .erased
      case .conflict: .conflict
      case .stale: .stale
      case .founding: .founding
      case .restored: .restored
      case .rootKeyMissing, .rootKeyWrong, .inUse, .notAVault: .locked
      case .busy: .busy
      case .unavailable: .unavailable
      case .full: .full
      case .failed: .failed
      case .integrity: .integrity
      }
  }
}

extension Call {
  var caller: Caller {
    Caller(uid: uid, token: token?.bytes, purpose: purpose, reason: reason, idempotencyKey: idempotencyKey)
  }
}

extension StatusAnswer.Space {
  init(_ space: VaultHealth.Space) {
    let state: State =
      switch space.state {
      case .ok: .ok
      case .low: .low
      case .full: .full
      }
    self.init(reserve: UInt64(space.reserveByteCount), free: UInt64(space.freeByteCount), state: state)
  }
}

extension StatusAnswer.Anchor {
  init(_ anchor: VaultHealth.Anchor) {
    self =
      switch anchor {
      case .ok: .ok
      case .wasMissing: .wasMissing
      case .failing: .failing
      }
  }
}

extension StatusAnswer.Journal {
  init(_ journal: VaultHealth.Journal) {
    self =
      switch journal {
      case .off: .off
      case .ok: .ok
      case .failing: .failing
      case .foreign: .foreign
      }
  }
}

extension BoundPeer {
  init(_ uid: BoundUID) {
    switch uid {
    case .any: self = .any
    case .uid(let uid): self = .uid(uid)
    }
  }
}

extension AccountRow {
  init(_ account: Vault.AccountSummary, programmes: [ProgrammeID]) {
    let uid: BoundUID =
      switch account.peer {
      case .any: .any
      case .uid(let uid): .uid(uid)
      }
    let state: State =
      switch account.state {
      case .invited: .invited
      case .active: .active
      case .suspended: .suspended
      }
    self.init(
      account: account.name.description, role: account.role, uid: uid, state: state,
      fingerprint: account.fingerprint?.words,
      programmes: programmes.map(\.description))
  }
}

extension SuspensionAnswer {
  init(_ departure: Vault.Departure) {
    self.init(
      account: AccountRow(departure.account, programmes: departure.programmes),
      sessionsEnded: UInt64(departure.sessionsEnded),
      rekeyed: departure.rekeyed.map(\.description), pending: departure.pending,
      recordsOwned: departure.recordsOwned.prefix(WireLimit.ownedCountMax).map(\.description),
      unreadable: departure.unreadable.prefix(WireLimit.ownedCountMax).map(\.description),
      readsLast30Days: departure.readsLast30Days)
  }
}

extension GrantAnswer {
  init(_ summary: Vault.GrantSummary) {
    self.init(
      grant: summary.grant, account: summary.account.description,
      programmes: summary.programmes.map(\.description) + (summary.isAudit ? ["audit"] : []),
      expires: summary.expires?.text, may: summary.may?.words ?? [])
  }
}

extension RecordSaved {
  init(_ saved: Vault.Saved) {
    self.init(
      id: saved.id.description, version: saved.version, incomplete: saved.incomplete,
      possibleDuplicates: saved.possibleDuplicates.map(\.description))
  }
}

func accountName(_ text: String, field: String) throws(Problem) -> AccountName {
  guard let name = try? AccountName(text) else {
    throw Problem(
      .invalid, "An account's name is 1 to 64 lowercase letters, digits, `-` and `.`, letter first.", field: field)
  }
  return name
}

func programmeID(_ text: String) throws(Problem) -> ProgrammeID {
  guard let id = try? ProgrammeID(text) else {
    throw Problem(.invalid, "This is not a programme's id.", field: "programme")
  }
  return id
}

func timestamp(_ text: String, field: String) throws(Problem) -> Timestamp {
  guard let time = Timestamp(parsing: text) else {
    throw Problem(.invalid, "A time is written as 2026-03-01 or 2026-03-01T09:30:00Z.", field: field)
  }
  return time
}

/// `1999` or `1998..2002`.
func years(_ text: String) throws(Problem) -> ClosedRange<Int> {
  let problem = Problem(.invalid, "Years of birth are written as 1999 or 1998..2002.", field: "born")
  guard text.utf8.count <= 12 else { throw problem }
  let dots = text.range(of: "..")
  guard let first = Int(dots.map { String(text[..<$0.lowerBound]) } ?? text),
    let last = Int(dots.map { String(text[$0.upperBound...]) } ?? text), 1850...2150 ~= first, first <= last,
    last <= 2150
  else { throw problem }
  return first...last
}
