public import VaultModel

/// What went wrong, as a problem document (RFC 9457).
///
/// `detail`, `hint` and `field` go to the caller and to terminals: they name rules and fields, never a value that
/// somebody sent, and never a secret.
public struct Problem: Error, Sendable, Equatable {
  public let kind: ProblemKind
  /// HTTP status. That of the kind, unless a caller received another one from a newer daemon.
  public let status: Int
  public let detail: String
  /// What to do next.
  public let hint: String
  /// Dotted path of the field at fault, such as `identity.prs_BirthYear`.
  public let field: String?
  /// Seconds to wait before another attempt, sent as `Retry-After`.
  public let retryAfterSeconds: Int?
  /// Index of the access log's entry about this refusal, sent as `Vault-Audit-Index`.
  public let auditIndex: UInt64?
  /// An entry tells of this refusal, or a count that becomes one. The daemon's own; never sent.
  public var isWitnessed = false

  public init(
    _ kind: ProblemKind, _ detail: String = "", hint: String? = nil, field: String? = nil, status: Int? = nil,
    retryAfterSeconds: Int? = nil, auditIndex: UInt64? = nil
  ) {
    self.kind = kind
    self.status = status ?? kind.row.status
    self.detail = detail.isEmpty ? kind.row.title + "." : detail
    self.hint = hint ?? kind.row.hint
    self.field = field
    self.retryAfterSeconds = retryAfterSeconds
    self.auditIndex = auditIndex
  }

  public var title: String { kind.row.title }
  public var exitCode: ExitCode { kind.row.exitCode }

  /// The `type` member: a URN, because a vault has no web address to point to.
  public var type: String { Self.typePrefix + kind.rawValue }
  public static let typePrefix = "urn:survivor-vault:problem:"

  /// The document as JSON, members in the order of the interface document.
  public var document: [UInt8] {
    var json = JSONText(capacity: 512)
    json.object { (json: inout JSONText) in
      json.member("type", type)
      json.member("title", title)
      json.member("status", status)
      json.member("detail", detail)
      json.member("hint", hint)
      if let field { json.member("field", field) }
    }
    return json.bytes
  }
}

extension Problem {
  /// Reads a problem document as a client received it. A kind from a newer daemon is placed by its status.
  public init(json: JSONValue, status: Int, auditIndex: UInt64?) {
    let name = json["type"]?.stringValue.map {
      $0.hasPrefix(Self.typePrefix) ? $0.dropFirst(Self.typePrefix.count) : ""
    }
    let kind = name.flatMap { ProblemKind(rawValue: String($0)) } ?? ProblemKind(status: status)
    self.init(
      kind, json["detail"]?.stringValue ?? "", hint: json["hint"]?.stringValue, field: json["field"]?.stringValue,
      status: status, auditIndex: auditIndex)
  }
}

extension ProblemKind {
  /// The nearest kind for a status that came without one we know.
  public init(status: Int) {
    switch status {
    case 401: self = .loginNeeded
    case 403: self = .denied
    case 404: self = .notFound
    case 409: self = .conflict
    case 412: self = .stale
    case 428: self = .versionNeeded
    case 429: self = .tooManyAttempts
    case 400..<500: self = .malformed
    case 503: self = .busy
    default: self = .failed
    }
  }
}

extension Problem: CustomStringConvertible {
  /// Kind, status and field only: safe in a log.
  public var description: String { "problem \(kind.rawValue) (\(status))" + (field.map { " at \($0)" } ?? "") }
}
