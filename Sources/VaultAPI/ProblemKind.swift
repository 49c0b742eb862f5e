/// Every way a request can fail, with what a caller needs in order to react: one row a kind.
///
/// The raw value is the last part of the problem's `type`, and never changes once published.
public enum ProblemKind: String, Sendable, CaseIterable {
  // The request itself
  case malformed, invalid
  case hostMissing = "host-missing"
  case versionUnsupported = "version-unsupported"
  case noRoute = "no-route"
  case methodNotAllowed = "method-not-allowed"
  case mediaTypeUnsupported = "media-type-unsupported"
  case bodyTooLarge = "body-too-large"
  case addressTooLong = "address-too-long"
  case headersTooLarge = "headers-too-large"
  case tooSlow = "too-slow"
  case tooManyConnections = "too-many-connections"
  case tooManyAttempts = "too-many-attempts"
  case overQuota = "over-quota"
  // Who asks, and for what
  case loginNeeded = "login-needed"
  case loginFailed = "login-failed"
  case denied
  case purposeNeeded = "purpose-needed"
  case notFound = "not-found"
  case erased
  // The state of the vault
  case conflict, stale
  case versionNeeded = "version-needed"
  case retryMismatch = "retry-mismatch"
  case founding, restored
  case clockJumped = "clock-jumped"
  case locked, busy, unavailable, full, failed, integrity
  // What a client finds out for itself
  case unreachable
  case noAnswer = "no-answer"
  case garbled

  /// What one kind means on the wire and to a script.
  public struct Row: Sendable {
    /// HTTP status code.
    public let status: Int
    public let exitCode: ExitCode
    public let title: String
    /// What to do next, where the one who raises the problem knows nothing better.
    public let hint: String
  }

  public var row: Row {
    switch self {
    case .malformed:
      Row(
        400, .failed, "The request could not be read", "Send HTTP/1.1 with a JSON body as the interface describes it.")
    case .invalid:
      Row(422, .failed, "A value is not valid", "Correct what the message names and send it again.")
    case .hostMissing:
      Row(400, .failed, "The request has no Host header", "Send `Host: vault`.")
    case .versionUnsupported:
      Row(505, .failed, "This HTTP version is not spoken here", "Use HTTP/1.1.")
    case .noRoute:
      Row(404, .notFound, "There is nothing at this address", "See GET /v1/openapi.json for what there is.")
    case .methodNotAllowed:
      Row(405, .failed, "This address does not take that method", "The Allow header lists the methods it takes.")
    case .mediaTypeUnsupported:
      Row(
        415, .failed, "The body has a type that is not taken here",
        "Send the content type that the hint of the detail names.")
    case .bodyTooLarge:
      Row(413, .failed, "The body is too large", "Send fewer or smaller values in one request.")
    case .addressTooLong:
      Row(414, .failed, "The address is too long", "Move values into the body, or ask for less at once.")
    case .headersTooLarge:
      Row(431, .failed, "The headers are too large or too many", "Send fewer headers.")
    case .tooSlow:
      Row(408, .failed, "The request took too long to arrive", "Send it again in one piece.")
    case .tooManyConnections:
      Row(429, .failed, "Too many connections are open", "Close some, or wait a moment and try again.")
    case .tooManyAttempts:
      Row(429, .failed, "Too many attempts", "Wait for the time given in Retry-After.")
    case .overQuota:
      Row(429, .failed, "The quota is used up", "Wait for the time given in Retry-After.")
    case .loginNeeded:
      Row(401, .locked, "There is no open session", "Log in first: vaultsh login.")
    case .loginFailed:
      Row(401, .denied, "The login was refused", "Check the account name and its passphrase or key file.")
    case .denied:
      Row(403, .denied, "This account may not do that", "Ask the supervisor of the programme for a grant.")
    case .purposeNeeded:
      Row(403, .denied, "A purpose is needed", "Say why you read: --purpose, and --reason for an emergency.")
    case .notFound:
      Row(404, .notFound, "Not found", "Check the id, or find the record by name.")
    case .erased:
      Row(410, .notFound, "This was erased", "Nothing of it is left; the access log tells when, and who asked.")
    case .conflict:
      Row(409, .conflict, "This conflicts with what is there", "Look at what is there, then decide.")
    case .stale:
      Row(
        412, .conflict, "The record has changed since you read it",
        "Read it again and repeat the edit on the new version.")
    case .versionNeeded:
      Row(
        428, .conflict, "The edit does not say which version it changes",
        "Send If-Match with the version that you read.")
    case .retryMismatch:
      Row(409, .conflict, "This Idempotency-Key was used for another request", "Use a new key for a new request.")
    case .founding:
      Row(409, .conflict, "The vault is still being founded", "The supervisor and the auditor have to enrol first.")
    case .restored:
      Row(
        409, .conflict, "The vault was restored and waits to be accepted",
        "A supervisor and an auditor have to accept it: vaultsh restore accept.")
    case .clockJumped:
      Row(
        503, .failed, "The clock of this host has jumped",
        "Two people have to confirm the time before expiries count again.")
    case .locked:
      Row(503, .locked, "The vault is locked", "Unlock it on its host, or ask the one who runs it.")
    case .busy:
      Row(503, .failed, "The vault is busy", "Try again in a moment.")
    case .unavailable:
      Row(
        503, .failed, "The vault cannot write its log now",
        "Nothing was shown. Try again in a moment; if it stays, call whoever runs the host.")
    case .full:
      Row(
        507, .failed, "There is no room left to write", "Make room on the host of the vault. Nothing was half written.")
    case .failed:
      Row(500, .failed, "This could not be done", "Ask the one who runs the vault to look at its log.")
    case .integrity:
      Row(500, .integrity, "A verification failed", "Stop and tell the auditor: stored data is not what was written.")
    case .unreachable:
      Row(
        503, .locked, "The vault cannot be reached",
        "Is the daemon running, and is this its socket? See --socket and VAULT_SOCKET.")
    case .noAnswer:
      Row(504, .failed, "The vault did not answer in time", "Look whether it was done before you try again.")
    case .garbled:
      Row(
        502, .failed, "The answer could not be understood", "Check that the socket belongs to a vault of this version.")
    }
  }
}

extension ProblemKind {
  public var exitCode: ExitCode { row.exitCode }
}

extension ProblemKind.Row {
  fileprivate init(_ status: Int, _ exitCode: ExitCode, _ title: String, _ hint: String) {
    self.init(status: status, exitCode: exitCode, title: title, hint: hint)
  }
}
