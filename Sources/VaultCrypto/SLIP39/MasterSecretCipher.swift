/// The four-round Feistel network with PBKDF2 that stands between a master secret and what is shared (SLIP-39, "Encryption of
/// the master secret"). Any passphrase opens it to something: a wrong one gives another secret, not an error.
struct MasterSecretCipher {
  static let roundCount = 4
  static let baseIterationCount = 10_000

  let identifier: UInt16
  let isExtendable: Bool
  let iterationExponent: Int

  /// `passphrase` may be empty.
  func encrypt(_ secret: borrowing SecretBytes, passphrase: UnsafeRawBufferPointer) -> SecretBytes {
    unsafe run(secret, passphrase: passphrase, rounds: Array(0..<UInt8(MasterSecretCipher.roundCount)))
  }

  func decrypt(_ secret: borrowing SecretBytes, passphrase: UnsafeRawBufferPointer) -> SecretBytes {
    unsafe run(secret, passphrase: passphrase, rounds: (0..<UInt8(MasterSecretCipher.roundCount)).reversed())
  }

  private func run(
    _ secret: borrowing SecretBytes, passphrase: UnsafeRawBufferPointer, rounds: [UInt8]
  ) -> SecretBytes {
    let half = secret.count / 2
    // An extendable set has no identifier in its salt, so that other sets may be made of the same encrypted secret.
    let prefix = isExtendable ? [] : Array("shamir".utf8) + [UInt8(identifier >> 8), UInt8(identifier & 0xff)]
    let iterations = (MasterSecretCipher.baseIterationCount << iterationExponent) / MasterSecretCipher.roundCount
    var left = SecretBytes(count: half) { target in
      secret.withBytes { unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<half])) }
    }
    var right = SecretBytes(count: half) { target in
      secret.withBytes { unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[half...])) }
    }
    for round in rounds {
      let mixed = SecretBytes(count: half) { target in
        right.withBytes { right in
          unsafe [round].withUnsafeBytes { round in
            unsafe prefix.withUnsafeBytes { prefix in
              unsafe PBKDF2.derive(
                passphrase: [round, passphrase], salt: [prefix, right], iterations: iterations, into: target)
            }
          }
        }
        left.withBytes { left in for index in 0..<half { unsafe target[index] ^= left[index] } }
      }
      left = right
      right = mixed
    }
    return SecretBytes(count: 2 * half) { target in
      right.withBytes { unsafe target.copyMemory(from: $0) }
      left.withBytes { unsafe UnsafeMutableRawBufferPointer(rebasing: target[half...]).copyMemory(from: $0) }
    }
  }
}
