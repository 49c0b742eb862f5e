import VaultClient
import VaultModel

/// What lasts from one command of the prompt to the next, until it locks.
@MainActor final class PromptState {
  /// Record ids kept for completion.
  private static let recordCountMax = 500

  let socket: String
  let client: VaultClient
  let session: OpenSession
  let idleSeconds: Int
  var purpose: Purpose?
  var reason: String?
  /// Set by `logout` and by Ctrl-D.
  var isLeaving = false
  /// Set by `lock`, and when nobody types.
  var isLocking = false
  private(set) var records: [String] = []
  private(set) var programmes: [String]

  init(socket: String, client: VaultClient, session: OpenSession, idleSeconds: Int, given: GivenOptions) {
    self.socket = socket
    self.client = client
    self.session = session
    self.idleSeconds = idleSeconds
    purpose = given.purpose
    reason = given.reason
    programmes = session.programmes
  }

  func remember(records ids: [String]) {
    for id in ids where !records.contains(id) { records.append(id) }
    records.removeFirst(max(0, records.count - Self.recordCountMax))
  }

  func remember(programmes ids: [String]) {
    for id in ids where !programmes.contains(id) { programmes.append(id) }
  }

  /// Asks once; `purpose` changes it.
  func askPurpose() throws -> Purpose {
    let all = Purpose.allCases
    Terminal.write("Why do you read records in this session? It stands in the access log.\n")
    for (index, purpose) in all.enumerated() { Terminal.write("  \(index + 1) \(purpose.rawValue)\n") }
    while true {
      let answer = try Question.line("Purpose [1]: ", idleSeconds: idleSeconds).lowercased()
      let chosen =
        answer.isEmpty
        ? all.first
        : Int(answer).flatMap { all.indices.contains($0 - 1) ? all[$0 - 1] : nil }
          ?? Purpose(rawValue: answer)
      if let chosen {
        purpose = chosen
        return chosen
      }
      Terminal.write("A number from 1 to \(all.count), or the word itself.\n")
    }
  }
}
