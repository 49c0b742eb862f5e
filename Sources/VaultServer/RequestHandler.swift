import NIOCore
import NIOHTTP1
import VaultAPI

/// The end of a connection's pipeline: one complete request in, one reply out.
///
/// The guard before it lets one request through at a time, whole, and only after the answer before it was taken. So there
/// is nothing here about order, size or time.
final class RequestHandler<Service: VaultService>: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let dispatcher: Dispatcher<Service>
  private let uid: UInt32
  private let executor: LoopExecutor
  private let outstanding: Outstanding
  private var head: HTTPRequestHead?
  private var body: WipedBytes?
  private var isServing = false
  /// The client has said all it will say.
  private var isInputClosed = false

  init(_ dispatcher: Dispatcher<Service>, uid: UInt32, on executor: LoopExecutor, outstanding: Outstanding) {
    self.dispatcher = dispatcher
    self.uid = uid
    self.executor = executor
    self.outstanding = outstanding
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body(let buffer): body = WipedBytes(wiping: buffer)
    case .end: serve(context: context)
    }
  }

  private func serve(context: ChannelHandlerContext) {
    guard let head else { return }
    let request = IncomingRequest(head, body: body)
    self.head = nil
    body = nil
    let isHead = head.method == .HEAD
    let asksToClose = !head.isKeepAlive
    isServing = true
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let match = dispatcher.match(request)
    outstanding.begin()
    // What is done in microseconds is done here, on the connection's own thread; what takes longer would keep that
    // thread's other connections waiting.
    Task(executorPreference: match.isBrief ? executor : nil) { [dispatcher, uid, outstanding] in
      let reply = await dispatcher.reply(to: request, match, uid: uid)
      bound.eventLoop.execute {
        let (handler, context) = bound.value
        handler.isServing = false
        handler.write(reply, toHead: isHead, thenClose: asksToClose || handler.isInputClosed, context: context)
        outstanding.end()
      }
    }
  }

  /// Sends a reply; the guard wipes the body once the kernel has it.
  private func write(_ reply: consuming Reply, toHead: Bool, thenClose: Bool, context: ChannelHandlerContext) {
    // Nobody is there any more who would take it, or wipe it.
    guard context.channel.isActive else { return WipedBytes.wipe(&reply.body) }
    var headers = HTTPHeaders()
    headers.reserveCapacity(reply.headers.count + 4)
    headers.add(name: "cache-control", value: "no-store")
    if let contentType = reply.contentType { headers.add(name: "content-type", value: contentType) }
    if reply.status != 204 { headers.add(name: "content-length", value: String(reply.body.count)) }
    for (name, value) in reply.headers { headers.add(name: name, value: value) }
    if thenClose { headers.add(name: "connection", value: "close") }
    let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !toHead, !reply.body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
    }
    WipedBytes.wipe(&reply.body)
    let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if thenClose {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      // Half closed first, as the guard does: what the client still sends must not turn into a reset.
      end.whenComplete { _ in bound.value.close(mode: .output, promise: nil) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed {
      isInputClosed = true
      // What it asked for is still answered.
      if !isServing { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
