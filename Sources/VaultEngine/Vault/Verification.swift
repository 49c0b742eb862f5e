import AccessLog
import VaultCrypto
import VaultModel
import VaultStore

/// What a verification of the whole store looked at.
public struct VerificationReport: Sendable {
  public internal(set) var vaultID = ""
  public internal(set) var accounts = 0
  public internal(set) var programmes = 0
  public internal(set) var records = 0
  public internal(set) var sections = 0
  /// Records of which a tombstone is left.
  public internal(set) var erased = 0
  public internal(set) var entries: UInt64 = 0
  public internal(set) var signOffs = 0
  /// Requests for what needs two people, open or not.
  public internal(set) var requests = 0
  /// Root of the log's tree, base64.
  public internal(set) var logRoot = ""
  public internal(set) var isInsecure = false
  public internal(set) var isDemo = false
  /// The log contains what the anchor says; false: there is no anchor, so a rollback would not have shown.
  public internal(set) var wasRollbackChecked = false
}

extension Vault {
  /// Checks every row of a vault that no daemon has open: the metadata sum, every chain to the genesis, every bulk body
  /// against the hash its record names, and every leaf of the log against the signed checkpoint. Opens no record: it
  /// needs the root key and no account.
  ///
  /// `integrity` with the kind of the first thing that is not what was written.
  public static func verify(
    directory: String, root: RootKey, anchorPath: String? = nil
  ) throws(VaultError) -> VerificationReport {
    let store: VaultStore
    do { store = try VaultStore.open(directory: directory) } catch { throw VaultError(error) }
    defer { try? store.close() }
    try onStored("The database file") { try store.checkStructure() }
    let opened = try OpenedStore(store: store, root: root)
    let anchor = Anchor(path: anchorPath ?? Anchor.path(besides: realDirectory(directory)))
    var report = VerificationReport()
    report.wasRollbackChecked = try checkAnchor(
      anchor, place: Configuration.anchorHash(anchorPath), opened: opened)
    report.vaultID = hexadecimal(opened.keys.vault)
    report.isDemo = opened.genesis.isDemo
    report.isInsecure = opened.genesis.isInsecure
    try StoreCheck(opened).run(&report)
    return report
  }
}

/// The passes of a verification that an opening does not make.
private struct StoreCheck {
  private let store: VaultStore
  private let keys: StoreKeys
  private let trust: Trust
  private let state: LedgerState
  private let genesis: Genesis

  init(_ opened: OpenedStore) {
    store = opened.store
    keys = opened.keys
    trust = opened.trust
    state = opened.state
    genesis = opened.genesis
  }

  func run(_ report: inout VerificationReport) throws(VaultError) {
    let manifests = try checkMemberships(&report)
    try checkRecords(&report, manifests)
    report.requests = try onStored("A request") {
      try store.read { view in
        try checkApproved(in: view)
        return try ApprovalRegister(keys: keys, trust: trust).all(in: view).count
      }
    }
    try checkLog(&report)
    try checkTexts()
  }

  /// What lies beside the log is what entries put there and nobody has erased since; only auditors see which entries.
  private func checkTexts() throws(VaultError) {
    try onStored("A text beside the log") {
      var sum = RowSetSum()
      try store.read { (view: borrowing ReadView) throws in
        try view.forEach(.freeText) { row in
          guard FreeText.isWhole(row) else { throw VaultError.tampered("A text beside the log") }
          sum.add(keys.textHash(FreeText.hash(of: row.body)))
        }
      }
      guard sum == state.texts else { throw VaultError.tampered("A text beside the log") }
    }
  }

  /// Every account, manifest and grant, with every signature on the way to the genesis.
  private func checkMemberships(
    _ report: inout VerificationReport
  ) throws(VaultError) -> [Compartment: VerifiedManifest] {
    let found = try onStored("A membership") {
      try store.read { (view: borrowing ReadView) throws -> (Int, Int, [Compartment: VerifiedManifest]) in
        var accounts = 0
        try view.forEach(.account) { stored in
          let row = try AccountRow(decoding: keys.openMetadata(stored, table: .account))
          accounts += 1
          guard let invitation = row.invitation else { return }
          let name = try Invitation(decoding: invitation.document).name
          guard stored.key == trust.accountKey(name), try trust.account(name, in: view) != nil else {
            throw VaultError.tampered("An account")
          }
        }
        for founder in genesis.founders {
          guard try trust.account(founder.name, in: view) != nil else { throw VaultError.tampered("An account") }
        }
        var programmes: [ProgrammeID] = []
        try view.forEach(.programme) {
          programmes.append(try ProgrammeEntry(decoding: keys.openMetadata($0, table: .programme)).id)
        }
        var manifests: [Compartment: VerifiedManifest] = [:]
        for compartment in programmes.flatMap({ Vault.compartments(of: $0) }) {
          guard let manifest = try trust.manifest(compartment, in: view) else {
            throw VaultError.tampered("A manifest")
          }
          manifests[compartment] = manifest
        }
        manifests[.audit] = try trust.manifest(.audit, in: view)
        try view.forEach(.grant) { stored in
          let signed = try SignedDocument(decoding: keys.openMetadata(stored, table: .grant), as: "signed-grant")
          let grant = try Grant(decoding: signed.document)
          guard stored.key == trust.grantKey(grant.compartment, epoch: grant.epoch, member: grant.member),
            let manifest = manifests[grant.compartment],
            try isKnown(grant.keys, of: grant.member, under: manifest, in: view)
          else { throw VaultError.tampered("A grant") }
          try trust.verify(grant, signature: signed.signature, under: manifest, in: view)
        }
        return (accounts, programmes.count, manifests)
      }
    }
    report.accounts = found.0
    report.programmes = found.1
    return found.2
  }

  /// Those by which the manifest names them (of the one-time code where a recovery gave a membership that waits for its
  /// enrolment), or of a certificate of theirs, the present one or one that it replaced.
  private func isKnown(
    _ keys: MemberKeys, of member: MemberName, under manifest: VerifiedManifest, in view: borrowing ReadView
  ) throws -> Bool {
    if manifest.manifest.member(member)?.keys == keys { return true }
    guard case .account(let name) = member else { return false }
    return try trust.account(name, in: view)?.knows(keys) == true
  }

  /// Bulk rows are those that some version of a record or a waiting submission names, no more and no fewer, and hash to
  /// what it says.
  private func checkRecords(
    _ report: inout VerificationReport, _ manifests: [Compartment: VerifiedManifest]
  ) throws(VaultError) {
    let counts = try onStored("A record") {
      try store.read { (view: borrowing ReadView) throws -> (Int, Int, Int) in
        var records = 0
        var repeated: [UInt64: UInt64] = [:]
        var erased = 0
        var sections: Set<[UInt8]> = []
        var wraps: Set<[UInt8]> = []
        var cards = 0
        try view.forEach(.revision) { stored in
          let head = try RecordHead(decoding: keys.openMetadata(stored, table: .revision))
          for part in head.parts where part.version == head.version && head.isStanding(part) {
            let section = RecordRows.sectionKey(keys, head.id, part.section, version: part.version)
            _ = try demand(in: view, .section, section, version: part.version, hash: part.bodyHash)
            let wrap = try checkWrap(of: part, head, manifests, view)
            sections.insert(section)
            wraps.insert(wrap)
          }
        }
        try view.forEach(.record) { stored in
          let place = try RecordPlace(decoding: keys.openMetadata(stored, table: .record))
          guard stored.key == RecordRows.recordKey(keys, place.id) else { throw VaultError.tampered("A record") }
          let head: RecordHead
          switch place {
          case .tombstone(let tombstone):
            erased += 1
            if case .restore(let log) = tombstone.cause { repeated[log, default: 0] += 1 }
            return try checkTombstone(tombstone, in: view)
          case .head(let found): head = found
          }
          guard stored.key == RecordRows.recordKey(keys, head.id) else { throw VaultError.tampered("A record") }
          records += 1
          for part in head.parts {
            guard sections.contains(RecordRows.sectionKey(keys, head.id, part.section, version: part.version)) else {
              throw VaultError.tampered("A record")
            }
            guard head.isCalledFor(part), let body = head.body(of: part.section),
              body.version == part.version, body.hash == part.bodyHash
            else { throw VaultError.tampered("A record") }
            // Wraps that pass are named by the newest head alone.
            if !head.isStanding(part) { wraps.insert(try checkWrap(of: part, head, manifests, view)) }
          }
          guard !head.terms.isRestricted || head.cards.isEmpty else { throw VaultError.tampered("A record") }
          for referral in head.terms.referrals { try trust.demandSigned(referral, of: head, in: view) }
          for emergency in head.terms.emergencies { _ = try trust.keys(letInBy: emergency, to: head, in: view) }
          for card in head.cards {
            let body = try demand(
              in: view, .card, RecordRows.cardKey(keys, head.id, card.section), version: card.version,
              hash: card.bodyHash)
            let compartment = head.compartment(of: card.section)
            let place = SealedBody.Place(
              vault: keys.vault, record: head.id, section: card.section, version: card.version,
              compartment: compartment)
            try demandEpoch(of: body, of: compartment, in: manifests)
            try SealedBody.checkAuthor(ofCard: body, at: place, outerWrap: keys.outerWrap) {
              try trust.verifyingKeys(of: $0, among: manifests[compartment]?.writers, in: view)
            }
            cards += 1
          }
        }
        try checkRepeated(repeated, in: view)
        let waiting = try SubmissionCheck(keys: keys, trust: trust, manifests: manifests).run(in: view)
        guard try view.count(.section) == sections.count + waiting.parts,
          try view.count(.wrap) == wraps.count + waiting.parts,
          try view.count(.card) == cards
        else { throw VaultError.tampered("A part of a record") }
        return (records, sections.count, erased)
      }
    }
    report.records = counts.0
    report.sections = counts.1
    report.erased = counts.2
  }

  /// One wrap, with the signature of whoever sealed it to a public key; its row's key.
  private func checkWrap(
    of part: RecordHead.Part, _ head: RecordHead, _ manifests: [Compartment: VerifiedManifest],
    _ view: borrowing ReadView
  ) throws -> [UInt8] {
    let key = RecordRows.wrapKey(keys, head.id, part)
    let body = try demand(in: view, .wrap, key, version: part.version, hash: part.wrapHash)
    switch part.recipient {
    case .compartment(let compartment): try demandEpoch(of: body, of: compartment, in: manifests)
    case .person, .recovery:
      guard case .person = try SealedBody.keying(of: body) else { throw VaultError.tampered("A part of a record") }
    }
    try SealedBody.checkAuthor(
      ofWrap: body, bodyHash: part.bodyHash, at: RecordRows.place(head, part, vault: keys.vault),
      outerWrap: keys.outerWrap
    ) {
      try trust.verifyingKeys(of: $0, among: manifests[head.compartment(of: part.section)]?.writers, in: view)
    }
    return key
  }

  /// Two people asked for it, and their signatures are there; or a restore repeated it, and two people sign how many.
  private func checkTombstone(_ tombstone: Tombstone, in view: borrowing ReadView) throws {
    guard case .request(let request) = tombstone.cause else { return }
    guard let request = try ApprovalRegister(keys: keys, trust: trust).verified(request, in: view),
      request.state == .used, request.action.kind == .erase, request.action.record == tombstone.record
    else { throw VaultError.tampered("A tombstone") }
  }

  /// The policy and the pathways are those that two people signed for.
  private func checkApproved(in view: borrowing ReadView) throws {
    let register = ApprovalRegister(keys: keys, trust: trust)
    _ = try register.policy(in: view)
    var known = 0
    for programme in try trust.programmeEntries(in: view).map(\.id)
    where try register.pathway(of: programme, in: view) != nil { known += 1 }
    var stored = 0
    try view.forEach(.meta, prefix: ApprovalRegister.pathwayKeyPrefix) { _ in stored += 1 }
    guard stored == known else { throw VaultError.tampered("A pathway") }
  }

  private func checkRepeated(_ erasures: [UInt64: UInt64], in view: borrowing ReadView) throws {
    var said: [UInt64: UInt64] = [:]
    for succession in try Restoration.all(in: view, keys: keys).map(\.restoration.succession)
    where succession.replay.erased > 0 { said[succession.number] = succession.replay.erased }
    guard said == erasures else { throw VaultError.tampered("A tombstone") }
  }

  private func demand(
    in view: borrowing ReadView, _ table: StoreTable, _ key: [UInt8], version: UInt64, hash: [UInt8]
  ) throws -> [UInt8] {
    guard let row = try view.row(table, key), row.version == version, SHA256.hash(row.body) == hash else {
      throw VaultError.tampered("A part of a record")
    }
    return row.body
  }

  /// Nothing is sealed under an epoch that no manifest has begun: where something is, manifests were taken away.
  private func demandEpoch(
    of body: [UInt8], of compartment: Compartment, in manifests: [Compartment: VerifiedManifest]
  ) throws {
    guard let epoch = try SealedBody.keying(of: body).epoch, manifests[compartment]?.publicKeys[epoch] != nil else {
      throw VaultError.tampered("A manifest")
    }
  }

  /// Every leaf of every log into its tree, every stored tile against the tree, the roots against the signed checkpoints,
  /// and what auditors have signed against what the tree was at that size.
  private func checkLog(_ report: inout VerificationReport) throws(VaultError) {
    let logs = try LogCheck.logs(of: state, genesis: genesis)
    let signed = try signOffs(&report)
    let root = try onStored("The access log") {
      try store.read { (view: borrowing ReadView) throws -> TreeHash in
        var rest = logs[...]
        var current = LogCheck(rest.removeFirst(), signed)
        var tiles = 0
        try view.forEach(.logLeaf, prefix: []) { row in
          guard let place = LogKey.place(of: row.key), row.version == 1 else {
            throw VaultError.tampered("The access log")
          }
          while place.number != current.log.number {
            try current.finish()
            guard !rest.isEmpty else { throw VaultError.tampered("The access log") }
            current = LogCheck(rest.removeFirst(), signed)
          }
          for tile in try current.append(row.body, at: place.index) {
            tiles += 1
            guard let stored = try view.row(.logTile, tile.key), stored.body == tile.body, stored.version == 1 else {
              throw VaultError.tampered("The access log")
            }
          }
        }
        try current.finish()
        // A log that has just begun may be empty.
        for log in rest { try LogCheck(log, signed).finish() }
        guard try view.count(.logTile) == tiles else { throw VaultError.tampered("The access log") }
        return state.frontier.root()
      }
    }
    report.entries = state.frontier.size
    report.logRoot = root.description
  }

  /// The checkpoints that auditors have signed, shortest log first.
  private func signOffs(_ report: inout VerificationReport) throws(VaultError) -> [VerifiedSignOff] {
    let signOffs = try onStored("A sign-off") {
      let key = NoteKey(
        name: try LogOrigin.name(vault: keys.vault, number: state.number), algorithm: .ed25519, key: genesis.logKey)
      let register = SignOffRegister(
        keys: keys, trust: trust, logKey: key, number: state.number, size: state.frontier.size)
      return try store.read { view in try register.verified(in: view) }
    }
    report.signOffs = signOffs.count
    return signOffs
  }
}

/// One of the vault's logs while its leaves go by.
private struct LogCheck {
  struct Log {
    let number: UInt64
    let size: UInt64
    let root: TreeHash
  }

  let log: Log
  private var frontier = TreeFrontier()
  private var edge: TileEdge
  private var signed: ArraySlice<VerifiedSignOff>

  init(_ log: Log, _ signed: [VerifiedSignOff]) {
    self.log = log
    edge = TileEdge(of: log.number)
    self.signed = signed.filter { $0.number == log.number }[...]
  }

  /// Those before, by the notes that closed them, and the present one.
  static func logs(of state: LedgerState, genesis: Genesis) throws(VaultError) -> [Log] {
    try onStored("The access log") {
      let vault = genesis.vaultID
      let closed = try state.closed.map { note -> Log in
        let unverified = try UnverifiedCheckpoint(encoded: note)
        guard let number = LogOrigin.number(of: unverified.claim.origin, vault: vault) else {
          throw VaultError.tampered("The access log")
        }
        let checkpoint = try unverified.verified(
          by: NoteKey(name: unverified.claim.origin, algorithm: .ed25519, key: genesis.logKey))
        return Log(number: number, size: checkpoint.size, root: checkpoint.root)
      }
      let all = closed + [Log(number: state.number, size: state.frontier.size, root: state.frontier.root())]
      guard zip(all, all.dropFirst()).allSatisfy({ $0.number < $1.number }) else {
        throw VaultError.tampered("The access log")
      }
      return all
    }
  }

  /// The tiles that the leaf completes.
  mutating func append(_ leaf: [UInt8], at index: UInt64) throws -> [TileEdge.FullTile] {
    guard index == frontier.size else { throw VaultError.tampered("The access log") }
    _ = try LeafHeader(leaf: leaf)
    let tiles = edge.append(TreeHash.leaf(leaf), to: &frontier)
    while let next = signed.first, next.checkpoint.size == frontier.size {
      guard next.checkpoint.root == frontier.root() else { throw VaultError.tampered("A sign-off") }
      signed.removeFirst()
    }
    return tiles
  }

  func finish() throws {
    guard frontier.size == log.size, frontier.root() == log.root, signed.isEmpty else {
      throw VaultError.tampered("The access log")
    }
  }
}
