public import VaultAPI

extension VaultClient {
  public func auditEntries(_ query: AuditQuery = AuditQuery()) async throws(ClientError) -> AuditEntries {
    try await message(AuditEntries.self, .auditEntries, VaultOperation.auditEntries.path(), query: query.items)
  }

  /// The words beside an entry, such as search terms. That they were asked for is an entry too.
  public func reveal(index: UInt64) async throws(ClientError) -> RevealedText {
    try await message(RevealedText.self, .revealText, VaultOperation.revealText.path(String(index)))
  }

  /// The keys of single entries, with what each of them opens.
  /// - Parameter indexes: 1 to `WireLimit.disclosureCountMax`.
  public func disclose(indexes: [UInt64]) async throws(ClientError) -> [AuditDisclosure] {
    let request = DisclosureRequest(indexes: indexes)
    return try await message(
      DisclosuresAnswer.self, .disclose, VaultOperation.disclose.path(), body: Self.body(request)
    ).disclosures
  }

  /// Cosigns the log with the key of the session's account.
  /// - Parameters:
  ///   - upto: index of the last entry that was reviewed; nil for all that there are.
  ///   - note: what the auditor has to say about it.
  public func signOff(upto: UInt64? = nil, note: String) async throws(ClientError) -> SignOffRow {
    let request = SignOffRequest(upto: upto, note: note)
    return try await message(SignOffRow.self, .signOff, VaultOperation.signOff.path(), body: Self.body(request))
  }

  public func signOffs() async throws(ClientError) -> SignOffsAnswer {
    try await message(SignOffsAnswer.self, .listSignOffs, VaultOperation.listSignOffs.path())
  }

  /// The signed note of the last checkpoint.
  /// - Parameter log: number of a log before a restore; nil for the present one.
  public func checkpoint(for use: LogUse = .verify, log: UInt64? = nil) async throws(ClientError) -> [UInt8] {
    try await send(.checkpoint, VaultOperation.checkpoint.path(), query: Self.items(use, log)).body
  }

  /// - Parameter log: number of a log before a restore; nil for the present one.
  public func consistencyProof(
    from: UInt64, to: UInt64, log: UInt64? = nil
  ) async throws(ClientError) -> ProofAnswer {
    try await message(
      ProofAnswer.self, .consistencyProof, VaultOperation.consistencyProof.path(),
      query: [("from", String(from)), ("to", String(to)), ("log", log.map { String($0) })])
  }

  public func inclusionProof(index: UInt64, size: UInt64) async throws(ClientError) -> ProofAnswer {
    try await message(
      ProofAnswer.self, .inclusionProof, VaultOperation.inclusionProof.path(),
      query: [("index", String(index)), ("size", String(size))])
  }

  /// - Parameters:
  ///   - path: of C2SP tlog-tiles, after `tile/`: `0/000`, `entries/x001/234.p/5`.
  ///   - log: number of a log before a restore; nil for the present one.
  public func tile(
    _ path: String, for use: LogUse = .verify, log: UInt64? = nil
  ) async throws(ClientError) -> [UInt8] {
    try await send(.tile, VaultOperation.tile.path(path), query: Self.items(use, log)).body
  }

  private static func items(_ use: LogUse, _ log: UInt64?) -> [(name: String, value: String?)] {
    [("for", use == .verify ? nil : use.rawValue), ("log", log.map { String($0) })]
  }

  /// Prometheus text.
  public func metrics() async throws(ClientError) -> [UInt8] {
    try await send(.metrics, VaultOperation.metrics.path()).body
  }
}
