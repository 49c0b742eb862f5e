import AccessLog
import VaultAPI
import VaultClient
import VaultCrypto
import VaultModel

/// Why a command did not do what was asked: what a problem document says, and the exit code.
///
/// Says what happened, what it means and what to do next; never repeats a value that somebody typed or stored.
struct Failure: Error, Sendable {
  /// Last part of the problem's `type`. Those of the daemon, and the shell's own `usage` and `interrupted`.
  var kind: String
  var title: String
  /// HTTP status where the daemon answered; what it would be elsewhere.
  var status: Int
  var detail: String
  var hint: String
  var field: String?
  var exitCode: ExitCode

  init(_ problem: Problem) {
    kind = problem.kind.rawValue
    title = problem.title
    status = problem.status
    detail = problem.detail
    hint = problem.hint
    field = problem.field
    exitCode = problem.exitCode
  }

  init(_ kind: ProblemKind, _ detail: String = "", hint: String? = nil, field: String? = nil) {
    self.init(Problem(kind, detail, hint: hint, field: field))
  }

  /// The command line itself is wrong: exit code 2.
  static func usage(_ detail: String, hint: String = "See `vaultsh help`.", field: String? = nil) -> Failure {
    var failure = Failure(.malformed, detail, hint: hint, field: field)
    failure.kind = "usage"
    failure.title = "The command line is not right"
    failure.exitCode = .usage
    return failure
  }

  /// A file could not be read or written. The path is the user's own and is named.
  static func file(_ what: String, _ path: String, _ error: SystemError) -> Failure {
    Failure(.failed, "\(what) \(Printable.line(path)): \(error.words).", hint: "Check the path and its permissions.")
  }

  static let interrupted: Failure = {
    var failure = Failure(.failed, "You stopped it.", hint: "Nothing that was acknowledged is lost.")
    failure.kind = "interrupted"
    failure.title = "Stopped"
    return failure
  }()

  /// Whatever a command threw, in one form.
  init(any error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as ClientError: self.init(error.problem)
    case let problem as Problem: self.init(problem)
    case let error as WireError: self.init(error.problem)
    case let error as IdentifierError:
      self.init(.invalid, Self.sentence(error.description), hint: "Check how it is spelled.")
    case let error as FieldFault:
      self.init(
        .invalid, Self.sentence(error.detail),
        field: error.section.rawValue + (error.field.isEmpty ? "" : ".\(error.field)"))
    case let error as JSONError:
      self.init(.malformed, Self.sentence(error.description), hint: "Check the file with a JSON tool.")
    case let error as LogError:
      self.init(.integrity, "The log does not verify: \(error.reason).")
    case is CancellationError: self = .interrupted
    default: self.init(.failed, "Something failed that this program has no words for: \(type(of: error)).")
    }
  }

  /// The problem document.
  var document: [UInt8] {
    var json = JSONText(capacity: 512)
    json.object { (json: inout JSONText) in
      json.member("type", Problem.typePrefix + kind)
      json.member("title", title)
      json.member("status", status)
      json.member("detail", detail)
      json.member("hint", hint)
      if let field { json.member("field", field) }
    }
    return json.bytes
  }

  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}
