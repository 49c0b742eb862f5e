import Foundation
import NIOCore
import ServiceLifecycle
import Testing

@testable import VaultServer

@Suite("Start and stop", .timeLimit(.minutes(1)))
struct LifecycleTests {
  @Test("what is in flight is finished before the daemon leaves, and idle connections do not hold it")
  func drains() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/v.sock"
      // Long enough for a loaded machine to see the idle one go while the busy one is still being answered.
      let service = StubService(searchTime: .seconds(2))
      let group = serviceGroup(service, .leased(try SocketLease(path: path, backlog: 8)))
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let idle = try RawPeer(path)
        await idle.send(statusRequest)
        #expect(await idle.readAnswer()?.status == 200)
        let busy = try RawPeer(path)
        await busy.send(HostileInput.body(#"{"terms":"x"}"#))
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        await group.triggerGracefulShutdown()
        #expect(await idle.isClosedSilently(milliseconds: 1500))
        let answer = await busy.readToEnd().flatMap { RawAnswerText($0) }
        #expect(answer?.status == 200)
        #expect(answer?.headers["connection"] == "close")
        try await tasks.waitForAll()
        #expect(ContinuousClock.now - start < .seconds(8))
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }
  }

  @Test("a request that never ends does not hold the daemon longer than the drain time")
  func drainTime() async throws {
    var limits = TransportLimits()
    limits.drainTime = .milliseconds(400)
    try await withTemporaryDirectory { [limits] directory in
      let path = directory + "/v.sock"
      let group = serviceGroup(StubService(), .leased(try SocketLease(path: path, backlog: 8)), limits: limits)
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let peer = try RawPeer(path)
        await peer.send("POST /v1/search HTTP/1.1\r\nHost: v\r\nContent-Length: 100\r\n\r\n{")
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(await peer.readToEnd()?.isEmpty == true)
      }
    }
  }

  @Test("the service manager hears READY=1 and STOPPING=1")
  func notifies() async throws {
    try await withTemporaryDirectory { directory in
      let inbox = try Inbox(directory + "/notify")
      try await withServer(environment: ["NOTIFY_SOCKET": inbox.path]) { path in
        #expect(await isServing(path))
        #expect(inbox.next() == "READY=1")
      }
      #expect(inbox.next() == "STOPPING=1")
    }
  }

  @Test("nothing happens when the service manager's socket is gone or not named")
  func nobodyToNotify() {
    #expect(!ServiceManager.ready(environment: [:]))
    #expect(!ServiceManager.ready(environment: ["NOTIFY_SOCKET": "/nowhere/at/all"]))
    #expect(!ServiceManager.ready(environment: ["NOTIFY_SOCKET": "relative"]))
  }

  @Test("a socket that is open already is served, and its file stays")
  func activated() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/v.sock"
      let group = serviceGroup(StubService(), .activated(try UnixSocket.listen(path, backlog: 8)))
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        #expect(await isServing(path))
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
      }
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("descriptors that are meant for another process are left alone")
  func activationOfAnother() throws {
    #expect(try ServiceManager.activatedSocket(environment: [:]) == nil)
    #expect(try ServiceManager.activatedSocket(environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"]) == nil)
    let own = "\(getpid())"
    #expect(try ServiceManager.activatedSocket(environment: ["LISTEN_PID": own, "LISTEN_FDS": "0"]) == nil)
    #expect(throws: SocketError(.activationInvalid, path: "")) {
      try ServiceManager.activatedSocket(environment: ["LISTEN_PID": own, "LISTEN_FDS": "2"])
    }
  }
}

/// A datagram socket like systemd's.
private final class Inbox: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }

  deinit { close(descriptor) }

  func next() -> String? {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, 2000) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = unsafe recv(descriptor, &buffer, 256, 0)
    return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
