public import VaultAPI

extension VaultClient {
  public func auditEntries(_ query: AuditQuery = AuditQuery()) async throws(ClientError) -> AuditEntries {
    try await message(AuditEntries.self, .auditEntries, VaultOperation.auditEntries.path(), query: query.items)
  }

  /// The signed note of the last checkpoint.
  public func checkpoint() async throws(ClientError) -> [UInt8] {
    try await send(.checkpoint, VaultOperation.checkpoint.path()).body
  }

  public func consistencyProof(from: UInt64, to: UInt64) async throws(ClientError) -> ProofAnswer {
    try await message(
      ProofAnswer.self, .consistencyProof, VaultOperation.consistencyProof.path(),
      query: [("from", String(from)), ("to", String(to))])
  }

  public func inclusionProof(index: UInt64, size: UInt64) async throws(ClientError) -> ProofAnswer {
    try await message(
      ProofAnswer.self, .inclusionProof, VaultOperation.inclusionProof.path(),
      query: [("index", String(index)), ("size", String(size))])
  }

  /// - Parameter path: of C2SP tlog-tiles, after `tile/`: `0/000`, `entries/x001/234.p/5`.
  public func tile(_ path: String) async throws(ClientError) -> [UInt8] {
    try await send(.tile, VaultOperation.tile.path(path)).body
  }

  /// Prometheus text.
  public func metrics() async throws(ClientError) -> [UInt8] {
    try await send(.metrics, VaultOperation.metrics.path()).body
  }
}
