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
    case loginNeeded, loginFailed, denied, tooManyAttempts
    // What is there
    case notFound, conflict, stale, founding
    // The vault
    case rootKeyMissing, rootKeyWrong, inUse, notAVault, busy, full, unavailable, failed
    /// Stored bytes are not what was written: altered, swapped, removed, replayed or rolled back.
    case integrity
  }

  public let code: Code
  public let detail: String
  /// nil: the caller's general advice for the code will do.
  public let hint: String?
  /// Dotted path, such as `identity.prs_Birthdate`.
  public let field: String?
  /// Seconds until the next attempt is looked at.
  public let retryAfterSeconds: Int?
  /// Index of the entry about this refusal.
  public internal(set) var entryIndex: UInt64?
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
    case .damaged, .displaced: self = .tampered("The database")
    case .full: self.init(.full, "There is no room left on the disk of the vault.")
    case .busy, .timeout: self.init(.busy, "The vault has more to write than it can take right now.")
    case .conflict: self.init(.conflict, "Somebody else changed the same thing first.")
    case .inUse: self.init(.inUse, "Another daemon has this data directory open.", hint: "Stop it, or use its socket.")
    case .missing, .notAVault:
      self.init(.notAVault, "There is no vault in this directory.", hint: "Make one: vaultd init --data DIR …")
    case .newerVersion: self.init(.failed, "This vault was written by a newer version.", hint: "Install that version.")
    case .permissions:
      self.init(
        .failed, "The data directory does not belong to this user alone.",
        hint: "chown it to the daemon's user; directory 0700, files 0600.")
    case .commitFailed where error.cause == .full: self.init(.full, "There is no room left on the disk of the vault.")
    case .commitFailed where error.cause == .displaced: self = .tampered("The database file")
    case .commitFailed, .sealFailed, .io, .closed, .misconfigured, .invalid:
      self.init(
        .unavailable, "The vault could not write its log, so it did nothing.",
        hint: "Try again; if it stays, call whoever runs the host.")
    }
  }
}
