import CSodium
import Synchronization

/// Places for small secrets in guarded pages that they share.
///
/// Guarded memory by itself takes a page, two guard pages and four of the process's memory maps (`vm.max_map_count`, 65,530)
/// for every 32 bytes, and a page of what may be locked (RLIMIT_MEMLOCK, 8 MiB). A session holds three secrets for every
/// epoch of every compartment, so that a programme which many people have left would use all of both up.
///
/// A page is read-only but for the moment in which a place is filled or wiped; it can be read at any time.
enum GuardedSlots {
  /// The longest secret that shares a page: an Ed25519 secret key.
  static let byteCountMax = 64
  /// 64 places: as many as a word has bits.
  private static let pageByteCount = 4096

  private struct State {
    /// By base: a bit for each place that is taken.
    var pages: [UInt: UInt64] = [:]
    /// Bases of pages that have room.
    var open: Set<UInt> = []
  }

  private static let state = Mutex(State())

  /// How many guarded pages there are now.
  static var pageCount: Int { state.withLock(\.pages.count) }

  /// A place of `byteCountMax` bytes that holds a copy of `source`; nil: there is no guarded memory left.
  static func take(copying source: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
    let address = state.withLock { state -> UInt? in
      guard let base = state.open.first ?? makePage(&state), let taken = state.pages[base],
        let page = unsafe UnsafeMutableRawPointer(bitPattern: base), let from = source.baseAddress
      else { return nil }
      let slot = (~taken).trailingZeroBitCount
      state.pages[base] = taken | 1 << UInt64(slot)
      if state.pages[base] == .max { state.open.remove(base) }
      let place = unsafe page.advanced(by: slot * byteCountMax)
      unsafe sodium_mprotect_readwrite(page)
      unsafe place.copyMemory(from: from, byteCount: source.count)
      unsafe sodium_mprotect_readonly(page)
      return base + UInt(slot * byteCountMax)
    }
    return unsafe address.flatMap { unsafe UnsafeMutableRawPointer(bitPattern: $0) }
  }

  /// Wipes a place and gives it back; a page that nobody uses goes, but for the last.
  static func giveBack(_ place: UnsafeMutableRawPointer) {
    let address = UInt(bitPattern: place)
    let base = address & ~UInt(pageByteCount - 1)
    state.withLock { state in
      guard let taken = state.pages[base], let page = unsafe UnsafeMutableRawPointer(bitPattern: base) else { return }
      unsafe sodium_mprotect_readwrite(page)
      unsafe sodium_memzero(place, byteCountMax)
      let left = taken & ~(1 << UInt64((address - base) / UInt(byteCountMax)))
      guard left != 0 || state.pages.count == 1 else {
        state.pages[base] = nil
        state.open.remove(base)
        return unsafe sodium_free(page)
      }
      unsafe sodium_mprotect_readonly(page)
      state.pages[base] = left
      state.open.insert(base)
    }
  }

  private static func makePage(_ state: inout State) -> UInt? {
    guard let page = unsafe sodium_malloc(pageByteCount) else { return nil }
    unsafe sodium_memzero(page, pageByteCount)
    unsafe sodium_mprotect_readonly(page)
    let base = UInt(bitPattern: page)
    // The library ends what it gives at the end of a page, for the guard behind it: one page begins where its page begins.
    precondition(base.isMultiple(of: UInt(pageByteCount)))
    state.pages[base] = 0
    state.open.insert(base)
    return base
  }
}
