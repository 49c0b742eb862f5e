import Glibc
import Testing
import VaultAPI

@testable import VaultServer

/// Whatever the transport refuses by itself, the vault hears of: who it was and what kind, and nothing that was sent.
@Suite struct RefusalTests {
  private static let cases: [(request: String, kind: ProblemKind)] = [
    ("GET /v1/status HTTP/1.1\r\n\r\n", .hostMissing),
    ("GET /v1/status HTTP/1.0\r\nHost: v\r\n\r\n", .versionUnsupported),
    ("\u{1}\u{2} hello\r\n\r\n", .malformed),
    ("GET /\(String(repeating: "a", count: 5000)) HTTP/1.1\r\nHost: v\r\n\r\n", .addressTooLong),
    (
      "GET /v1/status HTTP/1.1\r\nHost: v\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n", .headersTooLarge
    ),
    ("POST /v1/search HTTP/1.1\r\nHost: v\r\nContent-Length: 9999999\r\n\r\n", .bodyTooLarge),
    (HostileInput.get("/v1/nothing-here"), .noRoute),
    (HostileInput.body("{}", to: "/v1/status"), .methodNotAllowed),
    (HostileInput.get("/v1/accounts", ""), .loginNeeded),
    (HostileInput.get("/v1/accounts", "Authorization: Bearer short\r\n"), .loginNeeded),
    (HostileInput.body("{", to: "/v1/search"), .malformed),
    (HostileInput.body("{}", to: "/v1/search", type: "text/plain"), .mediaTypeUnsupported),
    (HostileInput.get("/v1/audit/entries?nonsense=1"), .invalid),
    (HostileInput.get("/v1/records/not-an-id"), .notFound),
  ]

  @Test func `P3 Every request that is refused before the vault sees it is told to the vault`() async throws {
    let service = StubService()
    try await withServer(service) { path in
      for (request, _) in Self.cases {
        let peer = try RawPeer(path)
        await peer.send(request)
        _ = await peer.readAnswer()
      }
    }
    let told = service.refusals.withLock { $0 }
    #expect(told.map(\.kind) == Self.cases.map(\.kind))
    #expect(told.allSatisfy { $0.uid == getuid() })
  }

  @Test func `P3 What is served, and what the vault refused and logged itself, is not told again`() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let peer = try RawPeer(path)
      await peer.send(statusRequest)
      #expect(await peer.readAnswer()?.status == 200)
      await peer.send(HostileInput.body(#"{"account":"quiet","passphrase":"x"}"#, to: "/v1/sessions"))
      #expect(await peer.readAnswer()?.status == 401)
    }
    #expect(service.refusals.withLock(\.count) == 0)
  }
}
