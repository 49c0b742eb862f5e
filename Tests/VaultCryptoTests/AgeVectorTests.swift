import Foundation
import Testing

@testable import VaultCrypto

/// One file of the C2SP test kit: `key: value` lines, an empty line, an age file.
struct AgeVector: Sendable, CustomTestStringConvertible {
  let name: String
  let expected: String
  /// SHA-256 of what is released, also where reading fails later.
  let payloadDigest: [UInt8]?
  let identities: [String]
  let passphrases: [String]
  let isArmored: Bool
  let isCompressed: Bool
  let body: [UInt8]

  var testDescription: String { name }

  static let all: [AgeVector] = {
    let folder = Vectors.directory.appendingPathComponent("age/testdata").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      guard let bytes = try? Vectors.bytes("age/testdata/\(name)") else { return nil }
      return AgeVector(name: name, file: bytes)
    }
  }()

  static let isThere = Vectors.exists("age/testdata")

  private init?(name: String, file: [UInt8]) {
    var rest = file[...]
    var fields: [String: [String]] = [:]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest = rest[(end + 1)...]
      if line.isEmpty { break }
      guard let colon = line.range(of: ": ") else { return nil }
      fields[String(line[..<colon.lowerBound]), default: []].append(String(line[colon.upperBound...]))
    }
    guard let expected = fields["expect"]?.first else { return nil }
    self.name = name
    self.expected = expected
    payloadDigest = fields["payload"]?.first.map(hex)
    identities = fields["identity"] ?? []
    passphrases = fields["passphrase"] ?? []
    isArmored = fields["armored"] != nil
    isCompressed = fields["compressed"] != nil
    body = Array(rest)
  }

  var isHybrid: Bool { identities.contains { $0.hasPrefix("AGE-SECRET-KEY-PQ-") } }

  func file() throws -> [UInt8] {
    guard isCompressed else { return body }
    return try Peer.python(
      "import sys, zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))", input: body)
  }

  /// What the vector demands, as our error's code; nil for success.
  var expectedCode: AgeError.Code? {
    switch expected {
    case "success": nil
    case "no match": .noMatch
    case "HMAC failure": .notAuthentic
    case "header failure": .header
    case "armor failure": .armor
    case "payload failure": .payload
    default: .unavailable
    }
  }
}

@Suite struct AgeVectorTests {
  @Test(.enabled(if: AgeVector.isThere, "VAULT_VECTORS has no age/testdata"))
  func `All 143 vectors are there`() {
    #expect(AgeVector.all.count == 143)
    #expect(AgeVector.all.allSatisfy { $0.expectedCode != .unavailable })
    #expect(AgeVector.all.count { $0.isHybrid } == 19)
    #expect(AgeVector.all.filter(\.isHybrid).allSatisfy { $0.name.contains("hybrid") })
  }

  @Test(
    .enabled(if: AgeVector.isThere, "VAULT_VECTORS has no age/testdata"),
    arguments: AgeVector.all.filter { !$0.isHybrid && !$0.isCompressed })
  func `The vector is opened or refused as it says`(vector: AgeVector) throws { try check(vector) }

  @Test(
    .enabled(if: AgeVector.isThere, "VAULT_VECTORS has no age/testdata"),
    .enabled(if: Peer.pythonHas("zlib"), "python3 is missing: compressed vectors cannot be unpacked"),
    arguments: AgeVector.all.filter { !$0.isHybrid && $0.isCompressed })
  func `The compressed vector is opened or refused as it says`(vector: AgeVector) throws { try check(vector) }

  @Test(
    .enabled(if: AgeVector.isThere, "VAULT_VECTORS has no age/testdata"),
    arguments: AgeVector.all.filter(\.isHybrid))
  func `A hybrid identity is refused by name`(vector: AgeVector) throws {
    let hybrid = try #require(vector.identities.first { $0.hasPrefix("AGE-SECRET-KEY-PQ-") })
    do {
      _ = try AgeIdentity(parsing: secret(hybrid))
      Issue.record("a hybrid identity was accepted")
    } catch {
      #expect(error.code == .unsupported)
      #expect("\(error)".contains("ML-KEM"))
    }
    // And to those who hold an X25519 key the file is one that they cannot open, or one that is malformed.
    guard !vector.isCompressed else { return }
    let file = try vector.file()
    var code: AgeError.Code?
    do { _ = try Age.decrypt(file, with: [.random()]) } catch { code = error.code }
    #expect(code == .noMatch || code == .header)
  }

  private func check(_ vector: AgeVector) throws {
    let file = try vector.file()
    var identities: [AgeIdentity] = []
    for text in vector.identities { identities.append(try AgeIdentity(parsing: secret(text))) }
    for text in vector.passphrases { identities.append(AgeIdentity(passphrase: secret(text))) }
    // Portions must not matter; byte by byte for all but the long ones.
    for portion in [file.count + 1, 4093, file.count < 4096 ? 1 : 65_537] {
      var released: [UInt8] = []
      var code: AgeError.Code?
      do {
        var reader = unsafe AgeReader(with: identities, form: vector.isArmored ? .armored : .binary) { bytes in
          unsafe released.append(contentsOf: bytes)
        }
        for start in stride(from: 0, to: file.count, by: portion) {
          try reader.read(Array(file[start..<min(start + portion, file.count)]))
        }
        try reader.finish()
      } catch {
        code = try #require(error as? AgeError).code
      }
      #expect(code == vector.expectedCode)
      if let digest = vector.payloadDigest {
        #expect(SHA256.hash(released) == digest)
      } else {
        #expect(released.isEmpty)
      }
    }
  }
}
