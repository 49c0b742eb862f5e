import AccessLog
import Glibc
import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// What an opening needs to know.
  public struct Options: Sendable {
    /// nil: beside the data directory.
    public var anchorPath: String?
    /// Off-host journal of what a restore must not undo; nil: none is kept.
    public var journalPath: String?
    public var forms: FormSet = .builtIn
    public var clock: VaultClock = .system
    /// Demo vaults open only for those who say that they know it is one.
    public var allowsDemo = false
    /// Opened for a backup or a new root key: nobody is served, so demo vaults open too, and how the daemon was last
    /// started stays on record.
    var isUpkeep = false
    /// Opened to write the first entry of a new log: no entry of a start comes before it.
    var isSuccession = false
    /// Bytes kept back for the access log; nil: by the size of the disk.
    public var reserveByteCount: Int?
    package var beforeCommit: (@Sendable () throws -> Void)?
    /// The reserve and the disk, for tests.
    package var adjustStore: (@Sendable (inout StoreOptions) -> Void)?
    package var writerLimits = WriterLimits()
    package var removesGate = false

    public init() {}
  }

  /// Opens a vault: checks all metadata, the end of the log and the anchor, and writes the entry of the start.
  ///
  /// `rootKeyWrong`, `inUse`, `notAVault`; `integrity` for tampering and rollback.
  public static func open(directory: String, root: RootKey, options: Options = Options()) async throws(VaultError)
    -> Vault
  {
    try await open(directory: directory, access: .root(root), options: options)
  }

  static func open(directory: String, access: MasterAccess, options: Options) async throws(VaultError) -> Vault {
    var storeOptions = StoreOptions()
    storeOptions.beforeCommit = options.beforeCommit
    storeOptions.reserveByteCount = options.reserveByteCount
    options.adjustStore?(&storeOptions)
    let store: VaultStore
    do { store = try VaultStore.open(directory: directory, options: storeOptions) } catch { throw VaultError(error) }
    do {
      let opened = try OpenedStore(store: store, access: access)
      guard !opened.genesis.isDemo || options.allowsDemo || options.isUpkeep else {
        throw VaultError(
          .failed, "This is a demo vault: its keys are published.",
          hint: "Serve it with --demo, and keep no real record in it.")
      }
      let anchor = Anchor(path: options.anchorPath ?? Anchor.path(besides: realDirectory(directory)))
      let isAnchored = try checkAnchor(anchor, place: Configuration(options).anchor, opened: opened)
      let vault = try Vault(
        opened: opened, gate: options.removesGate ? .removed : .standard, clock: options.clock, forms: options.forms,
        anchor: anchor, journal: options.journalPath.map { Journal(path: $0) },
        notices: NoticeBox(data: realDirectory(directory)),
        wasAnchorMissing: !isAnchored && opened.state.frontier.size > 0, limits: options.writerLimits)
      let remark = vault.wasAnchorMissing ? "anchorMissing" : nil
      if options.isSuccession { return vault }
      do {
        if options.isUpkeep {
          try await vault.noteUpkeep(anchor: Configuration(options).anchor, remark: remark)
        } else {
          try await vault.noteStart(Configuration(options), remark: remark)
        }
      } catch {
        // The store cannot be closed while its writer runs, and whoever comes next would find it in use.
        await vault.writer.finish()
        throw error
      }
      vault.notices?.removeLeftovers()
      return vault
    } catch let error as VaultError {
      try? store.close()
      throw error
    } catch {
      try? store.close()
      throw .tampered("The vault")
    }
  }

  /// The database must contain the checkpoint that the anchor holds, and the anchor what the database knows of it. False:
  /// there is no anchor.
  ///
  /// - Parameter place: the anchor's, as the configuration knows it. A copy of the anchor that somebody kept elsewhere
  ///   may be older.
  static func checkAnchor(_ anchor: Anchor, place: [UInt8], opened: OpenedStore) throws(VaultError) -> Bool {
    let name = try onStored("The access log") {
      try LogOrigin.name(vault: opened.keys.vault, number: opened.state.number)
    }
    let key = NoteKey(name: name, algorithm: .ed25519, key: opened.genesis.logKey)
    guard let kept = try anchor.read(by: key) else {
      // Somebody took it away, and the one that a restore set aside has seen this log as well.
      if let aside = anchor.readAside(by: key) { try demandLog(of: opened, contains: aside) }
      return false
    }
    try demandLog(of: opened, contains: kept)
    if kept.size < opened.state.anchored, try opened.configuredAnchor() == place {
      throw VaultError(
        .integrity, "The anchor is older than the one that this vault wrote: an older one was put in its place.",
        hint:
          "Find out who could write there, and look for the newer one: with this one a rollback would go unnoticed. "
          + "If it is lost, move this one away; the vault then starts without, and says so.")
    }
    return true
  }

  private static func demandLog(of opened: OpenedStore, contains kept: VerifiedCheckpoint) throws(VaultError) {
    let size = opened.state.frontier.size
    let rollback = VaultError(
      .integrity, "The database is older than its anchor: it was rolled back, or an older copy was put in its place.",
      hint:
        "Do not serve it. Tell the auditor, and look for the newer data directory: the anchor says it exists. If it is lost, "
        + "`vaultd restore --over-newer` makes the backup the vault again, and two people accept that."
    )
    guard kept.size <= size else { throw rollback }
    guard kept.size > 0 else { return }
    try onStored("The access log") {
      var tree = try MerkleTree(
        size: kept.size, source: StoredHashes(store: opened.store, number: opened.state.number, size: size))
      guard try tree.root() == kept.root else { throw rollback }
    }
  }

  /// Where the anchor of a data directory lies unless another place is named, whether or not there is one.
  public static func anchorPath(besides directory: String) -> String {
    Anchor.path(besides: realDirectory(directory))
  }

  static func realDirectory(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// What `status` tells anybody.
  public struct Status: Sendable {
    public let isFounded: Bool
    /// Restored from a backup, and not accepted by two people yet.
    public let isRestored: Bool
    public let vaultID: String
    public let logSize: UInt64
    public let logRoot: String
    public let isDemo: Bool
    public let isInsecure: Bool
    /// Public key of the log, in vkey form.
    public let logKey: String
    /// Entries up to the newest sign-off.
    public let logReviewed: UInt64
    /// RFC 3339; nil before the first.
    public let lastBackup: String?
    public let lastDrill: String?
    /// RFC 3339; nil where access was never rebuilt from recovery shares.
    public let lastRecovery: String?
    /// Recovery shares were made: a lost root key and lost passphrases can be survived.
    public let hasEscrow: Bool
    public let health: VaultHealth
    /// Records that still lie under older keys, as far as the daemon has looked.
    public let rekeyLeft: Int
    /// Records that somebody reads now for an emergency, and emergencies that no auditor has reviewed.
    public let emergencies: (active: Int, toReview: Int)
  }

  public func status() throws(VaultError) -> Status {
    let backup = try backupState()
    let recoveries = try read("A recovery") { view in try trust.recoveries(in: view) }
    return Status(
      isFounded: try isFounded(), isRestored: isRestored, vaultID: hexadecimal(keys.vault), logSize: ledger.size,
      logRoot: ledger.root.description,
      isDemo: isDemo, isInsecure: isInsecure, logKey: ledger.noteKey.vkey,
      logReviewed: try reviewedSize(), lastBackup: backup.last?.text, lastDrill: backup.drill?.text,
      lastRecovery: recoveries.links.last { $0.act.kind == .rebuilt }?.act.performed.text,
      hasEscrow: genesis.recovery != nil, health: health, rekeyLeft: rekeyLeft,
      emergencies: try emergencyCounts())
  }
}
