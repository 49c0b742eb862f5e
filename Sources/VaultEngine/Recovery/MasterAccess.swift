import VaultCrypto
import VaultStore

/// What opens the store master: the root key, or the recovery seed where that is lost.
enum MasterAccess: Sendable {
  case root(RootKey)
  case seed(RecoverySeed)

  /// - Parameters:
  ///   - master: row `meta/master`.
  ///   - escrow: row `meta/escrow`; nil in a vault without escrow.
  func open(master: StoredRow, escrow: StoredRow?, of genesis: Genesis) throws(VaultError) -> SymmetricKey {
    switch self {
    case .root(let root): return try StoreKeys.openMaster(master.body, root: root, vault: genesis.vaultID)
    case .seed(let seed): return try MasterAccess.open(escrow: escrow, with: seed, of: genesis)
    }
  }

  /// `invalid` without escrow, `denied` for a seed that is not the newest of this vault.
  static func open(
    escrow: StoredRow?, with seed: RecoverySeed, of genesis: Genesis
  ) throws(VaultError) -> SymmetricKey {
    guard genesis.recovery != nil else { throw .noEscrow }
    guard let escrow else { throw .tampered("The escrowed store master") }
    let master: SymmetricKey
    do {
      master = try StoreKeys.openEscrow(escrow.body, with: seed.opening, vault: genesis.vaultID)
    } catch {
      throw .foreignShares
    }
    // Sealing authenticates nobody: what was opened must be the master that the genesis knows.
    guard StoreKeys.logKey(master: master).verifyingKey == genesis.logKey else {
      throw .tampered("The escrowed store master")
    }
    return master
  }
}

extension VaultError {
  static let noEscrow = VaultError(
    .invalid, "This vault was made without recovery shares, so there is nothing to recover it with.",
    hint: "Nothing opens it but its root key, together with the passphrases or key files of its people.")

  static let foreignShares = VaultError(
    .denied, "The shares do not open this vault: they are of another one, or a later recovery has replaced them.",
    hint: "Ask each holder when theirs was made: only the newest set counts. Nothing was changed.")
}
