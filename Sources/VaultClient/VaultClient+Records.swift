public import VaultAPI
public import VaultModel

extension VaultClient {
  /// - Parameters:
  ///   - sections: one JSON object as bytes; see `createRecord(programme:sections:idempotencyKey:)` for a parsed one.
  ///   - idempotencyKey: makes a repetition of the same request harmless.
  public func createRecord(
    programme: String, sectionsJSON sections: [UInt8], idempotencyKey: String? = nil, looksForDuplicates: Bool = true
  ) async throws(ClientError) -> RecordSaved {
    var json = JSONText(capacity: sections.count + 16)
    json.object { (json: inout JSONText) in json.member("sections", raw: sections) }
    var bytes = json.bytes
    return try await message(
      RecordSaved.self, .createRecord, VaultOperation.createRecord.path(programme),
      query: [("duplicates", looksForDuplicates ? nil : "skip")],
      headers: [(HeaderName.idempotencyKey, idempotencyKey)], body: WipedBytes(taking: &bytes))
  }

  public func createRecord(
    programme: String, sections: JSONValue, idempotencyKey: String? = nil, looksForDuplicates: Bool = true
  ) async throws(ClientError) -> RecordSaved {
    try await createRecord(
      programme: programme, sectionsJSON: sections.canonicalBytes(), idempotencyKey: idempotencyKey,
      looksForDuplicates: looksForDuplicates)
  }

  /// - Parameters:
  ///   - sections: empty for safe contact and case summary only.
  ///   - isWhole: every section that the account may read of this record, instead.
  public func record(
    id: String, sections: [Section] = [], isWhole: Bool = false, purpose: Purpose?, reason: String? = nil
  ) async throws(ClientError) -> RecordAnswer {
    let names = isWhole ? "all" : sections.map(\.rawValue).joined(separator: ",")
    let json = try await json(
      .readRecord, VaultOperation.readRecord.path(id), query: [("sections", names.isEmpty ? nil : names)],
      headers: Self.purpose(purpose, reason))
    do { return try RecordAnswer(json: json) } catch { throw Self.garbled(error) }
  }

  /// - Parameters:
  ///   - version: that the patch was made on.
  ///   - patch: merge patch (RFC 7396) of the sections.
  public func editRecord(
    id: String, version: UInt64?, patch: JSONValue, purpose: Purpose? = nil, reason: String? = nil,
    idempotencyKey: String? = nil
  ) async throws(ClientError) -> RecordSaved {
    let document = JSONValue.object(["sections": patch])
    var bytes = document.canonicalBytes()
    return try await message(
      RecordSaved.self, .editRecord, VaultOperation.editRecord.path(id),
      headers: [(HeaderName.ifMatch, version.map { "\"\($0)\"" }), (HeaderName.idempotencyKey, idempotencyKey)]
        + Self.purpose(purpose, reason), body: WipedBytes(taking: &bytes))
  }

  public func records(_ query: RecordQuery = RecordQuery()) async throws(ClientError) -> RecordsPage {
    try await message(RecordsPage.self, .listRecords, VaultOperation.listRecords.path(), query: query.items)
  }

  public func search(
    _ request: SearchRequest, purpose: Purpose? = nil, reason: String? = nil
  ) async throws(ClientError) -> [SearchMatch] {
    try await message(
      SearchAnswer.self, .search, VaultOperation.search.path(), headers: Self.purpose(purpose, reason),
      body: Self.body(request)
    ).matches
  }

  /// Forms, fields and code lists.
  public func schema() async throws(ClientError) -> JSONValue {
    try await json(.schema, VaultOperation.schema.path())
  }

  static func purpose(_ purpose: Purpose?, _ reason: String?) -> [(name: String, value: String?)] {
    [(HeaderName.purpose, purpose?.rawValue), (HeaderName.reason, reason.map { PercentEncoding.encode($0) })]
  }
}
