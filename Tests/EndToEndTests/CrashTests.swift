import Foundation
import Glibc
import Synchronization
import Testing
import VaultAPI
import VaultClient
import VaultModel

extension EndToEnd {
  @Suite("P11 A crash loses nothing that was acknowledged")
  struct Crash {
    /// Rounds of load, `kill -9` and restart. `VAULT_CRASHES` shortens them while one works on something else.
    private static let roundCount = ProcessInfo.processInfo.environment["VAULT_CRASHES"].flatMap { Int($0) } ?? 200
    /// Milliseconds of load before the kill, at most: several group commits, and short enough for all the rounds.
    private static let loadMillisecondsMax: UInt64 = 120
    /// One round in so many is killed while the daemon is still starting.
    private static let earlyKillEvery: UInt64 = 8

    @Test(
      "kill -9 at 200 random moments under load: what was acknowledged is there, what was not is whole or absent",
      .timeLimit(.minutes(10)))
    func killed() async throws {
      var random = SplitMix(
        seed: ProcessInfo.processInfo.environment["VAULT_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64.max))
      print("crash test: VAULT_SEED=\(random.seed), \(Self.roundCount) rounds")
      let vault = try await RunningVault.staffed()
      let books = Books()
      await vault.served?.crash()
      var earlyKills = 0

      for round in 1...Self.roundCount {
        if random.next() % Self.earlyKillEvery == 0 {
          earlyKills += 1
          let starting = try vault.launch()
          try await Task.sleep(for: .milliseconds(Int(random.next() % 80)))
          await starting.crash()
        }
        try await vault.serve()
        let officer = try await client(vault, "officer")
        if round > 1 { try await books.audit(officer, try await client(vault, "auditor"), round: round) }

        let load = Task { [seed = random.next()] in await Self.write(to: officer, books, seed: seed) }
        try await Task.sleep(for: .milliseconds(Int(random.next() % Self.loadMillisecondsMax)))
        await vault.served?.crash()
        await load.value
        officer.close()
      }

      try await vault.serve()
      let (officer, auditor) = (try await client(vault, "officer"), try await client(vault, "auditor"))
      try await books.audit(officer, auditor, round: Self.roundCount + 1)
      try await books.auditEverything(officer)
      #expect(await vault.served?.stop() == 0)
      let verified = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(verified.status == 0, "\(verified.errorText)")
      let counts = books.counts
      print("crash test: \(counts) and \(earlyKills) kills at the start")
      #expect(counts.acknowledged > Self.roundCount / 4, "the load was too light to tell anything: \(counts)")
    }

    private func client(_ vault: RunningVault, _ account: String) async throws -> VaultClient {
      var options = ClientOptions()
      options.connectionCountMax = 4
      let client = VaultClient(socket: vault.socket, options: options)
      var phrase = Array(
        try String(contentsOfFile: vault.passphraseFile(account), encoding: .utf8)
          .trimmingCharacters(in: .newlines).utf8)
      try await client.login(account: account, .passphrase(WipedBytes(taking: &phrase)))
      return client
    }

    /// Four writers: each opens a record or edits one of its own, until the daemon is gone.
    private static func write(to client: VaultClient, _ books: Books, seed: UInt64) async {
      await withTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
          group.addTask {
            var random = SplitMix(seed: seed &+ UInt64(writer))
            // As many as can be done in the time, and few enough that two hundred rounds do not make a large vault.
            for _ in 0..<8 {
              do {
                if random.next() % 3 == 0, let record = books.borrow() {
                  defer { books.giveBack(record) }
                  try await edit(record, client, books, &random)
                } else {
                  try await create(client, books, &random)
                }
              } catch {
                return
              }
            }
          }
        }
      }
    }

    private static func create(_ client: VaultClient, _ books: Books, _ random: inout SplitMix) async throws {
      let attempt = books.begin(.create, value: "made-\(random.next())")
      let saved = try await client.createRecord(
        programme: "navigators", sections: agreeing(attempt.value), idempotencyKey: attempt.key)
      books.acknowledge(attempt, record: saved.id, version: saved.version)
    }

    private static func edit(
      _ record: Books.Known, _ client: VaultClient, _ books: Books, _ random: inout SplitMix
    ) async throws {
      let attempt = books.begin(.edit(record.id), value: "edited-\(random.next())")
      let saved = try await client.editRecord(
        id: record.id, version: record.version, patch: agreeing(attempt.value), purpose: .casework,
        idempotencyKey: attempt.key)
      books.acknowledge(attempt, record: saved.id, version: saved.version)
    }
  }
}

/// The same value in three sections: a record is whole when they agree.
private func agreeing(_ value: String) -> JSONValue {
  [
    "identity": ["prs_FirstName": .string(value)], "case": ["vault_Summary": .string(value)],
    "health": ["vault_HealthNeeds": .string(value)],
  ]
}

/// What the client knows: what it asked for, and what was acknowledged.
private final class Books: Sendable {
  enum Deed: Equatable {
    case create
    case edit(String)
  }

  struct Attempt: Sendable {
    let key: String
    let deed: Deed
    let value: String
  }

  struct Known: Sendable {
    let id: String
    var version: UInt64
    var value: String
  }

  struct Counts: CustomStringConvertible {
    var acknowledged = 0
    var foundWithoutAcknowledgement = 0
    var lostWithoutAcknowledgement = 0
    var description: String {
      "\(acknowledged) acknowledged and all there; of the others \(foundWithoutAcknowledgement) were whole and \(lostWithoutAcknowledgement) absent"
    }
  }

  private struct State {
    var nextKey = 0
    var known: [String: Known] = [:]
    var borrowed: Set<String> = []
    /// In flight when the daemon died, or still.
    var open: [String: Attempt] = [:]
    /// Acknowledged since the last restart: record and action of an entry that has to be there.
    var deeds: [(record: String, action: String)] = []
    var lastIndex: UInt64?
    var counts = Counts()
  }

  private let state = Mutex(State())

  var counts: Counts { state.withLock { $0.counts } }

  // MARK: While there is load

  func begin(_ deed: Deed, value: String) -> Attempt {
    state.withLock { state in
      state.nextKey += 1
      let attempt = Attempt(key: "crash-\(state.nextKey)", deed: deed, value: value)
      state.open[attempt.key] = attempt
      return attempt
    }
  }

  func acknowledge(_ attempt: Attempt, record: String, version: UInt64) {
    state.withLock { state in
      state.open[attempt.key] = nil
      state.known[record] = Known(id: record, version: version, value: attempt.value)
      state.deeds.append((record, attempt.deed == .create ? "record.create" : "record.edit"))
      state.counts.acknowledged += 1
    }
  }

  func borrow() -> Known? {
    state.withLock { state in
      guard let record = state.known.values.first(where: { !state.borrowed.contains($0.id) }) else { return nil }
      state.borrowed.insert(record.id)
      return record
    }
  }

  func giveBack(_ record: Known) { state.withLock { _ = $0.borrowed.remove(record.id) } }

  // MARK: After a restart

  /// The acknowledged of the last round, and the attempts that nobody acknowledged.
  func audit(_ officer: VaultClient, _ auditor: VaultClient, round: Int) async throws {
    let (deeds, open, lastIndex) = state.withLock { state in
      defer {
        state.deeds = []
        state.open = [:]
      }
      return (state.deeds, state.open.values.sorted { $0.key < $1.key }, state.lastIndex)
    }
    let listed = try await list(officer)
    for record in Set(deeds.map(\.record)) {
      let known = try #require(state.withLock { $0.known[record] })
      #expect(listed[record] != nil, "round \(round): an acknowledged record is gone")
      let isUncertain = open.contains { $0.deed == .edit(record) }
      if !isUncertain { try await check(known, officer, round: round) }
    }
    for attempt in open { try await settle(attempt, officer, listed, round: round) }
    let unknown = Set(listed.keys).subtracting(state.withLock { Set($0.known.keys) })
    #expect(unknown.isEmpty, "round \(round): records that nobody asked for")

    // Every acknowledged write has its entry, in order, without gaps.
    var entries: [AuditEntry] = []
    var after = lastIndex
    while true {
      let page = try await auditor.auditEntries(AuditQuery(after: after, limit: 500))
      entries += page.entries
      guard let next = page.next else { break }
      after = next
    }
    let first = lastIndex.map { $0 + 1 } ?? 0
    #expect(entries.map(\.index) == Array(first..<(first + UInt64(entries.count))), "round \(round): a gap in the log")
    for deed in deeds {
      #expect(
        entries.contains { $0.record == deed.record && $0.action == deed.action && $0.outcome == .allowed },
        "round \(round): no entry of an acknowledged write")
    }
    state.withLock { $0.lastIndex = entries.last?.index ?? lastIndex }
  }

  /// Sends an unacknowledged attempt once more under its key: done before or done now, it is done once.
  private func settle(
    _ attempt: Attempt, _ officer: VaultClient, _ listed: [String: UInt64], round: Int
  ) async throws {
    switch attempt.deed {
    case .create:
      let saved = try await officer.createRecord(
        programme: "navigators", sections: agreeing(attempt.value), idempotencyKey: attempt.key)
      let known = Known(id: saved.id, version: saved.version, value: attempt.value)
      count(wasThere: listed[saved.id] != nil)
      state.withLock { $0.known[saved.id] = known }
      try await check(known, officer, round: round)
    case .edit(let id):
      var known = try #require(state.withLock { $0.known[id] })
      let version = try #require(listed[id], "round \(round): a record that was being edited is gone")
      #expect(
        [known.version, known.version + 1].contains(version), "round \(round): \(version) after \(known.version)")
      let isDone = version == known.version + 1
      if isDone { (known.version, known.value) = (version, attempt.value) }
      count(wasThere: isDone)
      let settled = known
      state.withLock { $0.known[id] = settled }
      try await check(settled, officer, round: round)
    }
  }

  private func count(wasThere: Bool) {
    state.withLock { state in
      if wasThere {
        state.counts.foundWithoutAcknowledgement += 1
      } else {
        state.counts.lostWithoutAcknowledgement += 1
      }
    }
  }

  func auditEverything(_ officer: VaultClient) async throws {
    let known = state.withLock { $0.known }
    let listed = try await list(officer)
    #expect(listed == known.mapValues(\.version))
    for record in known.values { try await check(record, officer, round: 0) }
  }

  private func list(_ officer: VaultClient) async throws -> [String: UInt64] {
    var listed: [String: UInt64] = [:]
    var after: String?
    repeat {
      let page = try await officer.records(RecordQuery(programme: "navigators", after: after, limit: 500))
      for record in page.records { listed[record.id] = record.version }
      after = page.next
    } while after != nil
    return listed
  }

  /// The record is there in its version, and its three sections agree.
  private func check(_ known: Known, _ officer: VaultClient, round: Int) async throws {
    let record = try await officer.record(id: known.id, sections: [.identity, .case, .health], purpose: .casework)
    #expect(record.version == known.version, "round \(round)")
    let values = [
      record.sections["identity"]?["prs_FirstName"], record.sections["case"]?["vault_Summary"],
      record.sections["health"]?["vault_HealthNeeds"],
    ]
    #expect(values.allSatisfy { $0 == .string(known.value) }, "round \(round): a record is not whole")
  }
}

/// A small generator with a seed that can be printed and used again (SplitMix64, S. Vigna, public domain).
struct SplitMix: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
