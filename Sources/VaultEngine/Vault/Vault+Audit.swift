public import AccessLog
import VaultCrypto
import VaultModel

extension Vault {
  public typealias AuditFilter = VaultEngine.AuditFilter

  /// One entry, opened for an auditor.
  public struct AuditedEntry: Sendable {
    /// What became of the words beside the log.
    public enum Text: Sendable, Equatable {
      case kept(String)
      /// Search terms are names of survivors: told one by one, by `reveal`, and never in a list.
      case masked
      case erased
    }

    public let index: UInt64
    public let time: Timestamp
    public let entry: LogEntry
    /// nil where there never was one.
    public let text: Text?

    /// The words, where they are shown.
    public var freeText: String? {
      guard case .kept(let text) = text else { return nil }
      return text
    }
  }

  /// What one request found, and how far it came.
  public struct AuditPage: Sendable {
    public let entries: [AuditedEntry]
    /// To go on after; nil at the end of the log.
    public let next: UInt64?
    /// The log was gone through up to this index, exclusive.
    public let scanned: UInt64
    public let size: UInt64
  }

  public static let auditPageMax = 1000
  /// A case, not a log.
  public static let disclosuresMax = 256

  /// Opens entries in order. Reading the log is an entry too, and is written first: an auditor sees their own reading.
  ///
  /// Goes through at most `AuditScan.entryCountMax` entries, so a page may be empty and still have a `next`.
  public func auditEntries(_ filter: AuditFilter, by caller: Caller) async throws(VaultError) -> Witnessed<AuditPage> {
    try await witnessed(.logRead, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.record = filter.record?.description
      entry.programme = filter.programme?.description
      let keys = try auditKeys(session, .readLog)
      if let account = filter.account,
        try read("An account", { view in try trust.account(account, in: view) }) == nil
      {
        throw VaultError(
          .notFound, "There is no account of this name.",
          hint: "The log names accounts as they were invited; it never holds a name that nobody has.", field: "account")
      }
      let index = try await submit(entry)
      let scan = AuditScan(self, keys: keys, filter: filter, size: ledger.size)
      let page = try await scan.page()
      try session.demandOpen()
      return Witnessed(value: page, entryIndex: index)
    }
  }

  /// The keys of the log, for a session that may do this with it.
  func auditKeys(_ session: Session, _ verb: Verb) throws(VaultError) -> [UInt64: CompartmentKey] {
    try gate.check(session, verb)
    guard let held = session.held(.audit), !held.keys.isEmpty else {
      throw VaultError(.denied, "This account does not hold the key of the access log.")
    }
    return held.keys
  }

  // MARK: One entry

  /// The words beside one entry, search terms above all. Who asked for them is an entry before they are told.
  public func reveal(_ index: UInt64, by caller: Caller) async throws(VaultError) -> Witnessed<String> {
    try await witnessed(.logReveal, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let keys = try auditKeys(session, .readLog)
      let leaf = try leaf(index)
      var opener = LeafOpener(context: ledger.context, keys: keys.mapValues(\.opening))
      let opened = try onStored("An entry of the access log") { try opener.open(leaf, index: index) }
      guard let hash = opened.freeText else {
        throw VaultError(
          .notFound, "Nothing was written beside this entry.",
          hint: "Searches have their terms beside them, and readings the reason where one was given.", field: "index")
      }
      guard let text = try text(hash, with: keys) else {
        throw VaultError(
          .notFound, "What was written beside this entry has been erased.",
          hint: "The entry stays, and with it the hash of what was there.", field: "index")
      }
      entry.results = [String(index)]
      return Witnessed(value: text, entryIndex: try await submit(entry))
    }
  }

  /// An entry with the key that opens its leaf and no other.
  public struct Disclosure: Sendable {
    /// The words beside the log are not in the leaf and so not in here; `text` tells only whether there are any.
    public let entry: AuditedEntry
    public let key: DisclosedKey
  }

  /// Keys of single entries, to open them to a court. The entry about it names each of them.
  public func disclose(_ indexes: [UInt64], by caller: Caller) async throws(VaultError) -> Witnessed<[Disclosure]> {
    try await witnessed(.logProve, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let keys = try auditKeys(session, .exportLog)
      guard (1...Vault.disclosuresMax).contains(indexes.count) else {
        throw VaultError(.invalid, "Entries are disclosed 1 to \(Vault.disclosuresMax) at a time.", field: "indexes")
      }
      var opener = LeafOpener(context: ledger.context, keys: keys.mapValues(\.opening))
      var disclosures: [Disclosure] = []
      for index in indexes {
        let leaf = try leaf(index)
        let (key, opened) = try onStored("An entry of the access log") {
          let key = DisclosedKey(try opener.entryKey(of: leaf, index: index))
          return (key, try key.open(leaf, index: index, context: ledger.context))
        }
        let audited = try audited(opened, index: index, with: keys)
        disclosures.append(Disclosure(entry: audited, key: key))
      }
      entry.results = indexes.map { String($0) }
      return Witnessed(value: disclosures, entryIndex: try await submit(entry))
    }
  }

  private func leaf(_ index: UInt64) throws(VaultError) -> [UInt8] {
    guard index < ledger.size else {
      throw VaultError(
        .notFound, "The log has no entry of this index.",
        hint: "Entries are counted from 0; GET /v1/status tells how many there are.", field: "index")
    }
    return try leaves(index..<index + 1)[0]
  }
}

/// A single-entry key on its way out; wiped with its last holder.
public final class DisclosedKey: Sendable {
  private let key: EntryKey

  init(_ key: consuming EntryKey) { self.key = key }

  func open(_ leaf: [UInt8], index: UInt64, context: LogContext) throws(LogError) -> LogEntry {
    try key.open(leaf, index: index, context: context)
  }

  /// 32 bytes, for the one place that writes the answer.
  @safe public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try key.withBytes { bytes throws(E) in try unsafe body(bytes) }
  }
}
