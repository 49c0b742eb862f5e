import Testing
import VaultAPI
import VaultClient
import VaultModel

@testable import VaultServer

/// What is asked about one record's exceptions reaches the service, and its answer comes back whole.
@Suite("Exceptions on the wire")
struct ExceptionWireTests {
  @Test("referrals are looked at, made and ended; a whole record is asked for")
  func referrals() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let client = VaultClient(socket: path)
      client.session = StubService.token
      let id = StubService.recordID.description
      let request = ReferralRequest(to: "account:mina", sections: [.identity, .legal], until: "2030-01-01")
      let preview = try await client.previewReferral(of: id, request)
      #expect(preview.version == 3 && preview.sees == [.identity, .legal] && preview.empty == [.legal])
      #expect(preview.readers.map(\.role) == [.officer] && preview.found && !preview.replaces)
      #expect(client.lastAuditIndex == 30)
      #expect(try await client.refer(id, request).version == 4)
      #expect(try await client.unrefer(id, from: "programme:harbour") == RecordChanged(id: id, version: 5))
      _ = try await client.record(id: id, isWhole: true, purpose: .casework)
      let seen = service.seen.withLock { $0 }
      #expect(seen.contains(#"previewReferral(\#(id) account:mina ["identity", "legal"] 2030-01-01)"#))
      #expect(seen.contains(#"refer(\#(id) account:mina ["identity", "legal"] 2030-01-01)"#))
      #expect(seen.contains("unrefer(\(id) programme:harbour)"))
      #expect(seen.contains(#"readRecord(\#(id) ["all"] casework -)"#))
    }
  }

  @Test("bars and restrictions are set, listed and lifted; access is told")
  func barsAndRestrictions() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let client = VaultClient(socket: path)
      client.session = StubService.token
      let id = StubService.recordID.description
      #expect(try await client.bar("mina", from: id).version == 6)
      #expect(try await client.unbar("mina", from: id).version == 7)
      #expect(try await client.bars() == [BarRow(record: id, programme: "navigators", account: "mina")])
      let restricted = try await client.restrict(id, to: ["amina", "bogdan"])
      #expect(restricted.accounts == ["amina", "bogdan"] && restricted.ended == ["account:mina"])
      #expect(restricted.warnings == ["Nobody."])
      #expect(try await client.unrestrict(id).version == 9)
      #expect(try await client.access(to: id) == StubService.access)
      let seen = service.seen.withLock { $0 }
      #expect(seen.contains("bar(\(id) mina)") && seen.contains("unbar(\(id) mina)"))
      #expect(try await client.breakGlass(id, seconds: 3600, reason: "nobody answers").state == .pending)
      #expect(try await client.emergencies() == [StubService.emergency])
      #expect(try await client.reviewEmergency("ab12", note: "It was one.") == StubService.emergency)
      let later = service.seen.withLock { $0 }
      #expect(later.contains("breakGlass(\(id) 3600 nobody answers)"))
      #expect(later.contains("reviewEmergency(ab12 It was one.)"))
      #expect(seen.contains(#"restrict(\#(id) ["amina", "bogdan"])"#))
    }
  }
}
