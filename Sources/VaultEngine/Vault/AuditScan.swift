import AccessLog
import Dispatch
import Synchronization
import VaultCrypto
import VaultModel
import VaultStore

/// One request's way through the log: reads leaves in strides, opens them on two cores, off the threads that answer
/// everybody else, and stops after a bounded part of the log.
struct AuditScan: Sendable {
  /// Entries that one request goes through: a fifth of a second in the release build, so that progress can be shown and
  /// nobody waits long for the readers of the store.
  static let entryCountMax: UInt64 = 20_000
  /// The same bound in time, for a slower host.
  static let nanosecondsMax: UInt64 = 250_000_000

  /// Leaves a core opens in one go: few at first, because most pages are full soon; many later, for the long way.
  private static let strideFirst: UInt64 = 64
  private static let strideMax: UInt64 = 2048
  /// Two cores are what the smallest host has; more would take all of the store's readers.
  private static let workerCount = 2
  /// One scan at a time, whoever asks.
  private static let queue = DispatchQueue(label: "survivor-vault.audit-scan")

  private let filter: AuditFilter
  private let size: UInt64
  private let workers: [AuditWorker]

  init(_ vault: Vault, keys: [UInt64: CompartmentKey], filter: AuditFilter, size: UInt64) {
    self.filter = filter
    self.size = size
    workers = (0..<AuditScan.workerCount).map { _ in AuditWorker(vault, keys: keys, filter: filter) }
  }

  func page() async throws(VaultError) -> Vault.AuditPage {
    let result = await withCheckedContinuation { continuation in
      AuditScan.queue.async { continuation.resume(returning: Result { () throws(VaultError) in try scan() }) }
    }
    return try result.get()
  }

  private func scan() throws(VaultError) -> Vault.AuditPage {
    let limit = min(max(filter.limit, 1), Vault.auditPageMax)
    let deadline = DispatchTime.now().uptimeNanoseconds + AuditScan.nanosecondsMax
    var next = min(size, filter.after.map { $0 == .max ? $0 : $0 + 1 } ?? 0)
    let end = min(size, next + AuditScan.entryCountMax)
    var stride = AuditScan.strideFirst
    var found: [Vault.AuditedEntry] = []
    while next < end, found.count < limit {
      for (range, entries) in try wave(from: next, to: end, stride: stride, limit: limit) {
        let taken = entries.prefix(limit - found.count)
        found += taken
        next = found.count == limit ? found[limit - 1].index + 1 : range.upperBound
        if found.count == limit { break }
      }
      stride = min(AuditScan.strideMax, stride * 2)
      if DispatchTime.now().uptimeNanoseconds >= deadline { break }
    }
    return Vault.AuditPage(entries: found, next: next < size ? next - 1 : nil, scanned: next, size: size)
  }

  /// A stride for each worker, side by side; results in the order of the log.
  private func wave(
    from first: UInt64, to end: UInt64, stride: UInt64, limit: Int
  ) throws(VaultError) -> [(range: Range<UInt64>, entries: [Vault.AuditedEntry])] {
    let ranges = workers.indices.compactMap { worker -> Range<UInt64>? in
      let start = first + UInt64(worker) * stride
      return start < end ? start..<min(end, start + stride) : nil
    }
    let results = Mutex([Result<[Vault.AuditedEntry], VaultError>?](repeating: nil, count: ranges.count))
    DispatchQueue.concurrentPerform(iterations: ranges.count) { index in
      let result = Result { () throws(VaultError) in try workers[index].read(ranges[index], limit: limit) }
      results.withLock { $0[index] = result }
    }
    var parts: [(range: Range<UInt64>, entries: [Vault.AuditedEntry])] = []
    for (range, result) in zip(ranges, results.withLock(\.self)) {
      guard let result else { preconditionFailure("every iteration leaves a result") }
      parts.append((range, try result.get()))
    }
    return parts
  }
}

/// Opens leaves, and of the texts beside them only those that are shown.
private final class AuditWorker: Sendable {
  private struct State: ~Copyable {
    var opener: LeafOpener
    var sieve: AuditSieve
  }

  private let vault: Vault
  private let keys: [UInt64: CompartmentKey]
  private let state: Mutex<State>

  init(_ vault: Vault, keys: [UInt64: CompartmentKey], filter: AuditFilter) {
    self.vault = vault
    self.keys = keys
    state = Mutex(
      State(
        opener: LeafOpener(context: vault.ledger.context, keys: keys.mapValues(\.opening)), sieve: AuditSieve(filter)))
  }

  /// Entries of the range that the filter admits, at most `limit`.
  func read(_ range: Range<UInt64>, limit: Int) throws(VaultError) -> [Vault.AuditedEntry] {
    let leaves = try vault.leaves(range)
    return try state.withLock { state throws(VaultError) in
      var found: [Vault.AuditedEntry] = []
      for (index, leaf) in zip(range, leaves) {
        let entry: LogEntry
        do { entry = try state.opener.open(leaf, index: index) } catch {
          throw VaultError.tampered("An entry of the access log")
        }
        guard state.sieve.admits(entry) else { continue }
        found.append(try vault.audited(entry, index: index, with: keys))
        if found.count == limit { break }
      }
      return found
    }
  }
}

extension Vault {
  /// Leaves of the log, all of which have to be there.
  ///
  /// - Parameter number: of one of the logs before; nil for the present one.
  func leaves(_ range: Range<UInt64>, of number: UInt64? = nil) throws(VaultError) -> [[UInt8]] {
    let number = number ?? ledger.number
    return try read("The access log") { view in
      // One before the first key of a later log is no leaf of an earlier one.
      let first = LogKey.leaf(number, range.lowerBound)
      let after = StoreKey.index(of: first).flatMap { $0 == 0 ? nil : StoreKey.index($0 - 1) }
      let rows = try view.rows(.logLeaf, after: after, limit: range.count)
      guard rows.count == range.count, rows.first?.key == range.first.map({ LogKey.leaf(number, $0) }),
        rows.last?.key == range.last.map({ LogKey.leaf(number, $0) })
      else { throw VaultError.tampered("The access log") }
      return rows.map(\.body)
    }
  }

  /// The entry with what became of its text, which is opened only where it is to be shown.
  func audited(
    _ entry: LogEntry, index: UInt64, with keys: [UInt64: CompartmentKey]
  ) throws(VaultError) -> AuditedEntry {
    AuditedEntry(
      index: index, time: Timestamp(milliseconds: UInt64(max(0, entry.time))), entry: entry,
      text: try entry.freeText.map { hash throws(VaultError) in
        if entry.action == Action.recordSearch.rawValue {
          return try read("A text beside the log") { view in
            try view.version(.freeText, FreeText.rowKey(hash)) == nil ? .erased : .masked
          }
        }
        return try text(hash, with: keys).map { .kept($0) } ?? .erased
      })
  }

  /// nil where the text was erased.
  func text(_ hash: [UInt8], with keys: [UInt64: CompartmentKey]) throws(VaultError) -> String? {
    try read("A text beside the log") { view in
      guard let row = try view.row(.freeText, FreeText.rowKey(hash)) else { return nil }
      return try FreeText.open(row, hash: hash, with: keys, vault: self.keys.vault)
    }
  }
}
