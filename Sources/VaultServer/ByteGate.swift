import NIOCore

/// Stands before the HTTP decoder: tells the guard when bytes arrive, and keeps them out once it has refused.
final class ByteGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let guardian: ConnectionGuard

  init(_ guardian: ConnectionGuard) { self.guardian = guardian }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard guardian.bytesArrive() else { return unwrapInboundIn(data).wipeShared() }
    context.fireChannelRead(data)
  }
}
