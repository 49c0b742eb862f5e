import Glibc
import Synchronization

/// Space on the disk that only the access log gets: a file without content beside the database, cut step by step when
/// the disk is full, and made whole again when space returns (docs/decisions/log-space.md).
final class SpaceReserve: Sendable {
  static let fileName = "vault.reserve"

  let plan: ReservePlan
  private let path: String
  private let directory: String
  private let probe: (@Sendable () -> DiskSpace?)?
  private let held: Mutex<Int>
  /// The last entry that was tried found no room.
  private let isRefusingLog = Mutex(false)

  /// Takes up what an earlier run left; allocates nothing yet.
  ///
  /// - Throws: `.permissions` where something else than a file of ours has its name; `.io`.
  init(directory: String, options: StoreOptions) throws(StoreError) {
    self.directory = directory
    path = directory + "/" + SpaceReserve.fileName
    probe = options.diskSpace
    let total = (options.diskSpace?() ?? DiskSpace.of(directory))?.totalByteCount ?? 0
    plan = options.reserveByteCount.map { ReservePlan(byteCount: $0) } ?? ReservePlan(totalByteCount: total)
    let status = try FileStatus.of(path)
    if let status, !status.isPrivateFile { throw StoreError(.permissions) }
    held = Mutex(min(status?.byteCount ?? 0, status?.allocatedByteCount ?? 0))
  }

  var disk: DiskSpace? { probe == nil ? DiskSpace.of(directory) : probe?() }

  var space: StoreSpace {
    let free = disk?.freeByteCount
    let held = held.withLock(\.self)
    let isLow = held < plan.byteCount || free ?? .max < plan.floorByteCount
    // Room that came back since is not the last entry's to deny.
    let isFull = isRefusingLog.withLock(\.self) && free ?? 0 < max(plan.floorByteCount, ReservePlan.exhaustedByteCount)
    return StoreSpace(
      reserveByteCount: held, freeByteCount: free ?? 0,
      state: isFull ? .full : isLow ? .low : .ok)
  }

  /// Whether so many bytes of records may be written now. A disk that does not say how full it is says so when it is.
  func hasRoom(forRecordsOf byteCount: Int) -> Bool {
    guard plan.byteCount > 0, let free = disk?.freeByteCount else { return true }
    return free >= plan.floorByteCount + byteCount
  }

  /// Whether the disk is so full that a write fails for that reason.
  var isDiskExhausted: Bool { hasLess(than: ReservePlan.exhaustedByteCount) }

  private func hasLess(than byteCount: Int) -> Bool { disk.map { $0.freeByteCount < byteCount } ?? false }

  /// An entry found room, or did not.
  func logCommitted(_ succeeded: Bool) { isRefusingLog.withLock { $0 = !succeeded } }

  /// Cuts one step off the reserve; false where nothing is left of it, or it would not help.
  func giveBack() -> Bool {
    held.withLock { held in
      guard held > 0, hasLess(than: plan.stepByteCount) else { return false }
      let next = max(0, held - plan.stepByteCount)
      guard let descriptor = open() else {
        // Somebody removed it: the space is gone to whoever was first.
        held = 0
        return false
      }
      defer { close(descriptor) }
      guard ftruncate(descriptor, off_t(next)) == 0 else { return false }
      // Some file systems free blocks only with their next journal commit.
      fsync(descriptor)
      held = next
      return true
    }
  }

  /// Allocates what is missing, as far as the disk stays above the floor. Records wait until that is done: the log's
  /// space comes first.
  func refill() {
    held.withLock { held in
      // A file that was removed or cut behind our back is noticed here, once a second.
      let status = try? FileStatus.of(path)
      let present = min(status?.byteCount ?? 0, status?.allocatedByteCount ?? 0)
      held = min(held, present)
      if held > plan.byteCount, let descriptor = open() {
        // An earlier start kept more back.
        if ftruncate(descriptor, off_t(plan.byteCount)) == 0 { held = plan.byteCount }
        close(descriptor)
      }
      guard held < plan.byteCount, let free = disk?.freeByteCount else { return }
      let room = (free - plan.floorByteCount) / ReservePlan.unitByteCount * ReservePlan.unitByteCount
      let next = min(plan.byteCount, held + room)
      guard next > held, let descriptor = open(creating: true) else { return }
      defer { close(descriptor) }
      if posix_fallocate(descriptor, 0, off_t(next)) == 0 {
        held = next
      } else {
        // Part of it may have been allocated and lie past what is counted.
        ftruncate(descriptor, off_t(held))
      }
    }
  }

  private func open(creating: Bool = false) -> Int32? {
    let flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (creating ? O_CREAT : 0)
    let descriptor = unsafe Glibc.open(path, flags, 0o600)
    guard descriptor >= 0 else { return nil }
    guard fchmod(descriptor, 0o600) == 0, let status = try? FileStatus.of(path), status.isPrivateFile else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
