import NIOCore
import NIOHTTP1
import VaultAPI

/// One request on its way, and the promise of its answer.
struct Exchange: Sendable {
  let head: HTTPRequestHead
  /// Wiped once the kernel has it.
  let body: ByteBuffer?
  let answer: EventLoopPromise<RawAnswer>
}

/// An answer before anybody has looked into it.
struct RawAnswer: Sendable {
  let status: Int
  let headers: HTTPHeaders
  var body: [UInt8]
  /// The daemon will take another request on this connection.
  let isReusable: Bool

  var auditIndex: UInt64? { headers.first(name: HeaderName.auditIndex).flatMap { UInt64($0) } }
}

/// Writes one request at a time and gathers its answer, within bounds of size and time.
final class ExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Exchange
  typealias OutboundOut = HTTPClientRequestPart

  private let options: ClientOptions
  private var answer: EventLoopPromise<RawAnswer>?
  private var head: HTTPResponseHead?
  private var body = ByteBuffer()
  private var deadline: Scheduled<Void>?

  init(options: ClientOptions) { self.options = options }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    precondition(answer == nil, "one request at a time")
    answer = exchange.answer
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: options.answerTime) {
      let (handler, context) = bound.value
      handler.fail(ClientError(.noAnswer), context: context)
    }
    context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
    if let bytes = exchange.body {
      let written = context.eventLoop.makePromise(of: Void.self)
      written.futureResult.whenComplete { _ in bytes.wipeShared() }
      context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: written)
    }
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body.clear()
      if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }) {
        guard length <= options.answerByteCountMax else { return fail(tooLarge, context: context) }
        body.reserveCapacity(length)
      }
    case .body(let part):
      defer { part.wipeShared() }
      guard body.readableBytes + part.readableBytes <= options.answerByteCountMax else {
        return fail(tooLarge, context: context)
      }
      body.writeImmutableBuffer(part)
    case .end: finish()
    }
  }

  private var tooLarge: ClientError {
    ClientError(.garbled, "The answer is larger than \(options.answerByteCountMax) bytes.")
  }

  private func finish() {
    guard let head, let answer else { return }
    let bytes = Array(body.readableBytesView)
    body.wipeShared()
    body.clear()
    settle()
    answer.succeed(
      RawAnswer(
        status: Int(head.status.code), headers: head.headers, body: bytes,
        isReusable: head.version == .http1_1
          && !head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }))
  }

  private func fail(_ error: ClientError, context: ChannelHandlerContext) {
    body.wipeShared()
    let answer = answer
    settle()
    answer?.fail(error)
    context.close(promise: nil)
  }

  private func settle() {
    deadline?.cancel()
    deadline = nil
    answer = nil
    head = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(ClientError(.unreachable, "The connection was closed before the answer came."), context: context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let isParsing = error is HTTPParserError || error is NIOHTTPDecoderError
    fail(
      isParsing ? ClientError(.garbled) : ClientError(.unreachable, "The connection broke before the answer came."),
      context: context)
  }
}
