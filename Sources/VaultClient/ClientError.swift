public import VaultAPI
import VaultModel

/// Why an operation did not come about: refused by the daemon, or never answered by it. Either way a problem document.
public struct ClientError: Error, Sendable, Equatable, CustomStringConvertible {
  public let problem: Problem

  public init(_ problem: Problem) { self.problem = problem }

  public init(_ kind: ProblemKind, _ detail: String = "") { problem = Problem(kind, detail) }

  public var kind: ProblemKind { problem.kind }
  public var exitCode: ExitCode { problem.exitCode }
  public var description: String { problem.description }

  init(_ answer: RawAnswer) {
    let json = (try? JSONValue.parse(answer.body)) ?? .null
    problem = Problem(json: json, status: answer.status, auditIndex: answer.auditIndex)
  }
}
