import NIOHTTP1
import VaultAPI

/// What a request's head has to be like before anybody looks at where it goes.
enum RequestRules {
  /// The first rule that `head` breaks; nil when it is fine.
  static func problem(with head: HTTPRequestHead, limits: TransportLimits) -> Problem? {
    guard head.version == .http1_1 else { return Problem(.versionUnsupported) }
    guard head.uri.utf8.count <= limits.addressByteCountMax else {
      return Problem(.addressTooLong, "The address may have at most \(limits.addressByteCountMax) bytes.")
    }
    guard head.uri.utf8.first == UInt8(ascii: "/") else {
      return Problem(.malformed, "The request line has to hold a path that begins with a slash.")
    }
    let hosts = head.headers["host"]
    guard !hosts.isEmpty else { return Problem(.hostMissing) }
    for name in ["host", "authorization", "content-length", "content-type"] where head.headers[name].count > 1 {
      return Problem(.malformed, "The header \(name) may stand there only once.")
    }
    // The decoder would take what follows for another protocol and never answer it.
    guard !head.headers.contains(name: "upgrade"), head.method != .CONNECT else {
      return Problem(.malformed, "This connection cannot be upgraded to another protocol.")
    }
    if head.headers.contains(name: "transfer-encoding"),
      head.headers[canonicalForm: "transfer-encoding"].map({ $0.lowercased() }) != ["chunked"]
    {
      return Problem(.malformed, "The only transfer encoding taken here is chunked.")
    }
    return nil
  }

  static func problem(with error: HTTPParserError, limits: TransportLimits) -> Problem {
    switch error {
    case .headerOverflow:
      Problem(
        .headersTooLarge,
        "Headers may have at most \(limits.headerByteCountMax) bytes in \(limits.headerCountMax) fields.")
    case .invalidVersion: Problem(.versionUnsupported)
    case .invalidMethod: Problem(.malformed, "The request does not begin with a method.")
    case .invalidContentLength, .unexpectedContentLength:
      Problem(.malformed, "The content length is not one number, or stands beside a transfer encoding.")
    case .invalidChunkSize: Problem(.malformed, "A chunk of the body has no valid size.")
    case .invalidHeaderToken: Problem(.malformed, "A header has a character that may not stand there.")
    case .invalidEOFState: Problem(.malformed, "The request is cut off.")
    default: Problem(.malformed)
    }
  }
}
