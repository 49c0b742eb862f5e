import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import VaultAPI

/// Up to `connectionCountMax` connections to one socket; whoever finds none free waits in line.
final class ConnectionPool: Sendable {
  private struct Idle {
    let channel: any Channel
    let since: NIODeadline
  }

  /// The right to one connection: an open one, or leave to open one.
  private typealias Permit = (any Channel)?

  private struct State {
    var idle: [Idle] = []
    /// Permits given out and not yet returned.
    var permitCount = 0
    var waiting: [CheckedContinuation<(any Channel)?, Never>] = []
  }

  private let path: String
  private let options: ClientOptions
  private let group: any EventLoopGroup
  private let state = Mutex(State())

  init(path: String, options: ClientOptions, group: any EventLoopGroup) {
    self.path = path
    self.options = options
    self.group = group
  }

  deinit {
    for idle in state.withLock({ $0.idle }) { idle.channel.close(promise: nil) }
  }

  /// Closes connections that nobody uses.
  func closeIdle() {
    let idle = state.withLock { state in
      defer { state.idle.removeAll() }
      return state.idle
    }
    for connection in idle { connection.channel.close(promise: nil) }
  }

  /// Sends one request. Where a kept connection turns out to have been closed by the daemon meanwhile, and `mayRepeat`
  /// says that doing it twice does no harm, it is sent again on a new one.
  func send(_ head: HTTPRequestHead, _ body: WipedBytes?, mayRepeat: Bool) async throws(ClientError) -> RawAnswer {
    let permit = await acquire()
    do throws(ClientError) {
      if let channel = permit, channel.isActive {
        do throws(ClientError) { return try await exchange(channel, head, body) } catch {
          guard mayRepeat, error.kind == .unreachable else { throw error }
        }
      }
      return try await exchange(try await connect(), head, body)
    } catch {
      release(nil)
      throw error
    }
  }

  private func exchange(
    _ channel: any Channel, _ head: HTTPRequestHead, _ body: WipedBytes?
  ) async throws(ClientError) -> RawAnswer {
    let answer = channel.eventLoop.makePromise(of: RawAnswer.self)
    let bytes = body.map { body in
      body.withBytes { span in
        var buffer = ByteBuffer()
        buffer.reserveCapacity(span.byteCount)
        unsafe span.withUnsafeBytes { _ = unsafe buffer.writeBytes($0) }
        return buffer
      }
    }
    channel.writeAndFlush(Exchange(head: head, body: bytes, answer: answer)).whenFailure { _ in
      // The handler has taken the promise unless the channel was closed before it saw the write.
      answer.fail(ClientError(.unreachable, "The connection was closed."))
    }
    do {
      let result = try await answer.futureResult.get()
      if result.isReusable {
        release(channel)
      } else {
        channel.close(promise: nil)
        release(nil)
      }
      return result
    } catch {
      channel.close(promise: nil)
      throw error as? ClientError ?? ClientError(.unreachable)
    }
  }

  private func connect() async throws(ClientError) -> any Channel {
    guard (1...107).contains(path.utf8.count) else {
      throw ClientError(.unreachable, "The socket's path has to have 1 to 107 bytes.")
    }
    let options = options
    do {
      return try await ClientBootstrap(group: group)
        .connectTimeout(options.connectTime)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(ExchangeHandler(options: options))
          }
        }
        .connect(unixDomainSocketPath: path).get()
    } catch let error as IOError {
      throw ClientError(.unreachable, Self.reason(errno: error.errnoCode))
    } catch {
      throw ClientError(.unreachable)
    }
  }

  private static func reason(errno: CInt) -> String {
    switch errno {
    case 2: "There is no socket at this path."
    case 111: "Nobody serves this socket: the daemon is not running."
    case 13: "This user may not use the socket."
    default: "The socket cannot be used (errno \(errno))."
    }
  }

  private func acquire() async -> (any Channel)? {
    await withCheckedContinuation { continuation in
      enum Found {
        case idle(any Channel)
        case none, wait
      }
      let found: Found = state.withLock { state in
        guard state.permitCount < options.connectionCountMax else {
          state.waiting.append(continuation)
          return .wait
        }
        state.permitCount += 1
        while let last = state.idle.popLast() {
          if last.channel.isActive, NIODeadline.now() - last.since < options.idleTime { return .idle(last.channel) }
          last.channel.close(promise: nil)
        }
        return .none
      }
      switch found {
      case .idle(let channel): continuation.resume(returning: channel)
      case .none: continuation.resume(returning: nil)
      case .wait: break
      }
    }
  }

  private func release(_ channel: (any Channel)?) {
    let next = state.withLock { state -> CheckedContinuation<(any Channel)?, Never>? in
      // The permit passes on with the connection.
      if !state.waiting.isEmpty { return state.waiting.removeFirst() }
      state.permitCount -= 1
      if let channel { state.idle.append(Idle(channel: channel, since: .now())) }
      return nil
    }
    next?.resume(returning: channel)
  }
}
