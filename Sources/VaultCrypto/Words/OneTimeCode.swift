/// A one-time code: 128 random bits that the administrator hands to a person, with which that person enrols.
///
/// Written as 26 characters of Crockford's base 32 and one check character, `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XX`. The bits
/// fill the characters from the most significant on; the last two of the 130 are zero. The check character is
/// Σ 2^(i+1)·cᵢ over GF(32) (x⁵ + x² + 1), which finds every single wrong character and every two that changed places.
public final class OneTimeCode: Sendable {
  public static let byteCount = 16
  static let characterCount = 26
  static let groupCharacterCount = 5
  /// With separators and a line end; anything longer was not typed from a code.
  public static let inputByteCountMax = 128

  private let secret: SecretBytes

  private init(_ secret: consuming SecretBytes) { self.secret = secret }

  public static func random() -> OneTimeCode { OneTimeCode(.random(byteCount)) }

  /// Reads a code as a person typed it: either case, any spaces and hyphens, I and L for 1, O for 0. `malformed` where
  /// a character, their number, the spare bits or the check character is wrong.
  public init(parsing text: borrowing SecretBytes) throws(CryptoError) {
    guard text.count <= OneTimeCode.inputByteCountMax else { throw CryptoError(.malformed, "code is too long") }
    secret = try SecretBytes(count: OneTimeCode.byteCount) { target throws(CryptoError) in
      var pending: UInt32 = 0
      var pendingBitCount = 0
      var count = 0
      var check: UInt8 = 0
      var written = 0
      // Gathers every fault before it answers, so that the time does not say which character was wrong.
      var fault: UInt8 = 0
      text.withBytes { bytes in
        for index in bytes.indices {
          let byte = unsafe bytes[index]
          if OneTimeCode.isSeparator(byte) { continue }
          let value = CrockfordSymbols.value(of: byte)
          fault |= value & 0x80
          if count < OneTimeCode.characterCount {
            check ^= CrockfordSymbols.times(value & 31, power: count + 1)
            pending = pending << 5 | UInt32(value & 31)
            pendingBitCount += 5
            if pendingBitCount >= 8, written < target.count {
              pendingBitCount -= 8
              unsafe target[written] = UInt8(truncatingIfNeeded: pending >> UInt32(pendingBitCount))
              written += 1
            }
          } else if count == OneTimeCode.characterCount {
            fault |= check ^ (value & 31)
          }
          count += 1
        }
      }
      // 26 characters carry 130 bits: two spare ones are left and must be zero, or one code would have four spellings.
      fault |= UInt8(truncatingIfNeeded: pending & 3)
      guard count == OneTimeCode.characterCount + 1 else {
        throw CryptoError(.malformed, "code has another number of characters")
      }
      guard fault == 0 else { throw CryptoError(.malformed, "code was mistyped: a character or the check is wrong") }
    }
  }

  /// The code in its written form: 32 bytes of ASCII, no line end.
  public var text: SecretBytes {
    let total = OneTimeCode.characterCount + 1
    return SecretBytes(count: total + (total - 1) / OneTimeCode.groupCharacterCount) { target in
      var end = 0
      var check: UInt8 = 0
      for position in 0..<total {
        if position > 0, position % OneTimeCode.groupCharacterCount == 0 {
          unsafe target[end] = UInt8(ascii: "-")
          end += 1
        }
        let value = position < OneTimeCode.characterCount ? character(at: position) : check
        if position < OneTimeCode.characterCount { check ^= CrockfordSymbols.times(value, power: position + 1) }
        unsafe target[end] = CrockfordSymbols.symbol(of: value)
        end += 1
      }
    }
  }

  /// Proves, in an enrolment, that whoever enrols holds the code: its public half stands in the invitation.
  public var signingKey: SigningKey { SigningKey(seed: HKDF.deriveKey(from: extended, label: "code-signing-key")) }

  /// Opens what the invitation carries for the holder of the code.
  public var openingKey: OpeningKey { OpeningKey(secret: HKDF.deriveKey(from: extended, label: "code-opening-key")) }

  // Code ‖ sixteen zero bytes: the key from which both are derived.
  private var extended: SymmetricKey {
    SymmetricKey(
      SecretBytes(count: SymmetricKey.byteCount) { target in
        secret.withBytes { unsafe target.copyMemory(from: $0) }
      })
  }

  private func character(at position: Int) -> UInt8 {
    secret.withBytes { bytes in
      var value: UInt8 = 0
      for bit in 5 * position..<5 * position + 5 {
        value = value << 1 | (bit < 8 * bytes.count ? unsafe bytes[bit / 8] >> UInt8(7 - bit % 8) & 1 : 0)
      }
      return value
    }
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: " "), 0x09, 0x0a, 0x0d: true
    default: false
    }
  }
}

extension OneTimeCode: CustomStringConvertible, CustomReflectable {
  public var description: String { "OneTimeCode(redacted)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Crockford's base 32 (no I, L, O, U), by arithmetic instead of a table, because what is converted is secret.
enum CrockfordSymbols {
  /// The ASCII character of a value below 32.
  static func symbol(of value: UInt8) -> UInt8 {
    // 0–9, A–H, J–K, M–N, P–T, V–Z: from "A" on, each letter left out moves the rest up by one.
    var symbol = UInt8(ascii: "0") + value
    symbol += after(value, 9) & (UInt8(ascii: "A") - UInt8(ascii: "0") - 10)
    for last in [17, 19, 21, 26] as [UInt8] { symbol += after(value, last) & 1 }
    return symbol
  }

  /// The value of a character; bit 7 is set where it has none.
  static func value(of character: UInt8) -> UInt8 {
    // Lower case to upper; digits have that bit set anyway, so it is cleared for letters only.
    let upper = character & ~(after(character, 0x60) & 0x20)
    var value: UInt8 = 0x80
    for candidate in 0..<32 as Range<UInt8> {
      let hit = equal(symbol(of: candidate), upper)
      value = value & ~hit | candidate & hit
    }
    for (lookalike, meant) in [("I", 1), ("L", 1), ("O", 0)] as [(Unicode.Scalar, UInt8)] {
      let hit = equal(UInt8(ascii: lookalike), upper)
      value = value & ~hit | meant & hit
    }
    return value
  }

  /// value · 2^power in GF(32) modulo x⁵ + x² + 1. `power` is public.
  static func times(_ value: UInt8, power: Int) -> UInt8 {
    var product = value
    for _ in 0..<power {
      let carry = 0 &- (product >> 4 & 1)
      product = product << 1 & 31 ^ carry & 0b00101
    }
    return product
  }

  // All ones where `value` > `bound`.
  private static func after(_ value: UInt8, _ bound: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (Int16(bound) - Int16(value)) >> 15)
  }

  private static func equal(_ left: UInt8, _ right: UInt8) -> UInt8 {
    let difference = UInt16(left ^ right)
    return UInt8(truncatingIfNeeded: (difference &- 1) >> 8)
  }
}
