import NIOCore
import NIOHTTP1
import VaultAPI

extension IncomingRequest {
  /// Takes what matters out of a head. The guard has made the body one buffer.
  init(_ head: HTTPRequestHead, body: WipedBytes?) {
    let headers = head.headers
    self.init(
      method: head.method.rawValue, address: head.uri, contentType: headers.first(name: "content-type"),
      authorization: headers.first(name: "authorization"), purpose: headers.first(name: HeaderName.purpose),
      reason: headers.first(name: HeaderName.reason), ifMatch: headers.first(name: "if-match"),
      idempotencyKey: headers.first(name: HeaderName.idempotencyKey), body: body)
  }
}

extension WipedBytes {
  /// Moves the readable bytes out of a buffer and wipes them there.
  convenience init(wiping buffer: ByteBuffer) {
    var bytes = Array(buffer.readableBytesView)
    self.init(taking: &bytes)
    buffer.wipeShared()
  }
}
