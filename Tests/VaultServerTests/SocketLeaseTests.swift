import Foundation
import Testing

@testable import VaultServer

@Suite("The lease on a socket's path")
struct SocketLeaseTests {
  private func code(_ path: String) -> SocketError.Code? {
    do {
      _ = try SocketLease(path: path, backlog: 8)
      return nil
    } catch { return error.code }
  }

  private func mode(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
  }

  @Test("gives a socket that owner and group may use, and nobody else, and takes it away again")
  func permissions() async throws {
    try await withTemporaryDirectory { directory in
      let lease = try SocketLease(path: directory + "/v.sock", backlog: 8)
      #expect(mode(directory + "/v.sock") == 0o660)
      #expect(mode(directory + "/v.sock.lock") == 0o600)
      lease.release()
      #expect(mode(directory + "/v.sock") == nil)
      #expect(mode(directory + "/v.sock.lock") == nil)
    }
  }

  /// In a process of its own, because the umask belongs to all of it.
  @Test("gives that mode whatever the umask, leaves the umask alone, also where many sockets are made at once")
  func umasks() async throws {
    await #expect(processExitsWith: .success) {
      for mask in [mode_t(0o000), 0o022, 0o077, 0o777] {
        try await withTemporaryDirectory { directory in
          umask(mask)
          defer { umask(0o077) }
          let modes = try await withThrowingTaskGroup { group in
            for number in 0..<64 {
              group.addTask {
                let path = "\(directory)/\(number).sock"
                let listener = try UnixSocket.listen(path, backlog: 1)
                defer { close(listener) }
                return try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
              }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
          }
          try #require(modes == [Int(SocketLease.mode)])
          try #require(umask(mask) == mask)
        }
      }
    }
  }

  @Test("is had by one daemon only; the second is told so and the first serves on")
  func secondDaemon() async throws {
    try await withServer { path in
      do throws(SocketError) {
        _ = try SocketLease(path: path, backlog: 8)
        Issue.record("a second lease was given")
      } catch {
        #expect(error.code == .inUse)
        #expect(error.description.contains("was not disturbed"))
        #expect(error.hint.contains("--socket"))
      }
      #expect(await isServing(path))
      #expect(FileManager.default.fileExists(atPath: path + ".lock"))
    }
  }

  @Test("replaces a socket file that a crash left behind")
  func stale() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/v.sock"
      close(try UnixSocket.listen(path, backlog: 8))
      #expect(FileManager.default.fileExists(atPath: path))
      #expect(code(path) == nil)
    }
  }

  @Test("leaves the socket alone of a program that listens without a lock")
  func foreignListener() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/v.sock"
      let listener = try UnixSocket.listen(path, backlog: 8)
      #expect(code(path) == .inUse)
      #expect((try? RawPeer(path)) != nil)
      close(listener)
    }
  }

  @Test("refuses what is not a socket, and leaves it as it is")
  func notASocket() async throws {
    try await withTemporaryDirectory { directory in
      let file = directory + "/file"
      try Data("kept".utf8).write(to: URL(fileURLWithPath: file))
      #expect(code(file) == .notASocket)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "kept")
      #expect(code(directory) == .notASocket)
      try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: file)
      #expect(code(directory + "/link") == .notASocket)
      #expect(!FileManager.default.fileExists(atPath: file + ".lock"))
    }
  }

  @Test("refuses a path that is empty, too long or holds a zero byte")
  func paths() {
    #expect(code("") == .pathInvalid)
    #expect(code("/tmp/" + String(repeating: "a", count: 103)) == .pathInvalid)
    #expect(code("/tmp/a\u{0}b") == .pathInvalid)
  }

  @Test("takes a path of exactly 107 bytes")
  func longestPath() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/" + String(repeating: "a", count: 106 - directory.utf8.count)
      #expect(path.utf8.count == 107)
      let lease = try SocketLease(path: path, backlog: 8)
      #expect((try? RawPeer(path)) != nil)
      lease.release()
    }
  }

  @Test("refuses a directory that is missing, or that anybody may write to")
  func directories() async throws {
    try await withTemporaryDirectory { directory in
      #expect(code(directory + "/none/v.sock") == .directoryMissing)
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory)
      #expect(code(directory + "/v.sock") == .directoryUnsafe)
    }
  }

  @Test("unlinks its own socket only")
  func unlinksItsOwn() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/v.sock"
      let lease = try SocketLease(path: path, backlog: 8)
      try FileManager.default.removeItem(atPath: path)
      try Data("somebody else's".utf8).write(to: URL(fileURLWithPath: path))
      lease.release()
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }
}
