import Hummingbird
import HummingbirdCore
import NIOCore
import VaultAPI

extension IncomingRequest {
  private typealias Name = HTTPFields.Element.Name
  private static let purposeName = Name(HeaderName.purpose)
  private static let reasonName = Name(HeaderName.reason)
  private static let idempotencyKeyName = Name(HeaderName.idempotencyKey)

  /// Takes what matters out of a Hummingbird request. The guard has made the body one buffer, wiped here.
  init(_ request: Request) async throws {
    var body: WipedBytes?
    for try await buffer in request.body where body == nil {
      body = WipedBytes(wiping: buffer)
    }
    let fields = request.headers
    func value(_ name: Name?) -> String? { name.flatMap { fields[$0] } }
    self.init(
      method: request.method.rawValue, address: request.head.path ?? "", contentType: fields[.contentType],
      authorization: fields[.authorization], purpose: value(Self.purposeName), reason: value(Self.reasonName),
      ifMatch: fields[.ifMatch], idempotencyKey: value(Self.idempotencyKeyName), body: body)
  }
}

extension WipedBytes {
  fileprivate convenience init(wiping buffer: ByteBuffer) {
    var bytes = Array(buffer.readableBytesView)
    self.init(taking: &bytes)
    buffer.wipeShared()
  }
}

extension ResponseWriter {
  /// Sends a reply; the guard wipes the body once the kernel has it.
  /// - Parameter toHead: leaves the body out, and its length in.
  consuming func write(_ reply: consuming Reply, toHead: Bool) async throws {
    var fields = HTTPFields()
    fields[.cacheControl] = "no-store"
    if let contentType = reply.contentType { fields[.contentType] = contentType }
    if reply.status != 204 { fields[.contentLength] = String(reply.body.count) }
    for (name, value) in reply.headers {
      if let name = HTTPFields.Element.Name(name) { fields[name] = value }
    }
    let head = HTTPResponse(status: .init(code: reply.status), headerFields: fields)
    let buffer = ByteBuffer(bytes: reply.body)
    WipedBytes.wipe(&reply.body)
    try await write(response: head, body: toHead ? ResponseBody() : ResponseBody(byteBuffer: buffer))
  }
}
