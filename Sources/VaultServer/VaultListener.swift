import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1
public import NIOPosix
public import ServiceLifecycle
import VaultAPI

/// Serves a `VaultService` on one Unix domain socket until it is told to stop.
///
/// Hummingbird handles the connections; what its server cannot do is done here: an open descriptor as the listener, the
/// peer's uid, a guard in front of every connection, and an end that waits only so long.
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
    let ledger = ConnectionLedger(limits: limits)
    let server = try await bind(ledger)
    ServiceManager.ready(environment: environment)
    logger.info("serving")
    await withGracefulShutdownHandler {
      await serve(server)
    } onGracefulShutdown: {
      logger.info("stopping: no new connections, \(ledger.count) open")
      ServiceManager.stopping(environment: environment)
      server.channel.close(promise: nil)
      ledger.drain()
    }
    logger.info("stopped")
  }

  private struct Connection: Sendable {
    let http: HTTP1Channel.Value
    let uid: UInt32
  }

  private func bind(_ ledger: ConnectionLedger) async throws -> NIOAsyncChannel<Connection, Never> {
    let descriptor: Int32
    switch socket {
    case .activated(let given): descriptor = given
    case .leased(let lease):
      guard let taken = lease.takeListener() else { throw SocketError(.inUse, path: lease.path) }
      descriptor = taken
    }
    return try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(descriptor) { channel in
        PeerIdentity.uid(of: channel).flatMap { uid in setUp(channel, uid: uid, ledger) }
      }
  }

  private func setUp(_ channel: any Channel, uid: UInt32, _ ledger: ConnectionLedger) -> EventLoopFuture<Connection> {
    counters.connections.add()
    var refusal: Problem?
    switch ledger.admit(channel, uid: uid) {
    case .admitted: channel.closeFuture.whenComplete { _ in ledger.leave(channel, uid: uid) }
    case .refused(let problem):
      counters.connectionsRefused.add()
      refusal = problem
    }
    var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
    decoder.maxHeaderFieldSize = limits.headerByteCountMax
    decoder.maxHeaderListSize = limits.headerByteCountMax
    decoder.maxHeaderFieldCount = limits.headerCountMax
    let http = http1(uid: uid, .init(httpDecoderConfiguration: decoder))
    return http.setup(channel: channel, logger: logger).flatMapThrowing { [refusal] value in
      let guardian = ConnectionGuard(limits: limits, counters: counters, refusal: refusal) { [service] kind in
        service.refused(uid: uid, kind: kind)
      }
      let pipeline = channel.pipeline.syncOperations
      // Behind the decoder and before everything of Hummingbird's: one request at a time, each of them checked.
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(guardian, position: .after(decoder))
      try pipeline.addHandler(ByteGate(guardian), position: .first)
      return Connection(http: value, uid: uid)
    }
  }

  private func http1(uid: UInt32, _ configuration: HTTP1Channel.Configuration = .init()) -> HTTP1Channel {
    let dispatcher = Dispatcher(service: service, counters: counters)
    return HTTP1Channel(
      responder: { request, writer, _ in
        let reply = await dispatcher.reply(to: try await IncomingRequest(request), uid: uid)
        try await writer.write(reply, toHead: request.method == .head)
      }, configuration: configuration)
  }

  private func serve(_ server: NIOAsyncChannel<Connection, Never>) async {
    await withDiscardingTaskGroup { connections in
      do {
        try await server.executeThenClose { inbound in
          for try await connection in inbound {
            connections.addTask {
              await http1(uid: connection.uid).handle(value: connection.http, logger: logger)
            }
          }
        }
      } catch {
        logger.error("the listening socket failed", metadata: ["error": "\(type(of: error))"])
      }
    }
  }
}
