import VaultAPI
import VaultModel

/// One complete request: head fields that matter here, and the body in bytes that wipe themselves.
struct IncomingRequest: Sendable {
  var method: String
  /// Path and query, as they came.
  var address: String
  var contentType: String?
  var authorization: String?
  var purpose: String?
  var reason: String?
  var ifMatch: String?
  var idempotencyKey: String?
  var body: WipedBytes?

  var path: Substring { address.prefix { $0 != "?" } }
  var query: Substring { address.dropFirst(path.count + 1) }
}

extension IncomingRequest {
  func call(_ operation: VaultOperation, uid: UInt32) throws(Problem) -> Call {
    Call(
      operation: operation, uid: uid, token: operation.isOpen ? nil : try token(), purpose: try checkedPurpose(),
      reason: try checkedReason(), idempotencyKey: try checkedIdempotencyKey())
  }

  private func token() throws(Problem) -> SessionToken {
    guard let authorization else { throw Problem(.loginNeeded, "The request carries no session.") }
    let parts = authorization.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer", let token = SessionToken(text: Array(parts[1].utf8))
    else {
      throw Problem(.loginNeeded, "The Authorization header has to be `Bearer` and the token of a session.")
    }
    return token
  }

  private func checkedPurpose() throws(Problem) -> Purpose? {
    guard let purpose else { return nil }
    guard let code = Purpose(rawValue: purpose) else {
      let codes = Purpose.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(.invalid, "The purpose has to be one of \(codes).", field: HeaderName.purpose)
    }
    return code
  }

  /// Percent-encoded UTF-8, because header fields are ASCII and reasons are not.
  private func checkedReason() throws(Problem) -> String? {
    guard let reason, !reason.isEmpty else { return nil }
    guard let text = PercentEncoding.decode(reason.utf8) else {
      throw Problem(.invalid, "The reason has to be percent-encoded UTF-8.", field: HeaderName.reason)
    }
    guard text.utf8.count <= TransportLimits.reasonByteCountMax else {
      throw WireError(.tooLong(byteCountMax: TransportLimits.reasonByteCountMax), field: HeaderName.reason).problem
    }
    return text
  }

  private func checkedIdempotencyKey() throws(Problem) -> String? {
    guard let key = idempotencyKey else { return nil }
    guard (1...TransportLimits.idempotencyKeyByteCountMax).contains(key.utf8.count),
      key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Problem(
        .invalid,
        "The key has to have 1 to \(TransportLimits.idempotencyKeyByteCountMax) printable ASCII characters.",
        field: HeaderName.idempotencyKey)
    }
    return key
  }

  /// The version in `If-Match: "3"`; nil when the header is absent. A wildcard is refused: it would overwrite unseen.
  func version() throws(Problem) -> UInt64? {
    guard let ifMatch else { return nil }
    let text = ifMatch.utf8.dropFirst().dropLast()
    guard ifMatch.utf8.count >= 3, ifMatch.hasPrefix("\""), ifMatch.hasSuffix("\""),
      text.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let version = Int64(Substring(text))
    else {
      throw Problem(
        .invalid, "If-Match has to hold one version in quotes, as the ETag had it.", field: HeaderName.ifMatch)
    }
    return UInt64(version)
  }
}

extension IncomingRequest {
  /// Checks that there is a body of the right type where the operation takes one, and none elsewhere.
  func checkBody(of operation: VaultOperation) throws(Problem) {
    guard let expected = operation.requestType else {
      guard body == nil else { throw Problem(.malformed, "This operation takes no body.") }
      return
    }
    // These say everything in their address.
    if operation == .suspendAccount || operation == .replaceAccount, body == nil { return }
    let actual = contentType?.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    guard actual == expected else {
      throw Problem(.mediaTypeUnsupported, "The body has to be \(expected).", hint: "Send `Content-Type: \(expected)`.")
    }
  }

  func json() throws(Problem) -> JSONValue {
    guard let body else { throw Problem(.malformed, "The body is empty.") }
    do {
      return try body.withBytes { (bytes) throws(JSONError) in try JSONValue.parse(bytes) }
    } catch {
      throw Problem(.malformed, "The body is not the JSON that is taken here: \(error.description).")
    }
  }

  func message<Message: WireMessage>(_: Message.Type) throws(Problem) -> Message {
    let json = try json()
    do { return try Message(json: json) } catch { throw error.problem }
  }

  func secrets(_ names: Set<String>) throws(Problem) -> SecretObject {
    guard let body else { throw Problem(.malformed, "The body is empty.") }
    do {
      return try body.withBytes { (bytes) throws(SecretObject.ParseError) in
        try SecretObject(parsing: bytes, allowing: names)
      }
    } catch {
      throw error.problem
    }
  }
}
