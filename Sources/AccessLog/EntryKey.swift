import VaultCrypto

/// The key of one entry and no other: what is handed to a court beside the leaf (DESIGN §6). It says nothing about the
/// log key from which it was derived.
public struct EntryKey: ~Copyable, Sendable {
  public static let byteCount = SymmetricKey.byteCount
  let key: TransientKey

  init(logKey: borrowing some EnvelopeKey & ~Copyable, index: UInt64) {
    key = TransientKey.derived(from: logKey, context: LogContext.entryKeyContext(index: index))
  }

  /// Takes over 32 bytes of a disclosure, and wipes them there. `malformed` for another number.
  public init(wiping bytes: inout [UInt8]) throws(LogError) {
    do { key = try TransientKey(Plaintext(wiping: &bytes)) } catch { throw LogError(error) }
  }

  /// The bytes, for the one place that writes a disclosure.
  @safe public borrowing func withBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R { try key.withKeyBytes(body) }

  /// Opens the one leaf that this key is for. `notAuthentic` for any other leaf, index or log.
  public borrowing func open(_ leaf: [UInt8], index: UInt64, context: LogContext) throws(LogError) -> LogEntry {
    let header = try LeafHeader(leaf: leaf)
    guard header.covers(index) else { throw LogError(.outOfRange, "leaf's log key does not serve this index") }
    let plaintext: Plaintext
    do {
      plaintext = try Envelope.open(
        Array(leaf[LeafHeader.byteCount...]), key: key, suite: .leaf,
        associatedData: context.entryData(index: index, header: leaf[..<LeafHeader.byteCount]))
    } catch { throw LogError(error) }
    return try plaintext.withBytes { bytes throws(LogError) in try unsafe LogEntry(encoded: bytes) }
  }
}
