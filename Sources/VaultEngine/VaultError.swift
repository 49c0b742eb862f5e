import AccessLog
import VaultCrypto
import VaultModel
import VaultStore

/// Every way the vault refuses. Equal by `code`. `detail`, `hint` and `field` are for people: they name fields and
/// rules, never a value that somebody sent and never a secret.
public struct VaultError: Error, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable, CaseIterable {
    // The request
    case malformed, invalid, purposeNeeded, versionNeeded, retryMismatch
    // Who asks
    case loginNeeded, loginFailed, denied, tooManyAttempts, overQuota
    // What is there
    case notFound, erased, conflict, stale, founding, restored
    // The vault
    case rootKeyMissing, rootKeyWrong, inUse, notAVault, busy, full, unavailable, failed
    /// Stored bytes are not what was written: altered, swapped, removed, replayed or rolled back.
    case integrity
  }

  public let code: Code
  public let detail: String
  /// nil: the caller's general advice for the code will do.
  public internal(set) var hint: String?
  /// Dotted path, such as `identity.prs_Birthdate`.
  public let field: String?
  /// Seconds until the next attempt is looked at.
  public let retryAfterSeconds: Int?
  /// Index of the entry about this refusal.
  public internal(set) var entryIndex: UInt64?
  /// The entry says that somebody was barred; the answer does not.
  var isBarred = false
  /// Kept to named people: what helps depends on who of them opens it, and is looked up before anybody is told.
  var kept: RecordID?
  /// What the change was made under had changed before its turn: made anew, it may well go through.
  var isSuperseded = false
  /// An entry tells of this refusal, or a count that becomes one.
  public internal(set) var isWitnessed = false

  public init(
    _ code: Code, _ detail: String, hint: String? = nil, field: String? = nil, retryAfterSeconds: Int? = nil
  ) {
    self.code = code
    self.detail = detail
    self.hint = hint
    self.field = field
    self.retryAfterSeconds = retryAfterSeconds
  }

  public static func == (left: VaultError, right: VaultError) -> Bool { left.code == right.code }

  public var description: String { "\(code.rawValue)\(field.map { " at \($0)" } ?? ""): \(detail)" }

  /// Stored bytes that fail a check. `what` names the kind of thing, never its content.
  static func tampered(_ what: String) -> VaultError {
    VaultError(
      .integrity, "\(what) is not what was written.",
      hint: "Stop, keep a copy of the data directory, and tell the auditor.")
  }
}

/// Runs work on stored bytes: what the layers below throw becomes ours, and a failed check of ciphertext is tampering.
func onStored<R>(_ what: String, _ body: () throws -> R) throws(VaultError) -> R {
  do {
    return try body()
  } catch let error as VaultError {
    throw error
  } catch let error as StoreError {
    throw VaultError(error)
  } catch let error as CryptoError where error.code == .unavailable {
    throw VaultError(.busy, "There is not enough memory for this now.")
  } catch is CryptoError {
    throw .tampered(what)
  } catch is IdentifierError {
    throw .tampered(what)
  } catch is LogError {
    throw .tampered(what)
  } catch is SearchError {
    throw .tampered(what)
  } catch {
    throw VaultError(.failed, "\(what) could not be read.")
  }
}

extension VaultError {
  init(_ error: StoreError) {
    switch error.code {
    case .damaged: self = .tampered("The database")
    case .displaced: self = .displaced
    case .full: self = .noRoom
    case .busy, .timeout:
      self.init(.busy, "The vault has more to write than it can take right now.", retryAfterSeconds: 1)
    case .stuck:
      self.init(
        .busy, "The disk of the vault does not answer, so nothing was shown; what was to be written may yet be.",
        hint: "Wait, then look whether it was done. If it stays, call whoever runs the host.", retryAfterSeconds: 10)
    case .conflict: self.init(.conflict, "Somebody else changed the same thing first.")
    case .superseded:
      self.init(
        .stale, "The keys of the programme changed at this very moment, so nothing was written.",
        hint: "Do it again: it will be written under the new keys.")
      isSuperseded = true
    case .inUse: self.init(.inUse, "Another daemon has this data directory open.", hint: "Stop it, or use its socket.")
    case .missing, .notAVault:
      self.init(.notAVault, "There is no vault in this directory.", hint: "Make one: vaultd init --data DIR …")
    case .newerVersion: self.init(.failed, "This vault was written by a newer version.", hint: "Install that version.")
    case .permissions:
      self.init(
        .failed, "The data directory does not belong to this user alone.",
        hint: "chown it to the daemon's user; directory 0700, files 0600.")
    case .commitFailed where error.cause == .full: self = .noRoom
    case .commitFailed where error.cause == .displaced: self = .displaced
    case .commitFailed where error.cause == .damaged:
      self.init(
        .integrity, "The database is not as the vault left it, so nothing more is written to it or shown from it.",
        hint: "Keep a copy of the data directory, tell the auditor, then start the daemon again: it checks everything.")
    case .commitFailed, .sealFailed, .io, .closed, .misconfigured, .invalid:
      self.init(
        .unavailable, "The vault could not write its log, so it did nothing.",
        hint: "Try again; if it stays, call whoever runs the host.", retryAfterSeconds: 5)
    }
  }

  private static let noRoom = VaultError(
    .full, "There is no room left on the disk of the vault, so nothing was written.",
    hint: "Make room on the host of the vault. Reading goes on for as long as the log's reserve lasts: see status.")

  /// Somebody moved, removed or replaced a file that is open. What is written to it would be lost.
  private static let displaced = VaultError(
    .unavailable, "A file of the vault is no longer at its place, so nothing was written or shown.",
    hint: "Put back the very file that was there; a copy is not taken. Otherwise stop the daemon and call the auditor.",
    retryAfterSeconds: 10)
}
