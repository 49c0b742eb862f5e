import Glibc
import VaultCrypto
import VaultModel
import VaultStore

extension Vault {
  /// Rebuilds access to a vault that nobody serves, with the seed that its recovery shares gave: new people, a new epoch
  /// of every compartment, new shares; or new shares alone. All of it is one transaction: a crash leaves the vault as it
  /// was, or recovered.
  ///
  /// - Parameters:
  ///   - root: the root key, where it is still there.
  ///   - newRoot: the store master is wrapped under it from then on.
  ///   - prepare: hands out shares and codes and makes the new root key durable. Runs when all is checked and before
  ///     anything changes; what it throws is thrown, and then nothing has changed.
  /// - Throws: `denied` for shares of another vault or of an earlier set, `invalid` without escrow or holders, `founding`
  ///   before all founders have enrolled, `conflict` for names that are taken or a request that is not approved, is used
  ///   or has run out; and as `open` does.
  public static func recover(
    directory: String, seed: RecoverySeed, plan: RecoveryPlan, root: RootKey?, newRoot: RootKey?,
    anchorPath: String? = nil, prepare: (RecoveryIssue) throws -> Void
  ) async throws -> Recovered {
    var options = Options()
    options.anchorPath = anchorPath
    return try await recover(
      directory: directory, seed: seed, plan: plan, root: root, newRoot: newRoot, options: options, prepare: prepare)
  }

  package static func recover(
    directory: String, seed: RecoverySeed, plan: RecoveryPlan, root: RootKey?, newRoot: RootKey?, options: Options,
    prepare: (RecoveryIssue) throws -> Void
  ) async throws -> Recovered {
    guard root != nil || newRoot != nil else {
      throw VaultError(.rootKeyMissing, "A recovered vault needs a root key: the one it has, or a new one.")
    }
    var options = options
    options.isUpkeep = true
    let vault = try await open(directory: directory, access: root.map { .root($0) } ?? .seed(seed), options: options)
    var entry = PendingEntry(.vaultRecover)
    entry.uid = getuid()
    do {
      let recovered = try await vault.recover(seed, plan, newRoot: newRoot, entry: entry, prepare)
      await vault.close()
      return recovered
    } catch {
      entry.outcome = (error as? VaultError)?.code == .denied ? .denied : .failed
      entry.detail = ((error as? VaultError)?.code ?? .failed).rawValue
      _ = try? await vault.submit(entry)
      await vault.close()
      throw error
    }
  }

  /// Proves that shares open a vault that nobody serves, and changes nothing but the log.
  ///
  /// - Returns: the vault's id and the index of the entry. Throws as `recover` does.
  public static func proveShares(
    directory: String, seed: RecoverySeed, anchorPath: String? = nil
  ) async throws(VaultError) -> (vaultID: String, entryIndex: UInt64) {
    var options = Options()
    options.anchorPath = anchorPath
    options.isUpkeep = true
    let vault = try await open(directory: directory, access: .seed(seed), options: options)
    do throws(VaultError) {
      let standing = try vault.standing(seed)
      guard standing.missingEpochCount == 0 else { throw .tampered("A grant") }
      var entry = PendingEntry(.recoveryDrill)
      entry.uid = getuid()
      let index = try await vault.submit(entry)
      await vault.close()
      return (hexadecimal(vault.keys.vault), index)
    } catch {
      await vault.close()
      throw error
    }
  }

  // MARK: What there is

  private struct Standing {
    struct Place {
      let compartment: Compartment
      let manifest: VerifiedManifest
      let head: Trust.Head
      let held: [UInt64: CompartmentKey]
    }

    var chain: RecoveryChain
    var accounts: [(account: VerifiedAccount, row: AccountRow, version: UInt64)] = []
    var programmes = 0
    var places: [Place] = []
    var missingEpochCount = 0
    var master: StoredRow
    var escrow: StoredRow
    var holders: StoredRow?
  }

  /// Everything that the seed opens, once it has proved to be the vault's own.
  private func standing(_ seed: RecoverySeed) throws(VaultError) -> Standing {
    guard genesis.recovery != nil else { throw .noEscrow }
    let genesis = genesis
    return try read("A membership") { view in
      let chain = try trust.recoveries(in: view)
      guard chain.newest == seed.memberKeys else { throw VaultError.foreignShares }
      guard try trust.isFounded(in: view) || !chain.links.isEmpty else {
        throw VaultError(
          .founding, "The vault is still being founded: there is nothing in it to recover.",
          hint: "Found it anew in an empty directory.")
      }
      guard let master = try view.row(.meta, OpenedStore.masterKey),
        let escrow = try view.row(.meta, OpenedStore.escrowKey)
      else { throw VaultError.tampered("The escrowed store master") }
      var standing = Standing(chain: chain, master: master, escrow: escrow)
      standing.holders = try view.row(.meta, ShareHolders.rowKey)
      for name in try accountNames(in: view) {
        guard let found = try trust.accountWithVersion(name, in: view) else { throw VaultError.tampered("An account") }
        standing.accounts.append(found)
      }
      let programmes = try trust.programmeEntries(in: view).map(\.id)
      standing.programmes = programmes.count
      let keys = seed.memberKeys
      for compartment in programmes.flatMap({ Vault.compartments(of: $0) }) + [.audit] {
        guard let manifest = try trust.manifest(compartment, in: view),
          let head = try trust.manifestHead(compartment, in: view)
        else { throw VaultError.tampered("A manifest") }
        var held: [UInt64: CompartmentKey] = [:]
        for epoch in manifest.publicKeys.keys {
          held[epoch] = try trust.open(
            compartment, epoch: epoch, for: .recovery, keys: keys, opening: seed.opening, under: manifest, in: view)
          if held[epoch] == nil { standing.missingEpochCount += 1 }
        }
        guard held[manifest.manifest.epoch] != nil else { throw VaultError.tampered("A grant") }
        standing.places.append(
          Standing.Place(compartment: compartment, manifest: manifest, head: head, held: held))
      }
      _ = try MasterAccess.open(escrow: escrow, with: seed, of: genesis)
      return standing
    }
  }

  // MARK: What is to be

  private func recover(
    _ seed: RecoverySeed, _ plan: RecoveryPlan, newRoot: RootKey?, entry: PendingEntry,
    _ prepare: (RecoveryIssue) throws -> Void
  ) async throws -> Recovered {
    let standing = try standing(seed)
    let number = UInt64(standing.chain.links.count) + 1
    guard number <= RecoveryAct.countMax else { throw VaultError(.conflict, "This vault was recovered too often.") }
    let people = try people(of: plan, besides: Set(standing.accounts.map(\.account.name)))
    let holders: ShareHolders
    var entry = entry
    var changes: [RowChange] = []
    if case .reissue(let id) = plan.access {
      let approved = try approvedShareChange(id)
      holders = approved.holders
      changes += approved.changes
      entry.approval = id.description
      var use = PendingEntry(.approvalUse)
      use.uid = entry.uid
      use.approval = entry.approval
      use.detail = approved.request.action.kind.rawValue
      entry.also = [use]
    } else {
      holders = try self.holders(of: plan, standing.holders)
    }
    let fresh = RecoverySeed.random()
    let now = max(clock.now(), ledger.lastEntry)

    var opened: [Compartment: CompartmentKey] = [:]
    for place in standing.places {
      let change = try onStored("A membership") {
        var change = MembershipChange(
          compartment: place.compartment, trust: trust, signedBy: .recovery, signing: seed.signing, now: now)
        let members = members(of: place, plan, people) + [MembershipChange.recovery(fresh.memberKeys)]
        try change.recover(
          members: members, heirs: Set(people.map { .account($0.name) } + [.recovery]), from: place.manifest,
          head: place.head, held: place.held)
        return change
      }
      changes += change.changes
      entry.heads += change.heads
      guard let secret = change.newest else { continue }
      let epoch = place.manifest.manifest.epoch + 1
      opened[place.compartment] = CompartmentKey(secret, compartment: place.compartment, epoch: epoch, store: keys)
    }
    let restricted = try restrictedRecords()
    if plan.kind != .rebuilt { try demandHolders(of: restricted.map(\.head)) }
    let lifting =
      plan.kind == .rebuilt
      ? try lift(restricted, opening: seed, to: opened, now: now) : Lifting(changes: markStale(restricted, now: now))
    changes += lifting.changes
    entry.results = restricted.map(\.head.id.description)
    let invitations = people.map { person in
      Invitation(
        vault: keys.vault, name: person.name, role: person.role, peer: .any,
        codeHash: OneTimeCode.hash(of: person.code.signingKey.verifyingKey), issued: now, inviter: .recovery)
    }
    for invitation in invitations {
      let signed = SignedDocument(document: invitation.bytes, signature: invitation.signature(by: seed.signing))
      changes.append(put(AccountRow.invited(signed), for: invitation.name, after: nil))
    }
    let leavers = standing.accounts.filter { plan.suspends($0.account) }
    for var leaver in leavers {
      leaver.row.state = .suspended
      changes.append(put(leaver.row, for: leaver.account.name, after: leaver.version))
    }
    let act = RecoveryAct(
      vault: keys.vault, number: number, previous: standing.chain.links.last?.hash, kind: plan.kind, performed: now,
      keys: fresh.memberKeys,
      invited: invitations.map { RecoveryAct.Invited(name: $0.name, invitation: $0.hash) },
      manifests: entry.heads.map(\.hash))
    changes.append(put(act, signedBy: seed))
    changes += try onStored("The escrowed store master") {
      try masterChanges(standing.master, standing.escrow, from: seed, to: fresh, newRoot)
    }
    changes.append(put(holders, after: standing.holders?.version))
    entry.detail = ([String(number), plan.word] + people.map { "\($0.role.rawValue) \($0.name)" }).joined(
      separator: " ")

    try prepare(RecoveryIssue(number: number, seed: fresh, holders: holders, people: people))
    let index = try await submit(entry, changes: changes)
    return Recovered(
      vaultID: hexadecimal(keys.vault), entryIndex: index, programmes: standing.programmes,
      suspended: leavers.map(\.account.name), lifted: lifting.lifted, closed: lifting.closed,
      waiting: plan.kind == .rebuilt ? [] : restricted.map(\.head.id),
      missingEpochCount: standing.missingEpochCount)
  }

  private func people(
    of plan: RecoveryPlan, besides taken: Set<AccountName>
  ) throws(VaultError) -> [RecoveryIssue.Person] {
    guard case .rebuild(let supervisor, let auditor, let administrator) = plan.access else { return [] }
    var taken = taken
    var people: [RecoveryIssue.Person] = []
    var wanted: [(AccountName?, Role)] = [(supervisor, .supervisor), (auditor, .auditor)]
    if let administrator { wanted.append((administrator, .administrator)) }
    for (wish, role) in wanted {
      let name: AccountName
      if let wish { name = wish } else { name = try Vault.freeName(for: role, besides: taken) }
      guard taken.insert(name).inserted else {
        throw VaultError(
          .conflict, "There is an account of this name already.",
          hint: "What an account signed stays its own: choose a name that nobody had.", field: role.rawValue)
      }
      people.append(RecoveryIssue.Person(name: name, role: role, code: .random()))
    }
    return people
  }

  /// `supervisor-2` and so on.
  private static func freeName(for role: Role, besides taken: Set<AccountName>) throws(VaultError) -> AccountName {
    for number in 2...(taken.count + 3) {
      if let name = try? AccountName("\(role.rawValue)-\(number)"), !taken.contains(name) { return name }
    }
    throw VaultError(.conflict, "No name is free.", field: role.rawValue)
  }

  private func holders(of plan: RecoveryPlan, _ stored: StoredRow?) throws(VaultError) -> ShareHolders {
    if let holders = plan.holders { return holders }
    guard let stored,
      case let known = try onStored(
        "The share holders", { try ShareHolders(decoding: keys.openMetadata(stored, table: .meta)) }),
      !known.recipients.isEmpty
    else {
      throw VaultError(
        .invalid, "Nobody is named for the new recovery shares.",
        hint: "Give --threshold and one --share-recipient for each holder, or --print-bare-shares.")
    }
    return known
  }

  private func members(
    of place: Standing.Place, _ plan: RecoveryPlan, _ people: [RecoveryIssue.Person]
  ) -> [MembershipChange.Newcomer] {
    switch plan.access {
    case .reissue:
      place.manifest.manifest.members.filter { $0.name != .recovery }.map { member in
        MembershipChange.Newcomer(
          name: member.name, keys: member.keys, verbs: member.verbs, expires: member.expires,
          holdsKey: member.grantHash != nil)
      }
    case .rebuild:
      people.filter { $0.role == (place.compartment == .audit ? .auditor : .supervisor) }.map { person in
        MembershipChange.Newcomer(
          name: .account(person.name), keys: person.code.memberKeys,
          verbs: place.compartment == .audit
            ? Vault.auditorVerbs : Vault.verbs(of: .supervisor, in: place.compartment),
          expires: nil, holdsKey: true)
      }
    }
  }

  // MARK: Rows

  private func put(_ row: AccountRow, for name: AccountName, after version: UInt64?) -> RowChange {
    let key = trust.accountKey(name)
    let next = (version ?? 0) + 1
    return .put(
      .account, key, version: next, body: keys.sealMetadata(row.bytes, table: .account, key: key, version: next),
      expect: version.map { .version($0) } ?? .absent)
  }

  /// The row's version is the time, so that `doctor` tells it without a key.
  private func put(_ act: RecoveryAct, signedBy seed: RecoverySeed) -> RowChange {
    let signed = SignedDocument(
      document: act.bytes, signature: seed.signing.sign(RecoveryAct.signedBytes(hash: act.hash)))
    let key = RecoveryAct.key(act.number)
    let version = max(1, act.performed.milliseconds)
    return .put(
      .meta, key, version: version,
      body: keys.sealMetadata(signed.encoded(as: "signed-recovery"), table: .meta, key: key, version: version),
      expect: .absent)
  }

  private func put(_ holders: ShareHolders, after version: UInt64?) -> RowChange {
    let key = ShareHolders.rowKey
    let next = (version ?? 0) + 1
    return .put(
      .meta, key, version: next, body: keys.sealMetadata(holders.bytes, table: .meta, key: key, version: next),
      expect: version.map { .version($0) } ?? .absent)
  }

  private func masterChanges(
    _ masterRow: StoredRow, _ escrowRow: StoredRow, from seed: RecoverySeed, to fresh: RecoverySeed, _ root: RootKey?
  ) throws -> [RowChange] {
    let master = try MasterAccess.open(escrow: escrowRow, with: seed, of: genesis)
    var changes: [RowChange] = [
      .put(
        .meta, OpenedStore.escrowKey, version: escrowRow.version + 1,
        body: try StoreKeys.sealEscrow(master, to: fresh.opening.sealingKey, vault: keys.vault),
        expect: .version(escrowRow.version))
    ]
    if let root {
      changes.append(
        .put(
          .meta, OpenedStore.masterKey, version: masterRow.version + 1,
          body: StoreKeys.sealMaster(master, root: root, vault: keys.vault), expect: .version(masterRow.version)))
    }
    return changes
  }
}

extension RecoveryPlan {
  var kind: RecoveryAct.Kind {
    switch access {
    case .rebuild: .rebuilt
    case .reissue: .reissued
    }
  }

  /// In the log.
  fileprivate var word: String {
    switch access {
    case .rebuild: "rebuilt"
    case .reissue: "reissued"
    }
  }

  /// Administrators hold no key; where nobody new is named they stay, or nobody could enrol anybody.
  fileprivate func suspends(_ account: VerifiedAccount) -> Bool {
    guard case .rebuild(_, _, let administrator) = access, account.state != .suspended else { return false }
    return account.role != .administrator || administrator != nil
  }
}

extension OneTimeCode {
  /// By which a recovery names who has not enrolled yet.
  var memberKeys: MemberKeys { MemberKeys(verifying: signingKey.verifyingKey, sealing: openingKey.sealingKey) }
}
