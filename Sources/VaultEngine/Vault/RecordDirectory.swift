import Synchronization
import VaultModel

/// Which records there are: ids and programmes only, read once at open, so that listing and loading cards never walk the
/// file. 8 bytes a record.
final class RecordDirectory: Sendable {
  private struct Programme {
    /// Ascending.
    var sorted: [UInt64] = []
    /// Since the last listing, in order of arrival.
    var recent: [UInt64] = []

    mutating func settle() {
      guard !recent.isEmpty else { return }
      sorted.append(contentsOf: recent)
      sorted.sort()
      // A look at the store may have found a record before its writer told of it.
      var last: UInt64?
      sorted.removeAll { bits in
        defer { last = bits }
        return bits == last
      }
      recent = []
    }
  }

  private let programmes = Mutex<[ProgrammeID: Programme]>([:])
  /// Erased since the start: a look at the store that began before must not bring them back.
  private let erased = Mutex<Set<UInt64>>([])

  func insert(_ record: RecordID, in programme: ProgrammeID) {
    programmes.withLock { $0[programme, default: Programme()].recent.append(record.bits) }
  }

  func remove(_ record: RecordID, from programme: ProgrammeID) {
    erased.withLock { _ = $0.insert(record.bits) }
    programmes.withLock { programmes in
      programmes[programme]?.settle()
      programmes[programme]?.sorted.removeAll { $0 == record.bits }
    }
  }

  func load(_ records: [ProgrammeID: [UInt64]]) {
    programmes.withLock { programmes in
      for (programme, bits) in records { programmes[programme] = Programme(sorted: bits.sorted()) }
    }
  }

  /// Adds what the store has and memory does not. Nothing goes: records that were written meanwhile stay.
  func merge(_ records: [ProgrammeID: [UInt64]]) {
    let erased = erased.withLock(\.self)
    programmes.withLock { programmes in
      for (programme, bits) in records {
        programmes[programme, default: Programme()].recent.append(contentsOf: bits.filter { !erased.contains($0) })
      }
    }
  }

  /// Ascending by id, after `after`.
  func page(of programme: ProgrammeID, after: RecordID?, limit: Int) -> [RecordID] {
    programmes.withLock { programmes in
      guard var entry = programmes.removeValue(forKey: programme) else { return [] }
      entry.settle()
      defer { programmes[programme] = entry }
      var low = 0
      if let after {
        var high = entry.sorted.count
        while low < high {
          let middle = (low + high) / 2
          if entry.sorted[middle] <= after.bits { low = middle + 1 } else { high = middle }
        }
      }
      return entry.sorted[low..<min(entry.sorted.count, low + limit)].map { RecordID(bits: $0) }
    }
  }

  func count(of programme: ProgrammeID) -> Int {
    programmes.withLock { programmes in
      programmes[programme]?.settle()
      return programmes[programme]?.sorted.count ?? 0
    }
  }

  func all(of programme: ProgrammeID) -> [RecordID] { page(of: programme, after: nil, limit: .max / 2) }
  var count: Int {
    programmes.withLock { programmes in
      for programme in programmes.keys { programmes[programme]?.settle() }
      return programmes.values.reduce(0) { $0 + $1.sorted.count }
    }
  }
}
