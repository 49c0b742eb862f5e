import Foundation
import Testing

@testable import VaultCrypto

@Suite struct GuardedMemoryTests {
  @Test func `P12: guarded memory cannot be written after it was made`() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      let secret = SecretBytes.random(32)
      secret.withBytes { bytes in
        unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress!).storeBytes(of: 1, as: UInt8.self)
      }
    }
  }

  @Test func `P12: the byte after guarded memory cannot be read`() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      let secret = SecretBytes.random(65)
      let next = secret.withBytes { bytes in unsafe bytes.baseAddress!.load(fromByteOffset: 65, as: UInt8.self) }
      print(next)
    }
  }

  @Test func `P12: the bytes around the page that small secrets share cannot be read`() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      let secret = SecretBytes.random(32)
      let page = secret.withBytes { UInt(bitPattern: $0.baseAddress!) & ~4095 }
      print(unsafe UnsafeRawPointer(bitPattern: page)!.load(fromByteOffset: 4096, as: UInt8.self))
    }
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      let secret = SecretBytes.random(32)
      let page = secret.withBytes { UInt(bitPattern: $0.baseAddress!) & ~4095 }
      // In front of it is the library's page with the canary, which is guarded on both sides.
      print(unsafe UnsafeRawPointer(bitPattern: page)!.load(fromByteOffset: -4097, as: UInt8.self))
    }
  }

  @Test func `P12: a small secret is wiped when it goes, and its neighbours stay`() {
    var neighbours = (0..<3).map { Neighbour(UInt8($0 + 1)) }
    let address = neighbours[1].secret.withBytes { UInt(bitPattern: $0.baseAddress!) }
    neighbours.remove(at: 1)
    // Another key may have been put there since, but not this one's bytes.
    #expect(!stillShows(2, at: address, byteCount: 32))
    let areWhole = neighbours.map { $0.isWhole }
    #expect(areWhole == [true, true])
  }

  /// What crashed a daemon: a session holds three keys for every epoch of every compartment.
  @Test func `P10: tens of thousands of keys take few of the process's memory maps`() throws {
    let before = GuardedSlots.pageCount
    let many = (0..<40_000).map { Neighbour(UInt8(truncatingIfNeeded: $0)) }
    #expect(GuardedSlots.pageCount - before <= 40_000 / 64 + 1)
    let areWhole = many.allSatisfy { $0.isWhole }
    #expect(areWhole)
    let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n").count
    #expect(maps < 10_000)
  }

  @Test func `Secrets come and go from many threads at once, each whole`() async {
    let whole = await withTaskGroup { group in
      for start in 0..<8 {
        group.addTask {
          var kept: [Neighbour] = []
          var isWhole = true
          for round in 0..<2_000 {
            kept.append(Neighbour(UInt8(truncatingIfNeeded: start &* 31 &+ round)))
            if kept.count > 50 { kept.removeFirst(25) }
            isWhole = isWhole && kept[round % kept.count].isWhole
          }
          return isWhole && kept.allSatisfy { $0.isWhole }
        }
      }
      return await group.allSatisfy { $0 }
    }
    #expect(whole)
  }

  /// A secret of one byte, repeated.
  private final class Neighbour: Sendable {
    let byte: UInt8
    let secret: SecretBytes

    init(_ byte: UInt8) {
      self.byte = byte
      secret = SecretBytes(count: 32) { unsafe $0.initializeMemory(as: UInt8.self, repeating: byte) }
    }

    var isWhole: Bool { secret.withBytes { unsafe $0.allSatisfy { [byte] in $0 == byte } } }
  }

  @Test func `P12: bytes that are taken over are wiped where they were`() {
    var bytes = [UInt8](repeating: 0x5a, count: 4096)
    // A second owner would make the wipe fall on a copy, and leave the original's bytes where it was.
    let address = unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress!) }
    let taken = SecretBytes(wiping: &bytes)
    #expect(bytes.isEmpty)
    #expect(taken.withBytes { unsafe $0.allSatisfy { $0 == 0x5a } })
    #expect(!stillShows(0x5a, at: address, byteCount: 4096))
  }

  @Test func `P12: an opened plaintext is wiped when it goes`() throws {
    let envelope = Envelope.seal(
      [UInt8](repeating: 0x5a, count: 4000), key: EnvelopeTests.key, suite: .record, associatedData: [])
    var address: UInt = 0
    do {
      let opened = try Envelope.open(envelope, key: EnvelopeTests.key, suite: .record, associatedData: [])
      address = opened.withBytes { UInt(bitPattern: $0.baseAddress!) }
      #expect(opened.withBytes { unsafe $0.allSatisfy { $0 == 0x5a } })
    }
    #expect(!stillShows(0x5a, at: address, byteCount: 4000))
  }

  @Test func `What fill throws passes through, and zeroed memory is what it gets`() {
    struct Stop: Error, Equatable {}
    #expect(throws: Stop()) {
      _ = try SecretBytes(count: 8) { target in
        #expect(unsafe target.allSatisfy { $0 == 0 })
        throw Stop()
      }
    }
  }

  @Test func `Secrets match by their bytes only`() {
    let one = secret([1, 2, 3])
    let same = secret([1, 2, 3])
    let other = secret([1, 2, 4])
    let longer = secret([1, 2, 3, 4])
    let matches = [one.matches(same), one.matches(other), one.matches(longer)]
    #expect(matches == [true, false, false])
  }
}

// Whether freed memory, which a small block's allocator keeps mapped, still holds a run of 32 such bytes. Others may have
// written there since; nobody writes such a run by chance.
private func stillShows(_ byte: UInt8, at address: UInt, byteCount: Int) -> Bool {
  let left = unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
  var run = 0
  for index in 0..<byteCount {
    run = unsafe left[index] == byte ? run + 1 : 0
    if run == 32 { return true }
  }
  return false
}

@Suite struct RedactionTests {
  private static func everyRendering(_ value: Any) -> String {
    var text = "\(value)" + String(describing: value) + String(reflecting: value)
    dump(value, to: &text)
    for child in Mirror(reflecting: value).children { text += "\(child)" }
    return text
  }

  @Test func `P1: keys print as nothing, however they are printed`() {
    let bytes = [UInt8](repeating: 0xa7, count: 32)
    let symmetric = symmetricKey(bytes)
    for key in [symmetric, SigningKey(seed: symmetric), OpeningKey(secret: symmetric)] as [AnyObject] {
      let text = Self.everyRendering(key)
      for rendering in ["a7a7", "A7A7", "167, 167", "0x", "UnsafeMutableRawBufferPointer", "memory"] {
        #expect(!text.contains(rendering), "\(type(of: key)) shows \(rendering)")
      }
    }
  }

  @Test func `P1: an error says what happened and holds no value`() {
    let error = CryptoError(.notAuthentic, "signature does not verify")
    #expect("\(error)" == "notAuthentic: signature does not verify")
    #expect(error == CryptoError(.notAuthentic, "another sentence"))
    #expect(error != CryptoError(.malformed, "signature does not verify"))
  }
}
