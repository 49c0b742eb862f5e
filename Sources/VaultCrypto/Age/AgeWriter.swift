/// Writes an age file of any size in bounded memory: one chunk of 64 KiB. Whatever is dropped before `finish` has no last
/// chunk, and no reader takes it for whole.
public struct AgeWriter: ~Copyable {
  /// A header of that many stanzas is still within what our reader takes.
  public static let recipientCountMax = 1000

  private var payload: AgePayload
  private let chunk: AgeChunk
  private var filled = 0
  private let emit: ([UInt8]) throws -> Void

  /// Emits the header. Every one of `recipients` can open the file. Throws `AgeError`, or what `emit` throws.
  public init(to recipients: [AgeRecipient], emit: @escaping ([UInt8]) throws -> Void) throws {
    guard (1...AgeWriter.recipientCountMax).contains(recipients.count) else {
      throw AgeError(.outOfBounds, "a file needs recipients, and not more than a thousand")
    }
    let fileKey = SecretBytes.random(AgeStanza.fileKeyByteCount)
    var stanzas: [AgeStanza] = []
    for recipient in recipients { stanzas.append(try AgeStanza.wrap(fileKey, to: recipient)) }
    let nonce = randomBytes(AgePayload.nonceByteCount)
    try emit(AgeHeader.encode(stanzas, fileKey: fileKey) + nonce)
    payload = AgePayload(fileKey: fileKey, nonce: nonce)
    chunk = AgeChunk()
    self.emit = emit
  }

  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    var position = 0
    while position < bytes.count {
      // A full chunk waits until it is known not to be the last.
      if filled == AgePayload.chunkByteCount { try seal(isLast: false) }
      let count = min(bytes.count - position, AgePayload.chunkByteCount - filled)
      unsafe chunk.withMemory { chunk in
        unsafe UnsafeMutableRawBufferPointer(rebasing: chunk[filled..<filled + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
      }
      filled += count
      position += count
    }
  }

  public mutating func write(_ bytes: [UInt8]) throws { unsafe try bytes.withUnsafeBytes { unsafe try write($0) } }

  /// Seals the last chunk.
  public consuming func finish() throws { try seal(isLast: true) }

  private mutating func seal(isLast: Bool) throws {
    let filled = filled
    let sealed = unsafe chunk.withBytes(count: filled) { unsafe payload.seal($0, isLast: isLast) }
    self.filled = 0
    try emit(sealed)
  }
}
