import Testing

@testable import VaultCrypto

@Suite struct PaddingTests {
  @Test func `Padmé pads as its paper says`() {
    let examples = [
      2: 2, 8: 8, 9: 10, 17: 18, 33: 36, 100: 104, 512: 512, 513: 544, 1000: 1024, 1025: 1088, 1_000_000: 1_015_808,
    ]
    for (length, padded) in examples { #expect(padme(length) == padded) }
    for length in 2...20_000 {
      let padded = padme(length)
      #expect(padded >= length && padme(padded) == padded && (padded - length) * 100 <= length * 12)
    }
  }

  @Test func `Every suite leaves room for the frame and rounds as its rule says`() {
    for length in 0...5000 {
      let record = EnvelopeSuite.record.paddedByteCount(for: length)
      #expect(record >= max(512, length + 4) && padme(record) == record)
      let card = EnvelopeSuite.card.paddedByteCount(for: length)
      #expect(card >= length + 4 && card < length + 4 + 256 && card % 256 == 0)
      let leaf = EnvelopeSuite.leaf.paddedByteCount(for: length)
      #expect(leaf >= length + 4 && leaf < length + 4 + 512)
      #expect((leaf + Envelope.overheadByteCount + EnvelopeSuite.leafHeaderByteCount) % 512 == 0)
      #expect(EnvelopeSuite.exact.paddedByteCount(for: length) == length)
    }
  }
}

@Suite struct EnvelopeTests {
  static let key = symmetricKey([UInt8](0...0x1f))
  static let nonce = [UInt8](0x40...0x57)
  static let context = Array("example".utf8)
  static let data = Array("sample".utf8)

  static func seal(_ suite: EnvelopeSuite) -> [UInt8] {
    unsafe data.withUnsafeBytes {
      unsafe Envelope.sealDeterministically($0, key: key, suite: suite, associatedData: context, nonce: nonce)
    }
  }

  static func refused(
    _ envelope: [UInt8], _ suite: EnvelopeSuite, key: SymmetricKey = key, context: [UInt8] = context
  ) -> CryptoError.Code? {
    refusal { () throws(CryptoError) in
      _ = try Envelope.open(envelope, key: key, suite: suite, associatedData: context)
    }
  }

  @Test(arguments: EnvelopeSuite.allCases)
  func `What was sealed opens again, at every length around the padding's steps`(suite: EnvelopeSuite) throws {
    for length in Array(0...70) + Array(240...270) + Array(500...530) + [1020, 1021, 4096, 70_000] {
      let data = randomBytes(length)
      let envelope = Envelope.seal(data, key: Self.key, suite: suite, associatedData: Self.context)
      #expect(envelope.count == suite.paddedByteCount(for: length) + Envelope.overheadByteCount)
      let opened = try Envelope.open(envelope, key: Self.key, suite: suite, associatedData: Self.context)
      #expect(opened.byteCount == length)
      #expect(opened.copyBytes() == data)
    }
  }

  @Test func `Two seals of the same data differ everywhere`() {
    let envelopes = (0..<50).map { _ in
      Envelope.seal(Self.data, key: Self.key, suite: .card, associatedData: Self.context)
    }
    #expect(Set(envelopes.map { Array($0[2..<26]) }).count == 50)
    #expect(Set(envelopes.map { Array($0[26..<58]) }).count == 50)
    #expect(Set(envelopes.map { Array($0[58...]) }).count == 50)
  }

  @Test(arguments: EnvelopeSuite.allCases)
  func `P6: an envelope flipped at any byte is refused`(suite: EnvelopeSuite) {
    let envelope = Self.seal(suite)
    for index in envelope.indices {
      for mask in [0x01, 0x80, 0xff] as [UInt8] {
        var flipped = envelope
        flipped[index] ^= mask
        // Version, then suite: another known suite (1, 2, 3, 4) is a wrong context, an unknown one is not ours at all.
        let expected: CryptoError.Code =
          switch index {
          case 0: .unsupported
          case 1: EnvelopeSuite(rawValue: flipped[1]) == nil ? .unsupported : .notAuthentic
          default: .notAuthentic
          }
        #expect(Self.refused(flipped, suite) == expected)
      }
    }
    #expect(Self.refused(envelope, suite) == nil)
  }

  @Test(arguments: EnvelopeSuite.allCases)
  func `P6: an envelope cut, extended or empty is refused`(suite: EnvelopeSuite) {
    let envelope = Self.seal(suite)
    for length in 0..<envelope.count {
      let expected: CryptoError.Code = length < Envelope.overheadByteCount ? .malformed : .notAuthentic
      #expect(Self.refused(Array(envelope.prefix(length)), suite) == expected)
    }
    #expect(Self.refused(envelope + [0], suite) == .notAuthentic)
    #expect(Self.refused(envelope + envelope, suite) == .notAuthentic)
    let overlong = [1, suite.rawValue] + [UInt8](repeating: 0, count: Envelope.dataByteCountMax * 2)
    #expect(Self.refused(overlong, suite) == .malformed)
  }

  @Test(arguments: EnvelopeSuite.allCases)
  func `P6: an envelope of another key, context or suite is refused`(suite: EnvelopeSuite) {
    let envelope = Self.seal(suite)
    #expect(Self.refused(envelope, suite, key: .random()) == .notAuthentic)
    #expect(Self.refused(envelope, suite, context: []) == .notAuthentic)
    #expect(Self.refused(envelope, suite, context: Self.context + [0]) == .notAuthentic)
    for other in EnvelopeSuite.allCases where other != suite {
      #expect(Self.refused(envelope, other) == .notAuthentic)
      var relabelled = envelope
      relabelled[1] = other.rawValue
      #expect(Self.refused(relabelled, other) == .notAuthentic)
    }
  }

  @Test func `P6: a ciphertext that the cipher alone would accept is refused where its commitment differs`() {
    // Key, nonce and context are right and the tag is untouched: only the commitment stands in the way.
    var envelope = Self.seal(.exact)
    envelope.replaceSubrange(26..<58, with: randomBytes(32))
    #expect(Self.refused(envelope, .exact) == .notAuthentic)
    // And the commitment of another key does not help a ciphertext of this one.
    let other = symmetricKey([UInt8](1...0x20))
    let foreign = unsafe Self.data.withUnsafeBytes {
      unsafe Envelope.sealDeterministically(
        $0, key: other, suite: .exact, associatedData: Self.context, nonce: Self.nonce)
    }
    envelope.replaceSubrange(26..<58, with: foreign[26..<58])
    #expect(Self.refused(envelope, .exact) == .notAuthentic)
    #expect(Self.refused(envelope, .exact, key: other) == .notAuthentic)
  }

  @Test func `The commitment is BLAKE2b's second half and binds version, suite, nonce and context`() {
    for suite in EnvelopeSuite.allCases {
      let input = [1, suite.rawValue] + Self.nonce + SHA256.hash(Self.context)
      let pair = BLAKE2b.hash(input, key: Self.key, byteCount: 64)
      #expect(Array(Self.seal(suite)[26..<58]) == Array(pair[32...]))
    }
  }

  @Test(arguments: [EnvelopeSuite.record, .card, .leaf])
  func `P6: a well-sealed frame that is not canonical is refused`(suite: EnvelopeSuite) {
    func refusedFrame(_ frame: [UInt8]) -> CryptoError.Code? {
      let envelope = unsafe Envelope.sealFrame(
        byteCount: frame.count, key: Self.key, suite: suite, associatedData: Self.context, nonce: Self.nonce
      ) { body in unsafe body.copyBytes(from: frame) }
      return Self.refused(envelope, suite)
    }
    let padded = suite.paddedByteCount(for: Self.data.count)
    let frame = [0, 0, 0, 6] + Self.data + [UInt8](repeating: 0, count: padded - 10)
    #expect(refusedFrame(frame) == nil)

    for index in 10..<padded {
      var dirty = frame
      dirty[index] = 1
      #expect(refusedFrame(dirty) == .malformed, "padding byte \(index)")
    }
    // A length that reaches beyond the frame, to its end exactly, or into sizes no frame has.
    for length in [UInt32(padded - 3), UInt32(padded), 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
      var wrong = frame
      for index in 0..<4 { wrong[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
      #expect(refusedFrame(wrong) == .malformed)
    }
    // The right data under more or less padding than its length demands.
    for other in [padded - 1, padded + 1, padded * 2, padded + 256, padded + 512, 10, 11] where other != padded {
      let resized = other < padded ? Array(frame.prefix(other)) : frame + [UInt8](repeating: 0, count: other - padded)
      #expect(refusedFrame(resized) == .malformed, "\(other) bytes")
    }
    for length in 0..<4 { #expect(refusedFrame([UInt8](repeating: 0, count: length)) == .malformed) }
  }

  @Test func `The worked examples stay the same for ever`() {
    // Computed by another program from the text of docs/format.md; SHA-256 of the longer ones.
    let exact = """
      0103404142434445464748494a4b4c4d4e4f50515253545556577c0e23d4269bf3a5b2e2230b2ea9ec87cf76bea71a65
      f5ac6616cc9e4ccdab6fabff03d55cdd26fcac3d494af5cd2549a690d33fb85f
      """
    #expect(Self.seal(.exact) == hex(exact))
    let digests: [EnvelopeSuite: String] = [
      .record: "c5d3d80d0032120933e4edf7ef8c0b303763b7652bdb0b7cb6324717303c673e",
      .card: "2ee30b49c9a0b4bc0360c146d24213adf4767701303de04512ab8acd54f09a17",
      .leaf: "6c4cb4185f1b41e62930fffe9273b8014d4e4f884c3c67a761e1757259ccd078",
    ]
    for (suite, digest) in digests { #expect(hexText(SHA256.hash(Self.seal(suite))) == digest) }
  }
}
