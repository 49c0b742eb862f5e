import Foundation
import Glibc
import Synchronization

/// A client that sends exactly the bytes it is told to, with every wait bounded.
final class RawPeer: Sendable {
  private let descriptor: Int32
  /// Read already, and part of a later answer.
  private let rest = Mutex<[UInt8]>([])
  struct CannotConnect: Error { let errno: Int32 }

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw CannotConnect(errno: errno) }
  }

  deinit { close(descriptor) }

  /// False when the other side no longer takes bytes.
  @discardableResult
  func send(_ text: String) async -> Bool { await send(Array(text.utf8)) }

  @discardableResult
  func send(_ bytes: [UInt8]) async -> Bool {
    await Self.detached { [descriptor] in
      var sent = 0
      while sent < bytes.count {
        guard Self.wait(descriptor, POLLOUT, milliseconds: 2000) else { return false }
        let count = unsafe bytes[sent...].withUnsafeBytes { buffer in
          unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  func closeInput() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// What arrives until the other side closes, or nil when it does not within the time.
  func readToEnd(milliseconds: Int32 = 5000) async -> [UInt8]? {
    await Self.detached { [descriptor] in
      var bytes: [UInt8] = []
      while true {
        guard Self.wait(descriptor, POLLIN, milliseconds: milliseconds) else { return nil }
        guard let part = Self.receive(descriptor) else { return bytes }
        bytes += part
      }
    }
  }

  /// One answer with a content length, or nil when it does not come.
  func readAnswer(milliseconds: Int32 = 5000) async -> RawAnswerText? {
    await Self.detached { [self] in
      var bytes = rest.withLock { $0 }
      while true {
        if let answer = RawAnswerText(bytes) {
          rest.withLock { $0 = Array(bytes.dropFirst(answer.byteCount)) }
          return answer
        }
        guard Self.wait(descriptor, POLLIN, milliseconds: milliseconds) else { return nil }
        guard let part = Self.receive(descriptor) else { return nil }
        bytes += part
      }
    }
  }

  /// True when the other side has closed within the time and sent nothing before.
  func isClosedSilently(milliseconds: Int32 = 5000) async -> Bool {
    await readToEnd(milliseconds: milliseconds)?.isEmpty ?? false
  }

  private static func receive(_ descriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  private static func wait(_ descriptor: Int32, _ events: Int32, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return unsafe poll(&entry, 1, milliseconds) > 0
  }

  /// Blocking calls run on threads of their own: the two threads of the task pool belong to the server under test.
  private static func detached<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
      Thread { continuation.resume(returning: body()) }.start()
    }
  }
}

/// Status, headers and body of an answer that is complete.
struct RawAnswerText: Sendable {
  let status: Int
  let headers: [String: String]
  let body: String
  let byteCount: Int

  init?(_ bytes: [UInt8]) {
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else {
      return nil
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
    self.status = status
    headers = Dictionary(
      lines.dropFirst().compactMap { line in
        line.firstIndex(of: ":").map { colon in
          (line[..<colon].lowercased(), line[line.index(after: colon)...].drop { $0 == " " }.description)
        }
      }, uniquingKeysWith: { first, _ in first })
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    byteCount = end + 4 + length
    guard bytes.count >= byteCount else { return nil }
    body = String(decoding: bytes[(end + 4)..<byteCount], as: UTF8.self)
  }

  /// Last part of the problem's type, found by text: the tests are not to share the code under test.
  var problem: String? {
    guard headers["content-type"] == "application/problem+json",
      let start = body.range(of: #""type":"urn:survivor-vault:problem:"#)
    else { return nil }
    return String(body[start.upperBound...].prefix { $0 != "\"" })
  }
}
