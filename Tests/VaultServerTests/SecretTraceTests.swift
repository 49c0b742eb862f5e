import Foundation
import Glibc
import Testing
import VaultAPI
import VaultClient

@testable import VaultServer

/// Bytes to look for in this process, kept under a mask so that the search does not find itself.
private struct Needle {
  private static let mask: UInt8 = 0xA5
  private let masked: [UInt8]

  init() { masked = (0..<24).map { _ in UInt8.random(in: UInt8(ascii: "a")...UInt8(ascii: "z")) ^ Self.mask } }

  var secret: WipedBytes {
    var bytes = masked.map { $0 ^ Self.mask }
    return WipedBytes(taking: &bytes)
  }

  private func offsets(in bytes: UnsafeRawBufferPointer) -> [Int] {
    guard let start = bytes.baseAddress else { return [] }
    var offsets: [Int] = []
    var from = 0
    while from + masked.count <= bytes.count,
      let hit = unsafe memchr(start + from, Int32(masked[0] ^ Self.mask), bytes.count - from)
    {
      let offset = unsafe UnsafeRawPointer(hit) - start
      from = offset + 1
      if offset + masked.count <= bytes.count,
        masked.indices.allSatisfy({ unsafe bytes[offset + $0] == masked[$0] ^ Self.mask })
      {
        offsets.append(offset)
      }
    }
    return offsets
  }

  /// How often it stands in writable memory.
  func countInMemory() throws -> Int {
    let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
    let memory = unsafe open("/proc/self/mem", O_RDONLY)
    defer { close(memory) }
    let size = 1 << 20
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { unsafe chunk.deallocate() }
    let own = UInt(bitPattern: chunk.baseAddress)
    var count = 0
    for line in maps.split(separator: "\n") where line.contains(" rw") {
      let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard ends.count == 2 else { continue }
      var at = ends[0]
      while at < ends[1] {
        let read = unsafe pread(memory, chunk.baseAddress, min(size, Int(ends[1] - at)), off_t(at))
        guard read > 0 else { break }
        let view = unsafe UnsafeRawBufferPointer(rebasing: chunk[..<read])
        for offset in unsafe offsets(in: view) {
          let address = at + UInt(offset)
          // The buffer that the memory is copied into is memory too.
          if address < own || address >= own + UInt(size) { count += 1 }
        }
        at += UInt(max(read - 24, read == size ? 1 : read))
      }
    }
    unsafe chunk.initializeMemory(as: UInt8.self, repeating: 0)
    return count
  }
}

@Suite("P12 Traces of secrets", .serialized, .timeLimit(.minutes(2)))
struct SecretTraceTests {
  @Test("P12 a passphrase on its way through client and transport leaves no copy in memory")
  func passphrase() async throws {
    let needle = Needle()
    try await withServer { path in
      let client = VaultClient(socket: path)
      for _ in 0..<3 {
        let secret = needle.secret
        await #expect(throws: ClientError.self) { try await client.login(account: "quiet", .passphrase(secret)) }
      }
      client.close()
    }
    #expect(try needle.countInMemory() == 0)
  }

  @Test("the search does find a secret that is still held")
  func control() throws {
    let needle = Needle()
    let held = needle.secret
    #expect(try needle.countInMemory() >= 1)
    withExtendedLifetime(held) {}
  }
}
