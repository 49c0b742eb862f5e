/// Reads an age file of any size, binary or armored, in bounded memory, and releases only what is authentic. What it
/// releases is the whole file only once `finish` has returned.
@safe public struct AgeReader: ~Copyable {
  public enum Form: Sendable {
    /// Armored if the first byte that is not white space is a hyphen.
    case automatic
    case binary
    case armored
  }

  private enum State { case header, nonce, payload, ended }

  private let identities: [AgeIdentity]
  private let emit: (UnsafeRawBufferPointer) throws -> Void
  private var form: Form
  private var armor = AgeArmor.Decoder()
  private var leadingWhiteSpace: [UInt8] = []
  private var state = State.header
  private var header = AgeHeader.Parser()
  private var fileKey: SecretBytes?
  private var payload: AgePayload?
  // Of the nonce or of a sealed chunk.
  private var pending: [UInt8] = []
  private let chunk = AgeChunk()
  private var failure: (any Error)?

  /// `emit` receives each authentic chunk; the bytes are wiped after it returns.
  public init(
    with identities: [AgeIdentity], form: Form = .automatic, emit: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.identities = identities
    self.form = form
    unsafe self.emit = unsafe emit
    pending.reserveCapacity(AgePayload.sealedChunkByteCount)
  }

  /// Takes the next bytes of the file, in any portions. Throws `AgeError`, or what `emit` throws; from then on every call
  /// throws the same.
  public mutating func read(_ bytes: [UInt8]) throws {
    if let failure { throw failure }
    do {
      try takeAny(bytes)
    } catch {
      failure = error
      throw error
    }
  }

  /// Demands that the file was whole.
  public consuming func finish() throws {
    if let failure { throw failure }
    if form == .automatic { try takeBinary(leadingWhiteSpace[...]) }
    if form == .armored { try armor.finish() }
    switch state {
    case .header, .nonce: throw AgeError(.header, "file ends within its header")
    case .payload: try openLast()
    case .ended: break
    }
  }

  private mutating func takeAny(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    if form == .automatic {
      let start = rest.firstIndex { !AgeArmor.isWhiteSpace($0) } ?? rest.endIndex
      leadingWhiteSpace += rest[..<start]
      guard leadingWhiteSpace.count <= AgeArmor.surroundingByteCountMax else {
        throw AgeError(.header, "not an age file")
      }
      rest = rest[start...]
      guard let first = rest.first else { return }
      form = first == UInt8(ascii: "-") ? .armored : .binary
      rest = leadingWhiteSpace[...] + rest
    }
    guard form == .armored else { return try takeBinary(rest) }
    var decoded: [UInt8] = []
    for byte in rest {
      try armor.take(byte, into: &decoded)
      // Line by line, so that a fault in the armor never comes before what stood ahead of it.
      if decoded.count > 0 {
        try takeBinary(decoded[...])
        decoded.removeAll(keepingCapacity: true)
      }
    }
  }

  private mutating func takeBinary(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    while let first = rest.first {
      switch state {
      case .header:
        rest.removeFirst()
        if let header = try header.append(first) {
          fileKey = try header.fileKey(with: identities)
          state = .nonce
        }
      case .nonce:
        rest = take(rest, upTo: AgePayload.nonceByteCount)
        if pending.count == AgePayload.nonceByteCount { startPayload() }
      case .payload:
        rest = take(rest, upTo: AgePayload.sealedChunkByteCount)
        if pending.count == AgePayload.sealedChunkByteCount { try openFull() }
      case .ended:
        throw AgeError(.payload, "something follows the last chunk")
      }
    }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>, upTo count: Int) -> ArraySlice<UInt8> {
    let taken = bytes.prefix(count - pending.count)
    pending += taken
    return bytes.dropFirst(taken.count)
  }

  private mutating func startPayload() {
    guard let fileKey = fileKey.take() else { preconditionFailure("the header was opened") }
    payload = AgePayload(fileKey: fileKey, nonce: pending)
    pending.removeAll(keepingCapacity: true)
    state = .payload
  }

  // A full chunk may or may not be the last: the file's end is not known yet, but the nonce says it.
  private mutating func openFull() throws {
    if try open(isLast: false) { return }
    guard try open(isLast: true) else { throw AgeError(.payload, "chunk was altered, moved or cut") }
  }

  private mutating func openLast() throws {
    guard let isAtStart = payload?.isAtStart, pending.count >= AgePayload.tagByteCount else {
      throw AgeError(.payload, "file ends before its last chunk")
    }
    guard pending.count > AgePayload.tagByteCount || isAtStart else {
      throw AgeError(.payload, "last chunk is empty")
    }
    guard try open(isLast: true) else { throw AgeError(.payload, "last chunk was altered, moved or cut") }
  }

  private mutating func open(isLast: Bool) throws -> Bool {
    let sealed = pending
    let opened = unsafe chunk.withMemory { unsafe payload?.open(sealed, isLast: isLast, into: $0) ?? false }
    guard opened else { return false }
    pending.removeAll(keepingCapacity: true)
    if isLast { state = .ended }
    let count = sealed.count - AgePayload.tagByteCount
    defer { chunk.wipe() }
    unsafe try chunk.withBytes(count: count, emit)
    return true
  }
}
