import Synchronization
import VaultCrypto
public import VaultModel

/// An open account: its keys, the compartments they open, and until when.
///
/// What a request needs is here, so that the hot path verifies no signature; whoever changes memberships raises the
/// vault's generation, and the next request of each session opens its grants anew.
public final class Session: Sendable {
  /// Nobody works that long without a break; a forgotten terminal should not stay open.
  public static let idleSeconds: UInt64 = 15 * 60
  /// A shift.
  public static let lifetimeSeconds: UInt64 = 10 * 3600

  public let account: AccountName
  public let role: Role
  public let uid: UInt32
  public let opened: Timestamp
  /// On the boot clock.
  let begun: UInt64
  let certificate: Certificate
  let tileRuns = TileRuns()
  private let guarded: Mutex<Guarded>

  struct Held: Sendable {
    /// By epoch; the newest seals.
    let keys: [UInt64: CompartmentKey]
    let newest: UInt64
    /// Public key of the newest epoch; writers who hold no key seal to it.
    let publicKey: SealingKey
    let verbs: Set<Verb>
    /// nil: without end.
    let expires: Timestamp?

    var current: CompartmentKey? { keys[newest] }
  }

  struct Guarded {
    var isOpen = true
    /// nil also for a session that was opened by a signature: it can submit, and opens nothing.
    var secrets: AccountSecrets?
    var compartments: [Compartment: Held] = [:]
    var generation: UInt64 = 0
    var deadline: UInt64
    let end: UInt64
  }

  init(
    account: VerifiedAccount, certificate: Certificate, uid: UInt32, secrets: AccountSecrets?, opened: Timestamp,
    bootNow: UInt64
  ) {
    self.account = account.name
    role = account.role
    self.uid = uid
    self.opened = opened
    self.certificate = certificate
    begun = bootNow
    let end = bootNow + Session.lifetimeSeconds * 1_000_000_000
    guarded = Mutex(
      Guarded(secrets: secrets, deadline: min(end, bootNow + Session.idleSeconds * 1_000_000_000), end: end))
  }

  public var expires: Timestamp { opened.adding(seconds: Session.lifetimeSeconds) }

  var memberKeys: MemberKeys { MemberKeys(verifying: certificate.verifyingKey, sealing: certificate.sealingKey) }

  /// False once closed or past a deadline; otherwise puts the idle deadline off.
  func touch(bootNow: UInt64) -> Bool {
    guarded.withLock { state in
      guard state.isOpen, bootNow < state.deadline else { return false }
      state.deadline = min(state.end, bootNow + Session.idleSeconds * 1_000_000_000)
      return true
    }
  }

  func isPast(bootNow: UInt64) -> Bool { guarded.withLock { !$0.isOpen || bootNow >= $0.deadline } }

  var isClosed: Bool { guarded.withLock { !$0.isOpen } }

  /// For whoever has waited since the session was asked for.
  func demandOpen() throws(VaultError) {
    guard !isClosed else {
      throw VaultError(
        .loginNeeded, "The session was ended while it was being answered.",
        hint: "If you did not end it, ask your supervisor or the administrator.")
    }
  }

  /// nil once closed, and where the account's key stayed with its holder.
  var secrets: AccountSecrets? { guarded.withLock(\.secrets) }

  var isOpen: Bool { guarded.withLock(\.isOpen) }

  func held(_ compartment: Compartment) -> Held? { guarded.withLock { $0.compartments[compartment] } }

  /// Programmes in which this account is a member of any compartment, ascending.
  public var programmes: [ProgrammeID] {
    guarded.withLock { Set($0.compartments.keys.compactMap(\.programme)).sorted() }
  }

  func isMember(of programme: ProgrammeID) -> Bool {
    guarded.withLock { $0.compartments.keys.contains { $0.programme == programme } }
  }

  /// Whether what was loaded still holds: no membership has changed since, and none has run out.
  func isCurrent(generation: UInt64, at now: Timestamp) -> Bool {
    guarded.withLock { state in
      state.generation == generation && state.compartments.values.allSatisfy { $0.expires.map { now < $0 } ?? true }
    }
  }

  func load(_ compartments: [Compartment: Held], generation: UInt64) {
    guarded.withLock { state in
      guard state.isOpen else { return }
      state.compartments = compartments
      state.generation = generation
    }
  }

  /// Lets go of every key; guarded memory wipes itself with its last holder.
  func close() {
    guarded.withLock { state in
      state.isOpen = false
      state.secrets = nil
      state.compartments = [:]
    }
  }
}
