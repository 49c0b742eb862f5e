import VaultCrypto
import VaultModel

/// Every recovery of a vault, each signed by the key that the one before it named, the first by the genesis'. Only `verify`
/// makes one.
struct RecoveryChain: Sendable {
  struct Link: Sendable {
    let act: RecoveryAct
    let hash: [UInt8]
    /// Of the seed that performed it.
    let signer: MemberKeys
    private let manifests: Set<[UInt8]>

    fileprivate init(act: RecoveryAct, signer: MemberKeys) {
      self.act = act
      hash = act.hash
      self.signer = signer
      manifests = Set(act.manifests)
    }

    func signed(_ manifest: [UInt8]) -> Bool { manifests.contains(manifest) }
  }

  let links: [Link]
  /// Keys of the seed whose shares count; nil without escrow.
  let newest: MemberKeys?
  private let first: MemberKeys?

  private init(links: [Link], first: MemberKeys?) {
    self.links = links
    self.first = first
    newest = links.last?.act.keys ?? first
  }

  /// In the order of their numbers.
  static func verify(_ signed: [SignedDocument], genesis: Genesis) throws -> RecoveryChain {
    let first = genesis.recovery.map { MemberKeys(verifying: $0.verifyingKey, sealing: $0.sealingKey) }
    var links: [Link] = []
    for document in signed {
      let act = try RecoveryAct(decoding: document.document)
      guard let signer = links.last?.act.keys ?? first, act.vault == genesis.vaultID,
        act.number == UInt64(links.count) + 1, act.previous == links.last?.hash
      else { throw VaultError.tampered("A recovery") }
      let link = Link(act: act, signer: signer)
      try signer.verifying.verify(document.signature, over: RecoveryAct.signedBytes(hash: link.hash))
      links.append(link)
    }
    return RecoveryChain(links: links, first: first)
  }

  /// The recovery that signed a manifest.
  func link(signing manifest: [UInt8]) -> Link? { links.first { $0.signed(manifest) } }

  /// The recovery that invited an account, and the hash of the invitation.
  func invitation(of name: AccountName) -> (hash: [UInt8], signer: VerifyingKey)? {
    for link in links {
      if let person = link.act.invited.first(where: { $0.name == name }) {
        return (person.invitation, link.signer.verifying)
      }
    }
    return nil
  }

  /// Whether the keys are those of a seed that this vault has or had.
  func names(_ keys: MemberKeys) -> Bool { keys == first || links.contains { $0.act.keys == keys } }
}
