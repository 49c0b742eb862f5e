public import NIOCore
import NIOHTTP1
public import NIOPosix
import Synchronization
public import VaultAPI
import VaultModel

/// Talks to one vault over its Unix domain socket. One method an operation; see the extensions.
///
/// Safe to use from several tasks at once, over up to `ClientOptions.connectionCountMax` connections.
public final class VaultClient: Sendable {
  private struct State {
    var session: SessionToken?
    var auditIndex: UInt64?
  }

  private let pool: ConnectionPool
  private let state = Mutex(State())

  public init(
    socket path: String, options: ClientOptions = ClientOptions(),
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    pool = ConnectionPool(path: path, options: options, group: group)
  }

  /// The session that operations are done in. `login` and `logout` set it; a one-shot command sets one it has kept.
  public var session: SessionToken? {
    get { state.withLock { $0.session } }
    set { state.withLock { $0.session = newValue } }
  }

  /// `Vault-Audit-Index` of the latest answer that had one.
  public var lastAuditIndex: UInt64? { state.withLock { $0.auditIndex } }

  /// Closes connections that are not in use. The client stays usable.
  public func close() { pool.closeIdle() }

  func send(
    _ operation: VaultOperation, _ path: String, query: [(name: String, value: String?)] = [],
    headers: [(name: String, value: String?)] = [], body: WipedBytes? = nil
  ) async throws(ClientError) -> RawAnswer {
    let items = query.compactMap { item in item.value.map { "\(item.name)=\(PercentEncoding.encode($0))" } }
    var fields = HTTPHeaders([("Host", "vault")])
    if !operation.isOpen, let session {
      fields.add(name: HeaderName.authorization, value: "Bearer " + String(decoding: session.text, as: UTF8.self))
    }
    for (name, value) in headers {
      if let value { fields.add(name: name, value: value) }
    }
    if let body {
      fields.add(name: HeaderName.contentType, value: operation.requestType ?? MediaType.json)
      fields.add(name: "Content-Length", value: String(body.count))
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: operation.route.method.rawValue),
      uri: path + (items.isEmpty ? "" : "?" + items.joined(separator: "&")), headers: fields)
    let hasKey = fields.contains(name: HeaderName.idempotencyKey)
    let answer = try await pool.send(head, body, mayRepeat: operation.route.method == .get || hasKey)
    if let index = answer.auditIndex { state.withLock { $0.auditIndex = index } }
    guard (200..<300).contains(answer.status) else { throw ClientError(answer) }
    return answer
  }

  func json(
    _ operation: VaultOperation, _ path: String, query: [(name: String, value: String?)] = [],
    headers: [(name: String, value: String?)] = [], body: WipedBytes? = nil
  ) async throws(ClientError) -> JSONValue {
    var answer = try await send(operation, path, query: query, headers: headers, body: body)
    defer { WipedBytes.wipe(&answer.body) }
    do {
      return try JSONValue.parse(answer.body, limits: Self.answerLimits)
    } catch { throw ClientError(.garbled, "The answer is not JSON: \(error.description).") }
  }

  func message<Message: WireMessage>(
    _: Message.Type, _ operation: VaultOperation, _ path: String, query: [(name: String, value: String?)] = [],
    headers: [(name: String, value: String?)] = [], body: WipedBytes? = nil
  ) async throws(ClientError) -> Message {
    let json = try await json(operation, path, query: query, headers: headers, body: body)
    do { return try Message(json: json) } catch { throw Self.garbled(error) }
  }

  static func garbled(_ error: WireError) -> ClientError {
    ClientError(.garbled, "The answer is not as expected" + (error.field.map { " at \($0)" } ?? "") + ".")
  }

  static func body(_ message: some WireMessage) -> WipedBytes {
    var bytes = message.bytes
    return WipedBytes(taking: &bytes)
  }

  /// The daemon is trusted further than a caller: its pages are larger than what it takes.
  private static let answerLimits = JSONLimits(byteCountMax: 16 << 20, depthMax: 16, memberCountMax: 500_000)
}
