import VaultAPI
import VaultClient
import VaultModel

/// Sends the rows of one file over several connections, a few at a time.
@MainActor final class ImportRun {
  /// Connections at once: enough that one commit of the daemon serves several rows, and well under what it gives one
  /// user.
  private static let connectionCount = 24
  /// Attempts for one row while the daemon is busy.
  nonisolated private static let attemptCountMax = 6

  private var file: ImportFile
  private let programme: ProgrammeID
  private let shell: Shell
  private let progress: Progress
  private(set) var summary = ImportSummary()

  init(file: ImportFile, programme: ProgrammeID, shell: Shell) {
    self.file = file
    self.programme = programme
    self.shell = shell
    progress = Progress("Importing", total: UInt64(file.byteCount ?? 0), isOn: !shell.given.json)
  }

  /// Converts and checks, and sends nothing.
  func check() throws {
    defer { progress.end() }
    while try nextRow() != nil { summary.valid += 1 }
  }

  func store() async throws {
    try await shell.openSession()
    defer { progress.end() }
    let known = try await knownIDs()
    var options = ClientOptions()
    options.connectionCountMax = Self.connectionCount
    let client = VaultClient(socket: shell.socket, options: options)
    client.session = shell.client.session
    defer { client.close() }
    do {
      try await withThrowingTaskGroup(of: Sent.self) { group in
        var isEnd = false
        var inFlight = 0
        while !isEnd || inFlight > 0 {
          while !isEnd, inFlight < Self.connectionCount {
            guard let row = try nextRow() else {
              isEnd = true
              break
            }
            inFlight += 1
            group.addTask { [programme] in try await Self.send(row, to: programme, client) }
          }
          guard inFlight > 0, let sent = try await group.next() else { break }
          inFlight -= 1
          count(sent, known)
        }
      }
    } catch {
      throw stopped(by: Failure(any: error))
    }
    summary.rejected.sort { $0.row < $1.row }
  }

  /// The next row that may be stored; the others are counted among the rejected.
  private func nextRow() throws -> ConvertedRow? {
    while true {
      try Interrupt.check()
      let outcome: RowOutcome?
      do { outcome = try file.rows.next() } catch { throw Failure(error) }
      progress.update(UInt64(file.rows.byteCount), note: "\(summary.imported + summary.alreadyThere) rows")
      switch outcome {
      case .converted(let row): return row
      case .rejected(let faults): summary.rejected += faults
      case nil: return nil
      }
    }
  }

  private enum Sent: Sendable {
    case saved(RecordSaved)
    case refused(RowFault)
  }

  private func count(_ sent: Sent, _ known: Set<String>) {
    switch sent {
    case .saved(let saved):
      if known.contains(saved.id) { summary.alreadyThere += 1 } else { summary.imported += 1 }
    case .refused(let fault): summary.rejected.append(fault)
    }
  }

  nonisolated private static func send(
    _ row: ConvertedRow, to programme: ProgrammeID, _ client: VaultClient
  ) async throws -> Sent {
    let sections = JSONValue.object(
      Dictionary(uniqueKeysWithValues: row.sections.map { ($0.key.rawValue, JSONValue.object($0.value)) }))
    for attempt in 1... {
      do {
        let saved = try await client.createRecord(
          programme: programme.description, sections: sections, idempotencyKey: row.idempotencyKey,
          looksForDuplicates: false)
        return .saved(saved)
      } catch {
        let problem = error.problem
        switch problem.kind {
        case .invalid:
          return .refused(RowFault(row: row.row, field: problem.field ?? "", detail: problem.detail))
        case .busy, .unavailable, .noAnswer, .tooManyConnections:
          guard attempt < attemptCountMax else { throw error }
          // The key makes a repetition harmless; waiting longer each time lets the daemon catch up.
          try await Task.sleep(for: .milliseconds(50 << attempt))
        default: throw error
        }
      }
    }
    throw Failure(.busy)
  }

  /// The records of the programme before the import: an answer with one of these ids was stored by an earlier one.
  private func knownIDs() async throws -> Set<String> {
    var known: Set<String> = []
    var after: String?
    repeat {
      let page: RecordsPage
      do {
        page = try await shell.client.records(
          RecordQuery(programme: programme.description, after: after, limit: WireLimit.pageCountMax))
      } catch {
        // A service may hand in and not list: then what was there counts as imported.
        guard error.kind == .denied else { throw error }
        return []
      }
      known.formUnion(page.records.map(\.id))
      guard page.next != after else { break }
      after = page.next
    } while after != nil
    return known
  }

  private func stopped(by failure: Failure) -> Failure {
    var failure = failure
    let stored = summary.imported + summary.alreadyThere
    failure.detail += " \(stored) rows were stored before that."
    failure.hint += " Import the same file again afterwards: what is there is not stored twice."
    return failure
  }
}
