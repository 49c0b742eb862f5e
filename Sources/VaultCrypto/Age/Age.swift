/// Whole age files in memory; `AgeWriter` and `AgeReader` are for what may be larger. The format is C2SP's, age-encryption.org/v1.
public enum Age {
  /// 64 MiB: shares, exports and disclosures of a few records. Backups stream.
  public static let byteCountMax = 64 << 20

  /// A binary age file that every one of `recipients` can open.
  public static func encrypt(_ bytes: [UInt8], to recipients: [AgeRecipient]) throws(AgeError) -> [UInt8] {
    try encrypt(recipients) { writer throws in try writer.write(bytes) }
  }

  /// The same for what must not lie in an array: a recovery share.
  public static func encrypt(
    _ secret: borrowing SecretBytes, to recipients: [AgeRecipient]
  ) throws(AgeError) -> [UInt8] {
    try secret.withBytes { bytes throws(AgeError) in
      try encrypt(recipients) { writer throws in unsafe try writer.write(bytes) }
    }
  }

  /// What a binary or armored file holds, once all of it is known to be authentic.
  public static func decrypt(_ file: [UInt8], with identities: [AgeIdentity]) throws(AgeError) -> Plaintext {
    guard file.count <= byteCountMax else { throw AgeError(.outOfBounds, "file is larger than what is read at once") }
    let collected = Collected()
    do {
      var reader = unsafe AgeReader(with: identities) { unsafe collected.append($0) }
      try reader.read(file)
      try reader.finish()
    } catch let error as AgeError {
      throw error
    } catch {
      preconditionFailure("nothing else throws here")
    }
    return collected.take()
  }

  private static func encrypt(
    _ recipients: [AgeRecipient], _ body: (inout AgeWriter) throws -> Void
  ) throws(AgeError) -> [UInt8] {
    let output = Output()
    do {
      var writer = try AgeWriter(to: recipients) { output.bytes += $0 }
      try body(&writer)
      try writer.finish()
    } catch let error as AgeError {
      throw error
    } catch {
      preconditionFailure("nothing else throws here")
    }
    return output.bytes
  }

  private final class Output {
    var bytes: [UInt8] = []
  }

  // Plaintext that grows: what is outgrown is wiped.
  private final class Collected {
    private var chunks: [[UInt8]] = []

    func append(_ bytes: UnsafeRawBufferPointer) { unsafe chunks.append([UInt8](bytes)) }

    func take() -> Plaintext {
      let plaintext = Plaintext(count: chunks.reduce(0) { $0 + $1.count })
      plaintext.withAllBytes { target in
        var end = 0
        for chunk in chunks {
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[end..<end + chunk.count]).copyBytes(from: chunk)
          end += chunk.count
        }
      }
      wipeAll()
      return plaintext
    }

    private func wipeAll() { for index in chunks.indices { wipe(&chunks[index]) } }

    deinit { wipeAll() }
  }
}
