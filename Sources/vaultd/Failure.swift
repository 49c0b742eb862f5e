import VaultEngine
import VaultServer

/// What went wrong, what to do, and with which exit code the process leaves.
struct Failure: Error {
  static let usage: Int32 = 2
  /// Where the one who refused knows nothing better.
  private static let ordinaryHint =
    "`vaultd doctor --data DIR` looks at the host, `vaultd verify --data DIR` at what is stored."

  let exitCode: Int32
  let what: String
  let hint: String

  init(_ exitCode: Int32, _ what: String, hint: String) {
    self.exitCode = exitCode
    self.what = what
    self.hint = hint
  }

  /// nil for errors of the argument parser.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as VaultError:
      self.init(Failure.exitCode(of: error.code), error.detail, hint: error.hint ?? Failure.ordinaryHint)
    case let error as SocketError: self.init(error.code == .inUse ? 5 : 1, error.description, hint: error.hint)
    default: return nil
    }
  }

  func show() {
    Output.errorLine("vaultd: \(what)")
    Output.errorLine("hint: \(hint)")
  }

  private static func exitCode(of code: VaultError.Code) -> Int32 {
    switch code {
    case .rootKeyMissing, .rootKeyWrong: 6
    case .notAVault, .notFound, .erased: 4
    case .inUse, .conflict, .stale, .retryMismatch, .versionNeeded, .founding, .restored: 5
    case .integrity: 7
    case .denied, .loginFailed, .loginNeeded, .purposeNeeded, .tooManyAttempts: 3
    case .malformed, .invalid, .overQuota, .busy, .full, .unavailable, .failed: 1
    }
  }
}
