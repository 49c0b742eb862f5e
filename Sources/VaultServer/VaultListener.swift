public import Logging
public import NIOCore
import NIOHTTP1
public import NIOPosix
public import ServiceLifecycle
import VaultAPI

/// Serves a `VaultService` on one Unix domain socket until it is told to stop.
///
/// SwiftNIO reads and writes HTTP; each connection ends in a guard, which sees that requests keep the rules, and a
/// handler, which asks the service. The end waits for what is in flight, and only so long.
public struct VaultListener<Service: VaultService>: ServiceLifecycle.Service {
  public enum Socket: Sendable {
    /// A socket of our own; the lease is released at the end.
    case leased(SocketLease)
    /// A listening descriptor of somebody else's, such as systemd's.
    case activated(Int32)
  }

  private let service: Service
  private let socket: Socket
  private let limits: TransportLimits
  private let group: any EventLoopGroup
  private let logger: Logger
  private let environment: [String: String]
  private let counters = TransportCounters()

  /// - Parameter environment: of the process; `NOTIFY_SOCKET` is looked up in it.
  public init(
    service: Service, socket: Socket, limits: TransportLimits = TransportLimits(),
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, environment: [String: String] = [:],
    logger: Logger
  ) {
    self.service = service
    self.socket = socket
    self.limits = limits
    self.group = group
    self.environment = environment
    self.logger = logger
  }

  /// Accepts connections until graceful shutdown; returns when the last one has gone.
  public func run() async throws {
    defer { if case .leased(let lease) = socket { lease.release() } }
    let connections = Connections(limits: limits)
    let server = try await bind(connections)
    ServiceManager.ready(environment: environment)
    logger.info("serving")
    try await withGracefulShutdownHandler {
      try await server.closeFuture.get()
    } onGracefulShutdown: {
      logger.info("stopping: no new connections, \(connections.ledger.count) open")
      ServiceManager.stopping(environment: environment)
      server.close(promise: nil)
      connections.ledger.drain()
    }
    await connections.outstanding.none()
    logger.info("stopped")
  }

  /// What the connections of one run share.
  private struct Connections: Sendable {
    let ledger: ConnectionLedger
    let executors = LoopExecutors()
    let outstanding = Outstanding()

    init(limits: TransportLimits) { ledger = ConnectionLedger(limits: limits) }
  }

  private func bind(_ connections: Connections) async throws -> any Channel {
    let descriptor: Int32
    switch socket {
    case .activated(let given): descriptor = given
    case .leased(let lease):
      guard let taken = lease.takeListener() else { throw SocketError(.inUse, path: lease.path) }
      descriptor = taken
    }
    return try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        PeerIdentity.uid(of: channel).flatMapThrowing { uid in try setUp(channel, uid: uid, connections) }
      }
      .withBoundSocket(descriptor).get()
  }

  private func setUp(_ channel: any Channel, uid: UInt32, _ connections: Connections) throws {
    counters.connections.add()
    var refusal: Problem?
    switch connections.ledger.admit(channel, uid: uid) {
    case .admitted: break
    case .refused(let problem):
      counters.connectionsRefused.add()
      refusal = problem
    }
    connections.outstanding.begin()
    channel.closeFuture.whenComplete { _ in
      connections.ledger.leave(channel, uid: uid)
      connections.outstanding.end()
    }
    var configuration = NIOHTTPDecoderLimitConfiguration()
    configuration.maxHeaderFieldSize = limits.headerByteCountMax
    configuration.maxHeaderListSize = limits.headerByteCountMax
    configuration.maxHeaderFieldCount = limits.headerCountMax
    let decoder = HTTPRequestDecoder(
      leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop, limitConfiguration: configuration)
    let guardian = ConnectionGuard(limits: limits, counters: counters, refusal: refusal) { [service] kind in
      service.refused(uid: uid, kind: kind)
    }
    let handler = RequestHandler(
      Dispatcher(service: service, counters: counters), uid: uid,
      on: connections.executors.executor(of: channel.eventLoop), outstanding: connections.outstanding)
    // One request at a time, each of them checked, before anything looks at what it asks.
    try channel.pipeline.syncOperations.addHandlers([
      ByteGate(guardian), HTTPResponseEncoder(), ByteToMessageHandler(decoder), guardian, handler,
    ])
  }
}
