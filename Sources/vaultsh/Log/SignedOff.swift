import AccessLog
import VaultAPI
import VaultClient

/// A sign-off whose two signatures were verified here, and which the log still begins with.
struct SignedOff {
  let checkpoint: VerifiedCheckpoint
  /// The auditor's key, as the vault vouches for it.
  let cosigner: NoteKey

  static func verified(_ row: SignOffRow, in log: ProvenLog, with client: VaultClient) async throws -> SignedOff {
    let cosigner: NoteKey
    let signed: VerifiedCheckpoint
    do {
      cosigner = try NoteKey(vkey: row.key)
      signed = try UnverifiedCheckpoint(encoded: Array(row.note.utf8)).verified(by: log.key, cosigners: [cosigner])
      guard signed.cosignatures.count == 1, signed.size == row.size, signed.root.description == row.root else {
        throw LogError(.notAuthentic, "nobody has signed this off")
      }
    } catch is LogError { throw LogFailure.notSigned("The sign-off that the vault keeps") }
    try await log.verifyExtends(
      size: signed.size, root: signed.root, keptAt: "the sign-off that the vault keeps", with: client)
    return SignedOff(checkpoint: signed, cosigner: cosigner)
  }
}
