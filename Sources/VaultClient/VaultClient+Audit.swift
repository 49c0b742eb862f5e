public import VaultAPI

extension VaultClient {
  public func auditEntries(_ query: AuditQuery = AuditQuery()) async throws(ClientError) -> AuditEntries {
    try await message(AuditEntries.self, .auditEntries, Operation.auditEntries.path(), query: query.items)
  }

  /// The signed note of the last checkpoint.
  public func checkpoint() async throws(ClientError) -> [UInt8] {
    try await send(.checkpoint, Operation.checkpoint.path()).body
  }

  public func consistencyProof(from: UInt64, to: UInt64) async throws(ClientError) -> ProofAnswer {
    try await message(
      ProofAnswer.self, .consistencyProof, Operation.consistencyProof.path(),
      query: [("from", String(from)), ("to", String(to))])
  }

  public func inclusionProof(index: UInt64, size: UInt64) async throws(ClientError) -> ProofAnswer {
    try await message(
      ProofAnswer.self, .inclusionProof, Operation.inclusionProof.path(),
      query: [("index", String(index)), ("size", String(size))])
  }

  /// - Parameter path: of C2SP tlog-tiles, after `tile/`: `0/000`, `entries/x001/234.p/5`.
  public func tile(_ path: String) async throws(ClientError) -> [UInt8] {
    try await send(.tile, Operation.tile.path(path)).body
  }

  /// Prometheus text.
  public func metrics() async throws(ClientError) -> [UInt8] {
    try await send(.metrics, Operation.metrics.path()).body
  }
}
