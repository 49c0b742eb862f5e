import AccessLog
import VaultAPI
import VaultClient

/// The checkpoint that a bundle rests on: that of the newest sign-off where it covers all entries, else the log's newest.
struct SignedOffLog {
  let checkpoint: VerifiedCheckpoint
  /// Of whoever signed off.
  let cosigner: NoteKey?

  static func covering(_ index: UInt64, of log: ProvenLog, with client: VaultClient) async throws -> SignedOffLog {
    let rows = try await client.signOffs().signoffs.filter { $0.size > index && $0.size <= log.checkpoint.size }
    guard let row = rows.max(by: { $0.size < $1.size }) else {
      return SignedOffLog(checkpoint: log.checkpoint, cosigner: nil)
    }
    let signed = try await SignedOff.verified(row, in: log, with: client)
    return SignedOffLog(checkpoint: signed.checkpoint, cosigner: signed.cosigner)
  }
}

/// An entry with all that proves it, verified.
struct EntryProof: Sendable {
  let index: UInt64
  let leaf: [UInt8]
  let proof: ProofFile
  /// Base 64. An ordinary text on purpose: it opens only what stands beside it in the clear.
  let key: String
  let entry: LogEntry

  var proven: ProvenEntry { ProvenEntry(index: index, entry: entry) }
}

/// Fetches entries with their leaves, keys and proofs, and verifies each before it is written.
@MainActor struct ProofCollection {
  let log: ProvenLog
  let signed: VerifiedCheckpoint
  let client: VaultClient

  func proofs(of indexes: [UInt64], isShown: Bool) async throws -> [EntryProof] {
    let progress = Progress("Proving", total: UInt64(indexes.count), isOn: isShown)
    defer { progress.end() }
    let context = try LogContext(vaultID: HexText.decode(log.vault), origin: log.checkpoint.origin)
    var proofs: [EntryProof] = []
    var bundle: (index: UInt64, leaves: [[UInt8]])?
    for start in stride(from: 0, to: indexes.count, by: WireLimit.disclosureCountMax) {
      let wanted = Array(indexes[start..<min(start + WireLimit.disclosureCountMax, indexes.count)])
      let disclosures = try await client.disclose(indexes: wanted)
      guard disclosures.map(\.index) == wanted else { throw Self.garbled }
      for disclosure in disclosures {
        let place = disclosure.index >> UInt64(Tile.height)
        if bundle?.index != place { bundle = (place, try await leaves(ofBundle: place)) }
        guard let leaf = bundle?.leaves[Int(disclosure.index - place << UInt64(Tile.height))] else {
          throw Self.garbled
        }
        proofs.append(try await proof(of: disclosure, leaf: leaf, context))
        progress.update(UInt64(proofs.count))
        try Interrupt.check()
      }
    }
    return proofs
  }

  private func leaves(ofBundle index: UInt64) async throws -> [[UInt8]] {
    guard let tile = Tile(level: 0, index: index, inTreeOf: signed.size) else { throw Self.garbled }
    let bytes = try await client.logFile(.entries(tile), for: .export)
    do { return try EntryBundle.decode(bytes, count: tile.width) } catch { throw LogFailure.notTheRoot(Self.sent) }
  }

  private func proof(
    of disclosure: AuditDisclosure, leaf: [UInt8], _ context: LogContext
  ) async throws -> EntryProof {
    let index = disclosure.index
    let answer = try await client.inclusionProof(index: index, size: signed.size)
    do {
      let inclusion = try InclusionProof(
        index: index, size: signed.size, hashes: answer.hashes.map { try TreeHash(Base64Text.decode($0)) })
      let file = try ProofFile(proof: inclusion, checkpoint: signed)
      try file.verify(leaf: leaf, by: log.key)
      var key = try Base64Text.decode(disclosure.key)
      let entry = try EntryKey(wiping: &key).open(leaf, index: index, context: context)
      return EntryProof(index: index, leaf: leaf, proof: file, key: disclosure.key, entry: entry)
    } catch is LogError { throw LogFailure.notTheRoot(Self.sent) }
  }

  private static let sent = "What the vault sent"
  private static let garbled = Failure(.garbled, "The vault disclosed other entries than were asked for.")
}
