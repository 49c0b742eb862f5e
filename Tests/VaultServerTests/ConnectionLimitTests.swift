import Glibc
import NIOCore
import Testing
import VaultAPI

@testable import VaultServer

@Suite("P10 Slow and greedy clients", .timeLimit(.minutes(2)))
struct ConnectionLimitTests {
  private static let search = HostileInput.body(#"{"terms":"x","limit":1000}"#)

  @Test("P10 a header dripped byte by byte is answered 408 and closed")
  func drippedHeader() async throws {
    try await withServer(limits: .impatient) { path in
      let peer = try RawPeer(path)
      for byte in statusRequest.utf8.prefix(12) {
        await peer.send([byte])
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(await isServing(path))
      #expect(await peer.readToEnd().flatMap { RawAnswerText($0) }?.problem == "too-slow")
    }
  }

  @Test("P10 a body dripped byte by byte is answered 408 and closed")
  func drippedBody() async throws {
    try await withServer(limits: .impatient) { path in
      let peer = try RawPeer(path)
      let request = HostileInput.body(String(repeating: " ", count: 100))
      await peer.send(String(request.prefix(request.count - 100)))
      for _ in 0..<12 {
        await peer.send(" ")
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(await isServing(path))
      let answer = await peer.readToEnd().flatMap { RawAnswerText($0) }
      #expect(answer?.status == 408)
    }
  }

  @Test("P10 a client that says nothing is closed, at once and after an answer")
  func silence() async throws {
    try await withServer(limits: .impatient) { path in
      let silent = try RawPeer(path)
      let idle = try RawPeer(path)
      await idle.send(statusRequest)
      #expect(await idle.readAnswer()?.status == 200)
      #expect(await silent.isClosedSilently(milliseconds: 2000))
      #expect(await idle.isClosedSilently(milliseconds: 2000))
    }
  }

  @Test("P10 a client that does not read its answer is closed, and others are served meanwhile")
  func doesNotRead() async throws {
    let service = StubService()
    try await withServer(service, limits: .impatient) { path in
      let peer = try RawPeer(path)
      // One MiB of answers: far more than the kernel holds for a reader that does not read.
      await peer.send(Self.search)
      try await Task.sleep(for: .milliseconds(100))
      #expect(await isServing(path))
      try await Task.sleep(for: .milliseconds(900))
      let bytes = try #require(await peer.readToEnd(milliseconds: 1000))
      #expect(!bytes.isEmpty)
      #expect(RawAnswerText(bytes) == nil)
    }
  }

  @Test("a client that reads slowly but does read gets all of it")
  func slowReader() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send(Self.search)
      try await Task.sleep(for: .milliseconds(500))
      let answer = await peer.readAnswer()
      #expect(answer?.status == 200)
      #expect(answer.map { $0.body.utf8.count > 900_000 } == true)
    }
  }

  @Test("P10 one user gets so many connections, and more when some are closed")
  func perUser() async throws {
    var limits = TransportLimits()
    limits.connectionCountPerUIDMax = 3
    try await withServer(limits: limits) { path in
      var peers = try (0..<3).map { _ in try RawPeer(path) }
      for peer in peers {
        await peer.send(statusRequest)
        #expect(await peer.readAnswer()?.status == 200)
      }
      let refused = try RawPeer(path)
      let answer = await refused.readToEnd().flatMap { RawAnswerText($0) }
      #expect(answer?.status == 429)
      #expect(answer?.problem == "too-many-connections")
      #expect(answer?.headers["retry-after"] == "1")
      peers.removeLast()
      var isServed = false
      for _ in 0..<50 where !isServed {
        isServed = await isServing(path)
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(isServed)
    }
  }

  @Test("P10 all together get so many connections")
  func inAll() async throws {
    var limits = TransportLimits()
    limits.connectionCountMax = 2
    try await withServer(limits: limits) { path in
      let peers = try (0..<2).map { _ in try RawPeer(path) }
      for peer in peers {
        await peer.send(statusRequest)
        #expect(await peer.readAnswer()?.status == 200)
      }
      let refused = try RawPeer(path)
      let answer = await refused.readToEnd().flatMap { RawAnswerText($0) }
      #expect(answer?.status == 503)
      #expect(answer?.problem == "busy")
      await peers[0].send(statusRequest)
      #expect(await peers[0].readAnswer()?.status == 200)
    }
  }

  @Test("the default bounds are those that are written down")
  func defaults() {
    let limits = TransportLimits()
    #expect(limits.headerByteCountMax == 16_384 && limits.headerCountMax == 64)
    #expect(limits.addressByteCountMax == 4096 && limits.bodyByteCountMax == 1_048_576)
    #expect(limits.headerTime == .seconds(10) && limits.bodyTime == .seconds(30))
    #expect(limits.answerTime == .seconds(30) && limits.idleTime == .seconds(60))
    #expect(limits.connectionCountMax == 256 && limits.connectionCountPerUIDMax == 64)
  }
}

@Suite("Well-behaved HTTP", .timeLimit(.minutes(1)))
struct WellBehavedTests {
  @Test("the kernel tells the uid of the peer")
  func peer() async throws {
    let service = StubService()
    try await withServer(service) { path in
      #expect(await isServing(path))
      #expect(service.calls.withLock { $0.map(\.uid) } == [getuid()])
    }
  }

  @Test("requests sent at once are answered in order")
  func pipelining() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send(
        statusRequest + HostileInput.get("/v1/nothing") + HostileInput.body(#"{"terms":"x"}"#) + statusRequest)
      var statuses: [Int?] = []
      for _ in 0..<4 { statuses.append(await peer.readAnswer()?.status) }
      #expect(statuses == [200, 404, 200, 200])
    }
  }

  @Test("a good request before a bad one is still answered")
  func goodBeforeBad() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send(statusRequest + "nonsense\r\n\r\n")
      #expect(await peer.readAnswer()?.status == 200)
      let second = await peer.readAnswer()
      #expect(second?.status == 400)
      #expect(second?.problem == "malformed")
    }
  }

  @Test("a request in single bytes is understood")
  func fragments() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      for byte in HostileInput.body(#"{"terms":"শিরিন"}"#).utf8 { await peer.send([byte]) }
      #expect(await peer.readAnswer()?.status == 200)
    }
  }

  @Test("a client that has closed its side is answered")
  func halfClosed() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send(statusRequest)
      peer.closeInput()
      let answer = await peer.readToEnd().flatMap { RawAnswerText($0) }
      #expect(answer?.status == 200)
    }
  }

  @Test("`Connection: close` is honoured")
  func close() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send("GET /v1/status HTTP/1.1\r\nHost: vault\r\nConnection: close\r\n\r\n")
      let answer = await peer.readToEnd().flatMap { RawAnswerText($0) }
      #expect(answer?.status == 200)
    }
  }

  @Test("a client that waits for leave to send its body gets it")
  func expectContinue() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      let body = #"{"terms":"x"}"#
      await peer.send(
        "POST /v1/search HTTP/1.1\r\nHost: v\r\nAuthorization: Bearer \(HostileInput.tokenText)\r\n"
          + "Content-Type: application/json; charset=utf-8\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      )
      #expect(await peer.readAnswer()?.status == 100)
      await peer.send(body)
      #expect(await peer.readAnswer()?.status == 200)
    }
  }

  @Test("chunks are put together")
  func chunks() async throws {
    let service = StubService()
    try await withServer(service) { path in
      let peer = try RawPeer(path)
      await peer.send(
        "POST /v1/search HTTP/1.1\r\nHost: v\r\nAuthorization: Bearer \(HostileInput.tokenText)\r\n"
          + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "5\r\n{\"ter\r\n6\r\nms\":\"a\r\n3\r\nb\"}\r\n0\r\n\r\n")
      #expect(await peer.readAnswer()?.status == 200)
      #expect(service.seen.withLock { $0 } == ["search(ab - 0)"])
    }
  }

  @Test("answers are not to be stored, carry their audit index, and 401 says how to authenticate")
  func headers() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send(HostileInput.get("/v1/records/\(StubService.recordID)?sections=identity"))
      let read = await peer.readAnswer()
      #expect(read?.headers["vault-audit-index"] == "13")
      #expect(read?.headers["etag"] == "\"3\"")
      #expect(read?.headers["cache-control"] == "no-store")
      await peer.send(HostileInput.body(#"{"account":"a","passphrase":"wrong"}"#, to: "/v1/sessions"))
      let denied = await peer.readAnswer()
      #expect(denied?.headers["vault-audit-index"] == "4")
      #expect(denied?.headers["www-authenticate"] == "Bearer")
    }
  }

  @Test("metrics are counters of the transport and of the vault")
  func metrics() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send(HostileInput.get("/v1/nothing"))
      _ = await peer.readAnswer()
      await peer.send(HostileInput.get("/v1/metrics"))
      let text = await peer.readAnswer()?.body ?? ""
      #expect(text.contains("# TYPE vault_requests_total counter\nvault_requests_total 2\n"))
      #expect(text.contains("vault_problems_total 1\n"))
      #expect(text.contains("vault_reads_total 9\n"))
    }
  }
}
