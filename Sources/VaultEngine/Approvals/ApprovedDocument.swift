import VaultCrypto
import VaultModel
import VaultStore

// What two people put in the place of what held before: a row of `meta` with the document and the request that set it. It
// rests on that request's two signatures, every time it is read.
extension ApprovalRegister {
  /// The document, what two people signed for, and the row's version; nil: nobody has set one.
  ///
  /// - Parameter what: for the error about a row without a request that was used.
  func approvedDocument(
    at key: [UInt8], _ purpose: StaticString, byteCountMax: Int, _ what: String, in view: borrowing ReadView
  ) throws -> (bytes: [UInt8], action: SensitiveAction, version: UInt64)? {
    guard let row = try view.row(.meta, key) else { return nil }
    var decoder = try CanonicalDecoder(keys.openMetadata(row, table: .meta), purpose: purpose)
    let bytes = try decoder.field(limit: byteCountMax)
    let id = try RequestID(bytes: decoder.field(exactly: RequestID.byteCount))
    try decoder.finish()
    guard let request = try verified(id, in: view), request.state == .used else { throw VaultError.tampered(what) }
    return (bytes, request.action, row.version)
  }

  /// The row that makes a document the one that holds.
  ///
  /// - Parameter version: of the row that it replaces; nil: there is none.
  func change(
    at key: [UInt8], _ purpose: StaticString, to bytes: [UInt8], by id: RequestID, replacing version: UInt64?
  ) -> RowChange {
    var encoding = CanonicalEncoding(purpose)
    encoding.append(bytes)
    encoding.append(id.bytes)
    let next = (version ?? 0) + 1
    return .put(
      .meta, key, version: next, body: keys.sealMetadata(encoding.bytes, table: .meta, key: key, version: next),
      expect: version.map { .version($0) } ?? .absent)
  }
}
