public import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// What an account list says of one account.
  public struct AccountSummary: Sendable {
    public enum State: String, Sendable { case invited, active, suspended }
    public let name: AccountName
    public let role: Role
    public let peer: BoundPeer
    public let state: State
    /// Of the asker's own account; nil for every other one, whose person reads it out.
    public let fingerprint: Fingerprint?
  }

  // MARK: Invitation

  /// The administrator's half of a membership: an account without keys, and the code its person enrols with.
  public func invite(
    _ name: AccountName, role: Role, peer: BoundPeer, by caller: Caller
  ) async throws(VaultError) -> Witnessed<(code: OneTimeCode, expires: Timestamp)> {
    try await witnessed(.accountInvite, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.detail = role.rawValue
      try gate.check(session, .invite)
      entry.detail = "\(name) \(role.rawValue)"
      guard peer != .any || isDemo || isInsecure else {
        throw VaultError(
          .invalid, "An account is bound to one uid; `any` is for demo and insecurely founded vaults.",
          hint: "Give the number that `id -u` prints for that person.", field: "uid")
      }
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      let code = OneTimeCode.random()
      let invitation = Invitation(
        vault: keys.vault, name: name, role: role, peer: peer,
        codeHash: OneTimeCode.hash(of: code.signingKey.verifyingKey), issued: clock.now(),
        inviter: .account(session.account))
      let signed = SignedDocument(document: invitation.bytes, signature: invitation.signature(by: secrets.signing))
      let key = trust.accountKey(name)
      // A forgotten invitation can be renewed; an account with keys cannot be replaced.
      let known = try read("An account") { view in try trust.accountWithVersion(name, in: view) }
      let version: UInt64
      if let known {
        guard known.account.state == .invited, let invitation = known.account.invitation,
          invitation.inviter != .recovery, known.account.earlier.isEmpty
        else {
          throw VaultError(
            .conflict, "There is an account of this name already.",
            hint: "Whoever lost their passphrase gets new keys: vaultsh account replace NAME.", field: "name")
        }
        version = known.version + 1
      } else {
        version = 1
      }
      let body = keys.sealMetadata(AccountRow.invited(signed).bytes, table: .account, key: key, version: version)
      let index = try await submit(
        entry,
        changes: [
          .put(.account, key, version: version, body: body, expect: known.map { .version($0.version) } ?? .absent)
        ])
      return Witnessed(value: (code, invitation.expires), entryIndex: index)
    }
  }

  // MARK: Enrolment

  public enum NewSecret: Sendable {
    case passphrase
    /// A key file; its content is returned once.
    case keyFile
  }

  /// Makes the account's keys, proves the code, and locks the secret half.
  ///
  /// - Returns: the fingerprint to compare out of band, and the content of the key file where one was asked for.
  public func enrol(
    _ name: String, code: consuming SecretBytes, passphrase: consuming SecretBytes?, by caller: Caller
  ) async throws(VaultError) -> (fingerprint: Fingerprint, keyFile: SymmetricKey?, entryIndex: UInt64) {
    let bootNow = clock.bootNanoseconds()
    let limits = ["name \(name.utf8.count <= 64 ? name : "")", "uid \(caller.uid)"]
    let code = try? OneTimeCode(parsing: code)
    let phrase: SharedSecret? =
      switch consume passphrase {
      case .some(let passphrase): SharedSecret(passphrase)
      case .none: nil
      }
    return try await witnessed(.accountEnrol, caller) { entry throws(VaultError) in
      try limiter.check(limits, bootNow: bootNow)
      let refusal = VaultError(
        .loginFailed, "The account name or its one-time code is not right, or the code has been used or has expired.",
        hint: "Check both with the administrator, who can issue a new code: vaultsh account add.")
      let known = try (try? AccountName(name)).flatMap { name throws(VaultError) in
        try read("An account") { view in try trust.accountWithVersion(name, in: view) }
      }
      guard let known, let code else {
        limiter.failed(limits, bootNow: bootNow)
        throw refusal
      }
      entry.account = known.account.name.description
      let now = clock.now()
      guard known.account.state == .invited,
        OneTimeCode.hash(of: code.signingKey.verifyingKey) == known.account.codeHash,
        known.account.invitation.map({ now < $0.expires }) ?? true
      else {
        limiter.failed(limits, bootNow: bootNow)
        throw refusal
      }
      _ = try standingInviter(of: known.account)
      let peer: BoundPeer
      // Whom the genesis or a recovery names is bound to the uid they enrol from.
      if let invitation = known.account.invitation, invitation.inviter != .recovery {
        guard invitation.peer.admits(caller.uid) else {
          throw VaultError(
            .denied, "This invitation is for another user of the host.", hint: "Enrol from that person's own login.")
        }
        peer = invitation.peer
      } else {
        peer = isDemo || isInsecure ? .any : .uid(caller.uid)
      }
      if let phrase, phrase.byteCount < Vault.passphraseByteCountMin, !isDemo, !isInsecure {
        throw VaultError(
          .invalid, "A passphrase has at least \(Vault.passphraseByteCountMin) characters.",
          hint: "Let the shell choose six words: vaultsh enrol proposes them.", field: "passphrase")
      }
      if let phrase { try demandUnpublished(phrase) }
      let keyFile: SymmetricKey? = phrase == nil ? .random() : nil
      let secrets = keyFile.map { AccountSecrets(keyFile: $0) } ?? AccountSecrets()
      let certificate = Certificate(
        vault: keys.vault, name: known.account.name, role: known.account.role, peer: peer,
        codeKey: code.signingKey.verifyingKey,
        verifyingKey: secrets.signing.verifyingKey, sealingKey: secrets.opening.sealingKey,
        authority: known.account.invitation?.hash ?? keys.vault, enrolled: now)
      let cost: StretchCost = isDemo ? .floor : .standard
      let lock = try await stretching.run {
        if let phrase {
          return try phrase.withSecret {
            try AccountLock.lock(secrets, passphrase: $0, cost: cost, certificate: certificate)
          }
        }
        guard let keyFile else { throw VaultError(.failed, "An account needs a passphrase or a key file.") }
        return AccountLock.lock(secrets, keyFile: keyFile, certificate: certificate)
      }
      let signedBytes = Certificate.signedBytes(hash: certificate.hash)
      var row = known.row
      row.state = .active
      row.certificate = certificate.bytes
      row.codeSignature = code.signingKey.sign(signedBytes)
      row.ownSignature = secrets.signing.sign(signedBytes)
      row.lock = lock.bytes
      let key = trust.accountKey(certificate.name)
      var changes: [RowChange] = [
        .put(
          .account, key, version: known.version + 1,
          body: keys.sealMetadata(row.bytes, table: .account, key: key, version: known.version + 1),
          expect: .version(known.version))
      ]
      if genesis.founder(certificate.name)?.role == .auditor, known.account.earlier.isEmpty {
        let begun = try beginAudit(certificate: certificate, secrets: secrets, code: code, now: now)
        changes += begun.changes
        entry.heads = begun.heads
      }
      if known.account.invitation?.inviter == .recovery {
        let claimed = try claimRecovered(certificate: certificate, secrets: secrets, code: code, now: now)
        changes += claimed.changes
        entry.heads += claimed.heads
      }
      let fingerprint = try await fingerprint(of: certificate)
      // As late as can be: an administrator who only changed a passphrase meanwhile is nobody's obstacle.
      changes += try standingInviter(of: known.account)
      let index = try await submit(entry, changes: changes)
      limiter.succeeded(limits)
      return (fingerprint, keyFile, index)
    }
  }

  /// A code counts for as long as whoever gave it is there, under the keys that signed for it: nobody who was shut out
  /// comes back through what they had prepared.
  ///
  /// - Returns: their row as it is, so that a suspension at the same moment makes one of the two fail.
  private func standingInviter(of account: VerifiedAccount) throws(VaultError) -> [RowChange] {
    guard let name = account.invitation?.inviter.accountName else { return [] }
    return try read("An account") { view in
      let inviter = try trust.account(name, in: view)
      // Keys that were replaced since do not verify the invitation: `trust` has refused the account by then.
      guard inviter?.state == .active else {
        throw VaultError(
          .denied, "Whoever gave this one-time code has been suspended since, and the code ended with that.",
          hint: "Ask another administrator for a new code: vaultsh account add, or account replace.")
      }
      return [try holding(name, in: view)]
    }
  }

  /// Below it, not even Argon2id helps; the shell proposes six words.
  static let passphraseByteCountMin = 12

  func fingerprint(of certificate: Certificate) async throws(VaultError) -> Fingerprint {
    let vault = keys.vault
    return try await stretching.run {
      try Fingerprint.of(
        vault: vault, account: certificate.name.description, signing: certificate.verifyingKey,
        sealing: certificate.sealingKey)
    }
  }

  /// The founding auditor takes over: a fresh epoch that nobody held before, and the secret of the founding period, which
  /// until now was sealed to their code.
  private func beginAudit(
    certificate: Certificate, secrets: AccountSecrets, code: OneTimeCode, now: Timestamp
  ) throws(VaultError) -> (changes: [RowChange], heads: [PendingEntry.HeadChange]) {
    let (founding, recoveries) = try read("The founding secret") { view in
      guard let row = try view.row(.meta, OpenedStore.foundingKey) else {
        throw VaultError.tampered("The founding secret")
      }
      return (row, try trust.recoveries(in: view))
    }
    return try onStored("The founding secret") {
      let first = OpeningKey(
        secret: try HPKE.open(
          founding.body, with: code.openingKey, info: Founding.auditSealInfo(keys.vault), associatedData: []))
      guard first.sealingKey == genesis.auditKey else { throw VaultError.tampered("The founding secret") }
      let fresh = OpeningKey.random()
      var membership = MembershipChange(
        compartment: .audit, trust: trust, signer: certificate.name, signing: secrets.signing, now: now)
      let member = MembershipChange.Newcomer(
        name: .account(certificate.name),
        keys: MemberKeys(verifying: certificate.verifyingKey, sealing: certificate.sealingKey),
        verbs: Vault.auditorVerbs, expires: nil, holdsKey: true)
      try membership.begin(
        epoch: 2, secret: fresh, earlier: [1: first], members: [member] + MembershipChange.recovery(recoveries))
      return (
        [.delete(.meta, OpenedStore.foundingKey, expect: .version(founding.version))] + membership.changes,
        membership.heads
      )
    }
  }

  // MARK: Sessions

  public struct Opened: Sendable {
    public let token: [UInt8]
    public let account: AccountName
    public let role: Role
    public let programmes: [ProgrammeID]
    public let expires: Timestamp
    /// How many requests wait for this account's decision.
    public let requestsWaiting: Int
    public let entryIndex: UInt64
  }

  public enum Credential: ~Copyable, Sendable {
    case passphrase(SecretBytes)
    /// Content of a key file, or its base64 alone.
    case key(SecretBytes)
  }

  /// Unlocks the account, opens its grants, and answers with a token. What was wrong is not told.
  public func login(_ name: String, _ credential: consuming Credential, by caller: Caller) async throws(VaultError)
    -> Opened
  {
    let bootNow = clock.bootNanoseconds()
    // By uid as well: others who reach the socket must not be able to lock somebody out.
    let limits = ["login \(caller.uid) \(name.utf8.count <= 64 ? name : "")"]
    let secret = SharedCredential(credential)
    return try await witnessed(.sessionOpen, caller) { entry throws(VaultError) in
      try limiter.check(limits, bootNow: bootNow)
      let refusal = VaultError(.loginFailed, "The account, its passphrase or its key is not right.")
      let account = try (try? AccountName(name)).flatMap { name throws(VaultError) in
        try read("An account") { view in try trust.account(name, in: view) }
      }
      // Unknown names are not logged: people type passphrases there.
      entry.account = account?.name.description
      guard let account, let certificate = account.certificate, let lock = account.lock, account.state == .active else {
        _ = try? await stretching.run { try secret.stretchForNothing() }
        limiter.failed(limits, bootNow: bootNow)
        throw refusal
      }
      guard account.peer.admits(caller.uid) else {
        entry.detail = "wrong-uid"
        throw VaultError(
          .denied, "This account belongs to another user of the host.", hint: "Log in from that person's own login.")
      }
      // Counted before it is tried: guesses that come all at once are as many as those that come in turn.
      limiter.failed(limits, bootNow: bootNow)
      let secrets = try await stretching.run { try secret.open(lock, certificate: certificate) }
      limiter.succeeded(limits)
      let session = Session(
        account: account, certificate: certificate, uid: caller.uid, secrets: secrets, opened: clock.now(),
        bootNow: clock.bootNanoseconds())
      let (compartments, _) = try memberships(of: session)
      session.load(compartments, generation: 0)
      // A request that is not as it was written is told by `requests`, and keeps nobody out who might look into it.
      let waiting = (try? requestsWaiting(for: session)) ?? 0
      let index = try await submit(entry)
      let token = try admit(session, of: account, or: refusal)
      // Something may have waited for the keys that came with it.
      backlog.membersLeft()
      return Opened(
        token: token, account: account.name, role: account.role, programmes: session.programmes,
        expires: session.expires, requestsWaiting: waiting, entryIndex: index)
    }
  }

  /// Puts a session into the table that was opened for the account as it was a moment ago, unless the account has moved
  /// since: stretching takes its time, in which somebody may be suspended, get other keys or choose another passphrase.
  ///
  /// In the table first, and then a look: a commit that shuts the account out ends the sessions that it finds there, so
  /// this one is either among them or sees what was committed.
  func admit(_ session: Session, of account: VerifiedAccount, or refusal: VaultError) throws(VaultError) -> [UInt8] {
    let token = try sessions.add(session, bootNow: clock.bootNanoseconds())
    do throws(VaultError) {
      let now = try read("An account") { view in try trust.account(account.name, in: view) }
      guard let now, now.state == .active, now.keys == session.memberKeys, now.lock?.bytes == account.lock?.bytes
      else { throw refusal }
      return token
    } catch {
      sessions.remove(token)
      throw error
    }
  }

  public func logout(by caller: Caller) async throws(VaultError) -> Witnessed<Void> {
    try await witnessed(.sessionClose, caller) { entry throws(VaultError) in
      _ = try session(caller, into: &entry)
      // It ends itself: its own answer is not held back.
      entry.session = nil
      if let token = caller.token { sessions.remove(token) }
      cabinet.keep(only: Set(sessions.open.flatMap(\.programmes)))
      return Witnessed(value: (), entryIndex: try await submit(entry))
    }
  }

  /// Locks the account's keys under another passphrase, and ends its other sessions; the keys stay what they are.
  public func changePassphrase(
    current: consuming SecretBytes, new: consuming SecretBytes, isCompromised: Bool = false, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Void> {
    let current = SharedSecret(current)
    let new = SharedSecret(new)
    return try await witnessed(.passphraseChange, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      guard !isCompromised else {
        // Another passphrase would leave whoever has the old one and a copy of the vault with the same keys.
        throw VaultError(
          .conflict, "A new passphrase does not take back keys that somebody else may hold.",
          hint: "Tell the administrator, who gives you new keys (vaultsh account replace), and your supervisor, who "
            + "changes the programmes' keys and lets you in again.")
      }
      guard new.byteCount >= Vault.passphraseByteCountMin || isDemo || isInsecure else {
        throw VaultError(
          .invalid, "A passphrase has at least \(Vault.passphraseByteCountMin) characters.",
          hint: "Six words chosen at random are easy to keep.", field: "passphrase")
      }
      try demandUnpublished(new)
      let limits = ["passphrase \(session.account)"]
      let bootNow = clock.bootNanoseconds()
      try limiter.check(limits, bootNow: bootNow)
      guard let known = try read("An account", { view in try trust.accountWithVersion(session.account, in: view) }),
        let lock = known.account.lock, let certificate = known.account.certificate
      else { throw .tampered("An account") }
      limiter.failed(limits, bootNow: bootNow)
      let cost: StretchCost = isDemo ? .floor : .standard
      let fresh = try await stretching.run {
        let key = try current.withSecret { try lock.stretch($0) }
        let secrets = try lock.open(with: key, certificate: certificate)
        guard !current.withSecret({ old in new.withSecret { $0.matches(old) } }) else {
          throw VaultError(
            .invalid, "The new passphrase is the old one.", hint: "Whoever may know it would still be let in.",
            field: "passphrase")
        }
        return try new.withSecret {
          try AccountLock.lock(secrets, passphrase: $0, cost: cost, certificate: certificate)
        }
      }
      limiter.succeeded(limits)
      // Whoever else has the old passphrase is out as well.
      entry.ends = EndedSessions(of: session.account, but: session)
      var row = known.row
      row.lock = fresh.bytes
      let key = trust.accountKey(session.account)
      let version = known.version + 1
      let index = try await submit(
        entry,
        changes: [
          .put(
            .account, key, version: version,
            body: keys.sealMetadata(row.bytes, table: .account, key: key, version: version),
            expect: .version(known.version))
        ])
      return Witnessed(value: (), entryIndex: index)
    }
  }

  private func demandUnpublished(_ passphrase: SharedSecret) throws(VaultError) {
    guard !isDemo, passphrase.withSecret({ PublishedPassphrases.contains($0) }) else { return }
    throw VaultError(
      .invalid, "This passphrase is published with the demo keys.", hint: "Only a demo vault takes it; choose another.",
      field: "passphrase")
  }

  // MARK: Lists

  /// Fingerprints are compared by voice, and not with what this host says: so nobody is shown another's.
  public func accounts(by caller: Caller) async throws(VaultError) -> Witnessed<
    [(account: AccountSummary, programmes: [ProgrammeID])]
  > {
    try await witnessed(.accountList, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .listAccounts)
      let (accounts, members) = try read("An account") { view in
        var accounts: [VerifiedAccount] = []
        for name in try accountNames(in: view) {
          guard let account = try trust.account(name, in: view) else { throw VaultError.tampered("An account") }
          accounts.append(account)
        }
        var members: [AccountName: Set<ProgrammeID>] = [:]
        for programme in try trust.programmeEntries(in: view).map(\.id) {
          for compartment in Vault.compartments(of: programme) {
            for member in try trust.manifest(compartment, in: view)?.manifest.members ?? [] {
              if let name = member.accountName { members[name, default: []].insert(programme) }
            }
          }
        }
        return (accounts, members)
      }
      var summaries: [(account: AccountSummary, programmes: [ProgrammeID])] = []
      for account in accounts {
        var shown: Fingerprint?
        if account.name == session.account, let certificate = account.certificate {
          shown = try await fingerprint(of: certificate)
        }
        summaries.append((Vault.summary(account, fingerprint: shown), (members[account.name] ?? []).sorted()))
      }
      return Witnessed(value: summaries, entryIndex: try await submit(entry))
    }
  }

  static func summary(_ account: VerifiedAccount, fingerprint: Fingerprint?) -> AccountSummary {
    let state: AccountSummary.State =
      switch account.state {
      case .invited: .invited
      case .active: .active
      case .suspended: .suspended
      }
    return AccountSummary(
      name: account.name, role: account.role, peer: account.peer, state: state, fingerprint: fingerprint)
  }

  /// Names are inside the rows only; founders' are in the genesis as well.
  func accountNames(in view: borrowing ReadView) throws -> [AccountName] {
    var names = Set(genesis.founders.map(\.name))
    try view.forEach(.account) { stored in
      let row = try AccountRow(decoding: keys.openMetadata(stored, table: .account))
      if let invitation = row.invitation { names.insert(try Invitation(decoding: invitation.document).name) }
    }
    return names.sorted()
  }
}
