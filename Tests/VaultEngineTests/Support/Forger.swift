import AccessLog
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Somebody who holds the data directory and the root key, and uses both well: rows are sealed under the right keys, and
/// the row-set sum, the manifest heads and the state row agree with them. What stops them must be a signature.
struct Forger {
  let place: VaultPlace
  let keys: StoreKeys
  let genesis: Genesis
  let trust: Trust

  init(_ place: VaultPlace) throws {
    self.place = place
    let store = try VaultStore.open(directory: place.directory)
    defer { try? store.close() }
    let opened = try OpenedStore(store: store, root: place.root)
    keys = opened.keys
    genesis = opened.genesis
    trust = opened.trust
  }

  /// Edits rows, then makes the books agree.
  func forge(_ edit: (borrowing WriteTransaction) throws -> Void) throws {
    try place.tamper { transaction in
      try edit(transaction)
      var sum = RowSetSum()
      var heads = ManifestHeads()
      var programmes: [ProgrammeID] = []
      for table in StoreTable.allCases where table.isMetadata {
        for row in try transaction.rows(table, limit: .max) where table != .meta || row.key != LedgerState.rowKey {
          sum.add(keys.rowHash(table, key: row.key, version: row.version, body: row.body))
          if table == .programme {
            programmes.append(try ProgrammeEntry(decoding: keys.openMetadata(row, table: .programme)).id)
          }
        }
      }
      for compartment in programmes.flatMap({ Vault.compartments(of: $0) }) + [.audit] {
        guard let head = try head(compartment, in: transaction) else { continue }
        heads.set(compartment.description, hash: head.hash)
      }
      guard let row = try transaction.row(.meta, LedgerState.rowKey) else { throw VaultError.tampered("The state row") }
      var state = try LedgerState(opening: row, with: keys)
      state.sum = sum
      state.headsDigest = heads.digest
      state.version += 1
      try transaction.put(.meta, LedgerState.rowKey, version: state.version, body: state.sealed(with: keys))
    }
  }

  // MARK: Metadata

  func document(_ table: StoreTable, _ key: [UInt8], in transaction: borrowing WriteTransaction) throws -> [UInt8] {
    guard let row = try transaction.row(table, key) else { throw VaultError(.notFound, "There is no such row.") }
    return try keys.openMetadata(row, table: table)
  }

  func put(
    _ table: StoreTable, _ key: [UInt8], _ document: [UInt8], version: UInt64? = nil,
    in transaction: borrowing WriteTransaction
  ) throws {
    let version = try version ?? ((transaction.row(table, key)?.version ?? 0) + 1)
    try transaction.put(
      table, key, version: version, body: keys.sealMetadata(document, table: table, key: key, version: version))
  }

  func editAccount(
    _ person: Person, in transaction: borrowing WriteTransaction, _ edit: (inout AccountRow) throws -> Void
  ) throws {
    let key = trust.accountKey(try AccountName(person.name))
    var row = try AccountRow(decoding: document(.account, key, in: transaction))
    try edit(&row)
    try put(.account, key, row.bytes, in: transaction)
  }

  // MARK: Manifests

  func head(
    _ compartment: Compartment, in transaction: borrowing WriteTransaction
  ) throws -> (serial: UInt64, hash: [UInt8])? {
    guard let row = try transaction.row(.manifest, trust.headKey(compartment)) else { return nil }
    var decoder = try CanonicalDecoder(keys.openMetadata(row, table: .manifest), purpose: "head")
    return (try decoder.integer(), try decoder.field(exactly: 32))
  }

  func manifest(
    _ compartment: Compartment, serial: UInt64? = nil, in transaction: borrowing WriteTransaction
  ) throws -> (manifest: Manifest, signature: [UInt8]) {
    guard let serial = try serial ?? head(compartment, in: transaction)?.serial else {
      throw VaultError(.notFound, "There is no manifest.")
    }
    let signed = try SignedDocument(
      decoding: document(.manifest, trust.manifestKey(compartment, serial: serial), in: transaction),
      as: "signed-manifest")
    return (try Manifest(decoding: signed.document), signed.signature)
  }

  /// Writes a manifest under its serial and points the head at it.
  func publish(_ manifest: Manifest, signature: [UInt8], in transaction: borrowing WriteTransaction) throws {
    let signed = SignedDocument(document: manifest.bytes, signature: signature)
    try put(
      .manifest, trust.manifestKey(manifest.compartment, serial: manifest.serial),
      signed.encoded(as: "signed-manifest"), version: 1, in: transaction)
    try point(manifest.compartment, serial: manifest.serial, hash: manifest.hash, in: transaction)
  }

  func point(
    _ compartment: Compartment, serial: UInt64, hash: [UInt8], in transaction: borrowing WriteTransaction
  ) throws {
    var head = CanonicalEncoding("head")
    head.append(serial)
    head.append(hash)
    try put(.manifest, trust.headKey(compartment), head.bytes, in: transaction)
  }

  // MARK: Grants

  func grant(
    _ compartment: Compartment, epoch: UInt64 = 1, of person: Person, in transaction: borrowing WriteTransaction
  ) throws -> SignedDocument {
    let key = trust.grantKey(compartment, epoch: epoch, member: .account(try AccountName(person.name)))
    return try SignedDocument(decoding: document(.grant, key, in: transaction), as: "signed-grant")
  }

  func put(
    _ grant: SignedDocument, at compartment: Compartment, epoch: UInt64 = 1, of person: Person,
    in transaction: borrowing WriteTransaction
  ) throws {
    let key = trust.grantKey(compartment, epoch: epoch, member: .account(try AccountName(person.name)))
    try put(.grant, key, grant.encoded(as: "signed-grant"), in: transaction)
  }

  func memberKeys(of person: Person, in transaction: borrowing WriteTransaction) throws -> MemberKeys {
    let key = trust.accountKey(try AccountName(person.name))
    let row = try AccountRow(decoding: document(.account, key, in: transaction))
    let certificate = try Certificate(decoding: row.certificate ?? [])
    return MemberKeys(verifying: certificate.verifyingKey, sealing: certificate.sealingKey)
  }

  // MARK: Records

  /// Changes the record's own row, and its revision, to what `edit` makes of it.
  func editHead(
    _ record: RecordID, in transaction: borrowing WriteTransaction, _ edit: (inout RecordHead) throws -> Void
  ) throws {
    let key = RecordRows.recordKey(keys, record)
    var head = try RecordHead(decoding: document(.record, key, in: transaction))
    try edit(&head)
    try put(.record, key, head.bytes, version: head.version, in: transaction)
    let revision = keys.rowKey(.revision, record.bytes, StoreKey.index(head.version))
    try put(.revision, revision, head.bytes, version: head.version, in: transaction)
  }
}
