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
      let secret = SecretBytes.random(32)
      let next = secret.withBytes { bytes in unsafe bytes.baseAddress!.load(fromByteOffset: 32, as: UInt8.self) }
      print(next)
    }
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
