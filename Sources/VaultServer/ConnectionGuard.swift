import NIOCore
import NIOHTTP1
import VaultAPI

/// Holds one connection to the bounds of `TransportLimits`, before anything else sees a request.
///
/// It passes a request on only when it is complete (head, one body part, end) and the one before has been answered and
/// taken. What is malformed, too large or too slow it answers itself with a problem document, and closes. Nothing behind
/// it can be kept waiting by a slow client.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    /// No request has begun.
    case waiting
    case head
    case body(HTTPRequestHead, ByteBuffer)
    /// The request was passed on.
    case serving
    /// The answer is on its way out.
    case answering
    /// Our last answer is on its way out, and whatever still comes in is dropped.
    case leaving
  }

  /// What came in while the request before it was being answered.
  private enum Event {
    case part(HTTPServerRequestPart)
    case parserError(HTTPParserError)
    case inputClosed
  }

  private let limits: TransportLimits
  private let counters: TransportCounters
  /// The answer to everything on this connection, when it was one too many.
  private let refusal: Problem?
  /// Hears of every refusal made here.
  private let refused: (ProblemKind) -> Void
  private var phase = Phase.waiting
  private var deadline: NIODeadline?
  /// Never more than what one read takes from the kernel: there are no reads while it fills.
  private var queue: CircularBuffer<Event> = []
  private var isReadPending = false
  private var isQuiescing = false
  private var isOutputClosed = false
  private var tick: RepeatedTask?

  init(
    limits: TransportLimits, counters: TransportCounters, refusal: Problem?,
    refused: @escaping (ProblemKind) -> Void
  ) {
    self.refused = refused
    self.limits = limits
    self.counters = counters
    self.refusal = refusal
  }

  // MARK: Connection

  func handlerAdded(context: ChannelHandlerContext) {
    deadline = .now() + limits.headerTime
    // One look a second at one deadline costs less than a timer a request.
    let shortest = min(limits.headerTime, limits.bodyTime, limits.answerTime, limits.idleTime, limits.lingerTime)
    let interval = min(TimeAmount.seconds(1), TimeAmount.nanoseconds(max(shortest.nanoseconds / 4, 1_000_000)))
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    tick = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      let (guardian, context) = bound.value
      guardian.checkDeadline(context: context)
    }
    if context.channel.isActive, let refusal { refuse(refusal, context: context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { stopTicking() }

  /// The ticking task holds this handler, so it has to be let go.
  private func stopTicking() {
    tick?.cancel()
    tick = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    if let refusal { refuse(refusal, context: context) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    stopTicking()
    if case .body(_, let body) = phase { body.wipeShared() }
    for case .part(.body(let part)) in queue { part.wipeShared() }
    queue.removeAll()
    phase = .leaving
    context.fireChannelInactive()
  }

  /// Called by the gate; false when the bytes are to be dropped.
  func bytesArrive() -> Bool {
    switch phase {
    case .waiting:
      phase = .head
      deadline = .now() + limits.headerTime
      return true
    case .leaving: return false
    default: return true
    }
  }

  private func checkDeadline(context: ChannelHandlerContext) {
    guard let deadline, NIODeadline.now() >= deadline else { return }
    switch phase {
    case .head: refuse(Problem(.tooSlow, "The header did not arrive in time."), context: context)
    case .body: refuse(Problem(.tooSlow, "The body did not arrive in time."), context: context)
    case .waiting, .serving, .answering, .leaving: context.close(promise: nil)
    }
  }

  // MARK: Order

  private var isBusy: Bool {
    switch phase {
    case .serving, .answering: true
    default: false
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    receive(.part(unwrapInboundIn(data)), context: context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.close(promise: nil)
      return
    }
    receive(.parserError(error), context: context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      // What is complete and still queued comes first.
      if queue.isEmpty { context.fireUserInboundEventTriggered(event) } else { queue.append(.inputClosed) }
    case is ChannelShouldQuiesceEvent: quiesce(context: context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func read(context: ChannelHandlerContext) {
    if isBusy { isReadPending = true } else { context.read() }
  }

  private func receive(_ event: Event, context: ChannelHandlerContext) {
    if isBusy || !queue.isEmpty { queue.append(event) } else { deliver(event, context: context) }
  }

  private func deliver(_ event: Event, context: ChannelHandlerContext) {
    switch event {
    case .part(.head(let head)): take(head, context: context)
    case .part(.body(let part)): take(part, context: context)
    case .part(.end): passOn(context: context)
    case .parserError(let error): refuse(RequestRules.problem(with: error, limits: limits), context: context)
    case .inputClosed: context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }
  }

  /// The client has taken the answer: the next request may come.
  private func answerTaken(context: ChannelHandlerContext) {
    guard case .answering = phase else { return }
    guard !isQuiescing else { return context.close(promise: nil) }
    guard !isOutputClosed else { return leave() }
    phase = .waiting
    deadline = .now() + limits.idleTime
    let hadQueue = !queue.isEmpty
    while !isBusy, let event = queue.popFirst() { deliver(event, context: context) }
    if hadQueue { context.fireChannelReadComplete() }
    if isReadPending, !isBusy {
      isReadPending = false
      context.read()
    }
  }

  /// The daemon stops: a request that has begun is still answered, an idle connection is closed.
  private func quiesce(context: ChannelHandlerContext) {
    isQuiescing = true
    switch phase {
    case .waiting, .head: context.close(promise: nil)
    case .body, .serving, .answering, .leaving: break
    }
  }

  // MARK: Requests

  private func take(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
    if case .leaving = phase { return }
    counters.requests.add()
    if let problem = RequestRules.problem(with: head, limits: limits) { return refuse(problem, context: context) }
    var body = ByteBuffer()
    if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }) {
      guard length <= limits.bodyByteCountMax else { return refuse(bodyTooLarge, context: context) }
      body = context.channel.allocator.buffer(capacity: length)
    }
    phase = .body(head, body)
    deadline = .now() + limits.bodyTime
    if head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
      let interim = HTTPResponseHead(version: .http1_1, status: .continue)
      context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
    }
  }

  private func take(_ part: ByteBuffer, context: ChannelHandlerContext) {
    // The decoder will not look at these bytes again, and they may be somebody's passphrase.
    defer { part.wipeShared() }
    guard case .body(let head, var body) = phase else { return }
    phase = .head
    guard body.readableBytes + part.readableBytes <= limits.bodyByteCountMax else {
      body.wipeShared()
      return refuse(bodyTooLarge, context: context)
    }
    if body.writableBytes < part.readableBytes {
      var larger = context.channel.allocator.buffer(
        capacity: max(2 * body.readableBytes, body.readableBytes + part.readableBytes))
      larger.writeImmutableBuffer(body)
      body.wipeShared()
      body = larger
    }
    body.writeImmutableBuffer(part)
    phase = .body(head, body)
  }

  private func passOn(context: ChannelHandlerContext) {
    guard case .body(let head, let body) = phase else { return }
    phase = .serving
    deadline = nil
    context.fireChannelRead(wrapInboundOut(.head(head)))
    if body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(body))) }
    context.fireChannelRead(wrapInboundOut(.end(nil)))
  }

  private var bodyTooLarge: Problem {
    Problem(.bodyTooLarge, "A body may have at most \(limits.bodyByteCountMax) bytes.")
  }

  // MARK: Answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .leaving = phase {
      if case .body(.byteBuffer(let bytes)) = unwrapOutboundIn(data) { bytes.wipeShared() }
      promise?.fail(ChannelError.outputClosed)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      phase = .answering
      deadline = .now() + limits.answerTime
      if isQuiescing { head.headers.replaceOrAdd(name: "connection", value: "close") }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body(.byteBuffer(let bytes)):
      // Plaintext leaves here; the block it lay in goes back to the allocator once the kernel has it.
      let written = promise ?? context.eventLoop.makePromise(of: Void.self)
      written.futureResult.whenComplete { _ in bytes.wipeShared() }
      context.write(data, promise: written)
    case .body:
      context.write(data, promise: promise)
    case .end:
      let written = promise ?? context.eventLoop.makePromise(of: Void.self)
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      written.futureResult.whenSuccess {
        let (guardian, context) = bound.value
        guardian.answerTaken(context: context)
      }
      context.write(data, promise: written)
    }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .output {
      isOutputClosed = true
      // An answer that is still being taken keeps its own time.
      if case .answering = phase {} else { leave() }
    }
    context.close(mode: mode, promise: promise)
  }

  /// From now on the client has to close its side; it does not have for ever.
  private func leave() {
    phase = .leaving
    deadline = .now() + limits.lingerTime
  }

  /// Answers with `problem`, and leaves.
  private func refuse(_ problem: Problem, context: ChannelHandlerContext) {
    switch phase {
    case .leaving: return
    case .serving, .answering: return context.close(promise: nil)
    case .body(_, let body): body.wipeShared()
    case .waiting, .head: break
    }
    leave()
    counters.refusals.add()
    refused(problem.kind)
    let document = problem.document
    var headers = HTTPHeaders([
      ("content-type", MediaType.problem), ("content-length", String(document.count)), ("connection", "close"),
      ("cache-control", "no-store"),
    ])
    if let seconds = problem.retryAfterSeconds { headers.add(name: "retry-after", value: String(seconds)) }
    let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: problem.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: document)))), promise: nil)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      // Half closed first: a client that is still sending gets to read the answer instead of a reset.
      bound.value.close(mode: .output, promise: nil)
    }
  }
}
