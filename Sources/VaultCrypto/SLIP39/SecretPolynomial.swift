import CSodium

/// One point of the polynomial that hides a secret: x is public, y has a byte for each byte of the secret.
final class SharePoint: Sendable {
  let x: UInt8
  let y: SecretBytes

  init(x: UInt8, y: consuming SecretBytes) {
    self.x = x
    self.y = y
  }
}

/// Shamir's secret sharing with SLIP-39's digest: the polynomial goes through the secret at x = 255 and, at x = 254, through
/// a digest by which whoever combines shares knows that they fit.
enum SecretPolynomial {
  static let secretX: UInt8 = 255
  static let digestX: UInt8 = 254
  static let digestByteCount = 4
  /// Four bits hold a share's index.
  static let pointCountMax = 16

  /// Points at x = 0, 1, … of which any `threshold` determine the secret and fewer say nothing about it.
  static func split(_ secret: borrowing SecretBytes, threshold: Int, pointCount: Int) -> [SharePoint] {
    precondition((1...pointCount).contains(threshold) && pointCount <= pointCountMax)
    // With a threshold of one every point is the secret, and there is no digest (SLIP-39, "Splitting").
    guard threshold > 1 else {
      return (0..<pointCount).map { SharePoint(x: UInt8($0), y: copy(secret)) }
    }
    var points = (0..<threshold - 2).map { SharePoint(x: UInt8($0), y: .random(secret.count)) }
    let base =
      points + [SharePoint(x: digestX, y: digestPoint(of: secret)), SharePoint(x: secretX, y: copy(secret))]
    for x in points.count..<pointCount { points.append(SharePoint(x: UInt8(x), y: interpolate(base, at: UInt8(x)))) }
    return points
  }

  /// The secret under `points`, at least `threshold` of them with different x and y of one length. Points beyond the
  /// threshold must lie on the same polynomial. `notAuthentic` where they or the digest do not fit.
  static func recover(_ points: [SharePoint], threshold: Int) throws(CryptoError) -> SecretBytes {
    let base = Array(points.prefix(threshold))
    for surplus in points.dropFirst(threshold) {
      guard interpolate(base, at: surplus.x).matches(surplus.y) else {
        throw CryptoError(.notAuthentic, "the shares do not belong together")
      }
    }
    let secret = interpolate(base, at: secretX)
    guard threshold > 1 else { return secret }
    let point = interpolate(base, at: digestX)
    let fits = point.withBytes { point in
      secret.withBytes { secret in
        var digest = [UInt8](repeating: 0, count: 32)
        defer { wipe(&digest) }
        let key = unsafe UnsafeRawBufferPointer(rebasing: point[digestByteCount...])
        unsafe HMACSHA256.authenticate([secret], key: key, into: &digest)
        return unsafe sodium_memcmp(point.baseAddress!, digest, digestByteCount) == 0
      }
    }
    guard fits else { throw CryptoError(.notAuthentic, "the shares do not belong together") }
    return secret
  }

  /// The value at `x` of the polynomial of least degree through `points`.
  static func interpolate(_ points: [SharePoint], at x: UInt8) -> SecretBytes {
    SecretBytes(count: points[0].y.count) { target in
      for point in points {
        // Lagrange's basis; subtraction is exclusive or. Only public values of x enter it.
        var basis: UInt8 = 1
        for other in points where other.x != point.x {
          basis = GF256.multiply(basis, GF256.multiply(x ^ other.x, GF256.inverse(point.x ^ other.x)))
        }
        point.y.withBytes { y in
          for index in 0..<target.count { unsafe target[index] ^= GF256.multiply(y[index], basis) }
        }
      }
    }
  }

  // HMAC(key = random, secret)[:4] ‖ random.
  private static func digestPoint(of secret: borrowing SecretBytes) -> SecretBytes {
    let random = SecretBytes.random(secret.count - digestByteCount)
    return SecretBytes(count: secret.count) { target in
      var digest = [UInt8](repeating: 0, count: 32)
      defer { wipe(&digest) }
      random.withBytes { random in
        secret.withBytes { unsafe HMACSHA256.authenticate([$0], key: random, into: &digest) }
        for index in 0..<digestByteCount { unsafe target[index] = digest[index] }
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[digestByteCount...]).copyMemory(from: random)
      }
    }
  }

  private static func copy(_ secret: borrowing SecretBytes) -> SecretBytes {
    SecretBytes(count: secret.count) { target in secret.withBytes { unsafe target.copyMemory(from: $0) } }
  }
}
