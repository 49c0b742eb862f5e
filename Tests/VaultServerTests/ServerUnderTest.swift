import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import VaultAPI

@testable import VaultServer

/// A directory of its own that is gone after the test.
func withTemporaryDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
  // Short, because a socket's path may have 107 bytes.
  let path = "/tmp/vs-\(UInt32.random(in: 0...UInt32.max))"
  try FileManager.default.createDirectory(
    atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

/// Serves a stub on a socket in a temporary directory while `body` runs, and stops it gracefully.
func withServer<R: Sendable>(
  _ service: StubService = StubService(), limits: TransportLimits = TransportLimits(),
  environment: [String: String] = [:], _ body: @escaping @Sendable (_ path: String) async throws -> R
) async throws -> R {
  try await withTemporaryDirectory { directory in
    let path = directory + "/v.sock"
    let lease = try SocketLease(path: path, backlog: limits.backlog)
    let group = serviceGroup(service, .leased(lease), limits: limits, environment: environment)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      let result = try await body(path)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
      return result
    }
  }
}

func serviceGroup(
  _ service: StubService, _ socket: VaultListener<StubService>.Socket, limits: TransportLimits = TransportLimits(),
  environment: [String: String] = [:]
) -> ServiceGroup {
  var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  logger.logLevel = .error
  let listener = VaultListener(
    service: service, socket: socket, limits: limits, environment: environment, logger: logger)
  return ServiceGroup(configuration: .init(services: [listener], logger: logger))
}

extension TransportLimits {
  /// Times that a test can wait for.
  static var impatient: TransportLimits {
    var limits = TransportLimits()
    limits.headerTime = .milliseconds(300)
    limits.bodyTime = .milliseconds(300)
    limits.answerTime = .milliseconds(300)
    limits.idleTime = .milliseconds(300)
    limits.lingerTime = .milliseconds(300)
    limits.drainTime = .milliseconds(600)
    return limits
  }
}

let statusRequest = "GET /v1/status HTTP/1.1\r\nHost: vault\r\n\r\n"

/// True when a client that keeps the rules is served on a connection of its own.
func isServing(_ path: String) async -> Bool {
  guard let peer = try? RawPeer(path) else { return false }
  await peer.send(statusRequest)
  return await peer.readAnswer()?.status == 200
}
