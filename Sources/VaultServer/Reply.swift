import VaultAPI

/// Status, headers and body of one answer, in the transport's own terms.
struct Reply: Sendable {
  var status: Int
  var contentType: String?
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []

  init(_ status: Int, _ contentType: String?, _ body: [UInt8], auditIndex: UInt64? = nil) {
    self.status = status
    self.contentType = contentType
    self.body = body
    if let auditIndex { headers.append((HeaderName.auditIndex, String(auditIndex))) }
  }

  init(_ status: Int, _ answer: Answer<some WireMessage>) {
    self.init(status, MediaType.json, answer.body.bytes, auditIndex: answer.auditIndex)
  }

  /// 204.
  init(_ answer: Answer<Void>) { self.init(204, nil, [], auditIndex: answer.auditIndex) }

  init(_ problem: Problem) {
    self.init(problem.status, MediaType.problem, problem.document, auditIndex: problem.auditIndex)
    if let seconds = problem.retryAfterSeconds { headers.append((HeaderName.retryAfter, String(seconds))) }
    if problem.status == 401 { headers.append(("WWW-Authenticate", "Bearer")) }
  }

  func with(_ name: String, _ value: String) -> Reply {
    var reply = self
    reply.headers.append((name, value))
    return reply
  }

  /// The version of a record as its ETag.
  func with(version: UInt64) -> Reply { with(HeaderName.etag, "\"\(version)\"") }
}
