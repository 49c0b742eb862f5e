import Testing
import VaultAPI
import VaultClient
import VaultModel

@testable import VaultServer

@Suite("The client against a vault of cardboard", .timeLimit(.minutes(1)))
struct ClientTests {
  private func secret(_ text: String) -> WipedBytes {
    var bytes = Array(text.utf8)
    return WipedBytes(taking: &bytes)
  }

  @Test("a session is opened, used and closed")
  func sessions() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let client = VaultClient(socket: path)
      let status = try await client.status()
      #expect(status.state == .open && status.logSize == 3 && status.isDemo)
      let session = try await client.login(account: "amina", .passphrase(secret("correct \"horse\" শিরিন")))
      #expect(session.role == .officer && session.programmes == ["navigators"] && session.requestsWaiting == 3)
      #expect(client.lastAuditIndex == 5)
      try await client.changePassphrase(current: secret("a"), new: secret("b"), isCompromised: true)
      try await client.logout()
      #expect(client.session == nil)
      try await client.login(account: "intake", .key(secret("VAULT-KEY-1")))
      #expect(
        service.seen.withLock { $0 } == [
          "status()", "openSession(amina correct \"horse\" শিরিন -)", "changePassphrase(a b true)", "closeSession()",
          "openSession(intake - VAULT-KEY-1)",
        ])
    }
  }

  @Test("accounts, programmes and grants are kept")
  func membership() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let client = VaultClient(socket: path)
      client.session = StubService.token
      #expect(try await client.addAccount(name: "amina", role: .officer, uid: .uid(1000)).code == "lusab-babad")
      _ = try await client.addAccount(name: "demo", role: .auditor, uid: .any)
      let accounts = try await client.accounts()
      #expect(accounts.map(\.state) == [.active, .invited])
      #expect(accounts.map(\.fingerprint) == ["six words", nil])
      let suspended = try await client.suspend(account: "amina")
      #expect(suspended.account.state == .suspended && suspended.sessionsEnded == 2 && suspended.readsLast30Days == 17)
      #expect(suspended.rekeyed == ["navigators"] && suspended.pending == ["harbour"])
      #expect(suspended.recordsOwned == [StubService.recordID.description])
      #expect(suspended.unreadable == [StubService.recordID.description])
      #expect(try await client.replace(account: "amina").pending == ["navigators"])
      #expect(try await client.grantAudit(account: "amina", fingerprint: "six words").programmes == ["audit"])
      #expect(try await client.revokeAudit(account: "amina").programmes == ["audit"])
      #expect(try await client.reassign(from: "amina", to: "bogdan").left == 2)
      #expect(try await client.rekey(programme: "navigators", deep: true).left == 3)
      #expect(try await client.rekeyProgress().programmes.first?.deep == true)
      #expect(
        try await client.enrol(account: "amina", code: secret("c"), passphrase: secret("p")).fingerprint == "six words")
      let (enrolment, key) = try await client.enrolWithNewKey(account: "intake", code: secret("c"))
      #expect(enrolment.account == "intake")
      #expect(key.withBytes { $0.byteCount } == 14)
      #expect(try await client.addProgramme(id: "navigators", title: "Însoțitori").title == "Însoțitori")
      #expect(try await client.programmes().map(\.programme) == ["navigators"])
      let grant = try await client.grant(
        account: "amina", programme: "navigators", fingerprint: "six words", expires: "2030-01-01")
      #expect(grant.programmes == ["navigators"] && grant.expires == "2030-01-01")
      #expect(try await client.revoke(account: "amina", programme: "navigators").grant == "ab12")
      #expect(try await client.revoke(account: "amina").account == "amina")
      let seen = service.seen.withLock { $0 }
      #expect(seen.contains("addAccount(amina officer uid(1000))"))
      #expect(seen.contains("addAccount(demo auditor any)"))
      #expect(seen.contains("enrol(amina c p)"))
      #expect(seen.contains("enrol(intake c -)"))
      #expect(seen.contains("revoke(navigators amina)") && seen.contains("revokeAll(all amina)"))
    }
  }

  @Test("records are opened, read, changed, listed and found")
  func records() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let client = VaultClient(socket: path)
      client.session = StubService.token
      let id = StubService.recordID.description
      let sections: JSONValue = ["identity": ["prs_FirstName": "শিরিন"]]
      let saved = try await client.createRecord(programme: "navigators", sections: sections, idempotencyKey: "k-1")
      #expect(saved.id == id && saved.version == 1 && saved.possibleDuplicates == ["x"])
      let record = try await client.record(
        id: id, sections: [.identity, .case], purpose: .emergency, reason: "a call at 3 a.m.: শিরিন, 100% sure")
      #expect(record.version == 3)
      #expect(record.sections == ["identity": ["vault_Note": "শিরিন"], "case": ["vault_Note": "শিরিন"]])
      #expect(client.lastAuditIndex == 13)
      #expect(try await client.editRecord(id: id, version: 3, patch: ["case": ["x": .null]]).version == 4)
      let page = try await client.records(RecordQuery(programme: "navigators", after: "a b", limit: 5))
      #expect(page.records.map(\.id) == [id] && page.next == "more")
      let matches = try await client.search(SearchRequest(terms: "laxmi", born: "1998..2002", limit: 2))
      #expect(matches.count == 2 && matches[0].yearOfBirth == 1999 && matches[0].contactWarning == nil)
      #expect(try await client.schema() == ["forms": []])
      let seen = service.seen.withLock { $0 }
      #expect(seen.contains("createRecord(navigators {\"identity\":{\"prs_FirstName\":\"শিরিন\"}})"))
      #expect(seen.contains(#"readRecord(\#(id) ["identity", "case"] emergency a call at 3 a.m.: শিরিন, 100% sure)"#))
      #expect(seen.contains(#"editRecord(\#(id) 3 {"case":{"x":null}})"#))
      #expect(seen.contains("listRecords(navigators a b 5)"))
      #expect(service.calls.withLock { $0.first?.idempotencyKey } == "k-1")
    }
  }

  @Test("the log is read and proven")
  func audit() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let client = VaultClient(socket: path)
      client.session = StubService.token
      let entries = try await client.auditEntries(AuditQuery(account: "amina", since: "2030-01-01T00:00:00Z", after: 1))
      #expect(entries.entries.map(\.outcome) == [.denied] && entries.next == 2)
      #expect(entries.scanned == 3 && entries.size == 9)
      let entry = try #require(entries.entries.first)
      #expect(entry.programme == "navigators" && entry.detail == "denied" && entry.count == 3)
      #expect(entry.assignment == .unassigned && entry.text == .masked && entry.reason == nil && entry.approval == nil)
      #expect(try await client.checkpoint().count == 17)
      #expect(try await client.consistencyProof(from: 1, to: 3).hashes == ["aGFzaA=="])
      #expect(try await client.inclusionProof(index: 1, size: 3).to == 3)
      #expect(try await client.tile("0/x001/234.p/5") == [0, 1, 2, 255])
      #expect(try await client.tile("0/000", for: .export).count == 4)
      #expect(try await client.tile("0/001", log: 1).count == 4)
      _ = try await client.checkpoint(for: .export, log: 1)
      #expect(try await client.checkpoint(for: .export).count == 17)
      _ = try await client.auditEntries(
        AuditQuery(
          record: "x", action: "read", programme: "navigators", outcome: .denied, purpose: "court", unassigned: true,
          offHours: true, timeZone: "Asia/Kolkata"))
      #expect(try await client.metrics().isEmpty == false)
      let seen = service.seen.withLock { $0 }
      #expect(seen.contains("auditEntries(- amina - - - - 2030-01-01T00:00:00Z - - - - 1 -)"))
      #expect(seen.contains("auditEntries(x - navigators read denied court - - true true Asia/Kolkata - -)"))
      #expect(seen.contains("tile(0/x001/234.p/5 verify)") && seen.contains("tile(0/000 export)"))
      #expect(seen.contains("tile(0/001 verify log 1)") && seen.contains("checkpoint(export log 1)"))
      #expect(seen.contains("checkpoint(verify)") && seen.contains("checkpoint(export)"))
    }
  }

  @Test("entries are revealed and disclosed, and the log is signed off")
  func review() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let client = VaultClient(socket: path)
      client.session = StubService.token
      #expect(try await client.reveal(index: 12) == RevealedText(index: 12, text: "শিরিন"))
      #expect(client.lastAuditIndex == 16)
      let disclosed = try await client.disclose(indexes: [5, 3])
      #expect(disclosed.map(\.index) == [5, 3] && disclosed.map(\.entry.action) == ["record.read", "record.read"])
      #expect(disclosed.allSatisfy { $0.key == "a2V5" })
      let signed = try await client.signOff(upto: 3, note: "Seen, ঠিক আছে")
      #expect(signed.size == 4 && signed.remark == "Seen, ঠিক আছে" && signed.note.hasPrefix("vault\n4\n"))
      #expect(try await client.signOff(note: "").size == 9)
      let listed = try await client.signOffs()
      #expect(listed.size == 9 && listed.signoffs.map(\.size) == [4] && listed.signoffs[0].remark == nil)
      #expect(try await client.status().logReviewed == 2)
      #expect(
        service.seen.withLock { $0 }.prefix(5) == [
          "revealText(12)", "disclose([5, 3])", "signOff(3 Seen, ঠিক আছে)", "signOff(- )", "listSignOffs()",
        ])
    }
  }

  @Test("problems arrive with their exit code, field and audit index")
  func problems() async throws {
    try await withServer { path in
      let client = VaultClient(socket: path)
      client.session = StubService.token
      let unknown = RecordID(bits: 1).description
      await #expect { try await client.record(id: unknown, purpose: .casework) } throws: { error in
        let error = error as? ClientError
        return error?.exitCode == .notFound && error?.problem.field == "id" && error?.problem.auditIndex == 12
      }
      await #expect {
        try await client.editRecord(id: StubService.recordID.description, version: 2, patch: [:])
      } throws: {
        ($0 as? ClientError)?.exitCode == .conflict
      }
      client.session = nil
      await #expect { try await client.record(id: unknown, purpose: .casework) } throws: {
        ($0 as? ClientError)?.exitCode == .locked
      }
    }
  }

  @Test("a socket that nobody serves is exit 6, and says so")
  func unreachable() async throws {
    try await withTemporaryDirectory { directory in
      for path in [directory + "/none", directory, "/" + String(repeating: "a", count: 200)] {
        await #expect { try await VaultClient(socket: path).status() } throws: { error in
          let error = error as? ClientError
          return error?.exitCode == .locked && error?.kind == .unreachable
            && error?.problem.hint.contains("--socket") == true
        }
      }
    }
  }

  @Test("many tasks share a few connections")
  func concurrency() async throws {
    let service = StubService()
    try await withServer(service) { path in
      var options = ClientOptions()
      options.connectionCountMax = 4
      let client = VaultClient(socket: path, options: options)
      client.session = StubService.token
      try await withThrowingTaskGroup(of: UInt64.self) { tasks in
        for index in 0..<200 {
          tasks.addTask {
            try await client.createRecord(programme: "navigators", sections: [:], idempotencyKey: "k\(index)").version
          }
        }
        for try await version in tasks { #expect(version == 1) }
      }
      #expect(service.calls.withLock { Set($0.compactMap(\.idempotencyKey)).count } == 200)
      let metrics = String(decoding: try await client.metrics(), as: UTF8.self)
      #expect((1...4).contains { metrics.contains("vault_connections_total \($0)\n") })
    }
  }

  @Test("a connection that the daemon has closed meanwhile is replaced")
  func staleConnection() async throws {
    var limits = TransportLimits()
    limits.idleTime = .milliseconds(150)
    try await withServer(limits: limits) { path in
      let client = VaultClient(socket: path)
      for _ in 0..<3 {
        #expect(try await client.status().state == .open)
        try await Task.sleep(for: .milliseconds(400))
      }
    }
  }

  @Test("an answer that is too slow or too large is an error")
  func bounds() async throws {
    try await withServer(StubService(searchTime: .seconds(1))) { path in
      var options = ClientOptions()
      options.answerTime = .milliseconds(200)
      let client = VaultClient(socket: path, options: options)
      client.session = StubService.token
      await #expect { try await client.search(SearchRequest(terms: "x")) } throws: {
        ($0 as? ClientError)?.kind == .noAnswer
      }
    }
    try await withServer { path in
      var options = ClientOptions()
      options.answerByteCountMax = 100_000
      let client = VaultClient(socket: path, options: options)
      client.session = StubService.token
      await #expect { try await client.search(SearchRequest(terms: "x", limit: 1000)) } throws: {
        ($0 as? ClientError)?.kind == .garbled
      }
      let status = try await client.status()
      #expect(status.state == .open)
    }
  }
}
