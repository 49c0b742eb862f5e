import Dispatch
import Foundation
import Synchronization
import VaultCrypto

/// The off-host journal: a file on another medium that a daemon adds a line to for each suspension, revocation and
/// erasure, so that a restore of an older backup can repeat them.
///
/// Whether it can be written stops nothing: taking somebody's access away must not wait for a network drive.
final class Journal: Sendable {
  /// Some hundred thousand lines; decades of one organisation.
  static let byteCountMax = 64 << 20

  let path: String
  private let queue = DispatchQueue(label: "survivor-vault.journal")
  private let state = Mutex(State())

  private struct State {
    var durable: JournalLink?
    var isFailing = false
    var isForeign = false
  }

  init(path: String) { self.path = path }

  /// The end of what is durable in the file; nil before the first write.
  var durable: JournalLink? { state.withLock(\.durable) }
  /// The last attempt failed.
  var isFailing: Bool { state.withLock { $0.isFailing || $0.isForeign } }
  /// The file is not the one that this vault wrote, or was cut: nothing is added to it.
  var isForeign: Bool { state.withLock(\.isForeign) }

  /// Writes what waits, behind the caller's back.
  func post(_ chain: JournalChain) {
    guard !chain.pending.isEmpty, durable != chain.end else { return }
    queue.async { [self] in write(chain) }
  }

  /// Waits for what was posted until now, for a moment at most: a line is on its medium before the answer, unless that
  /// medium is slow.
  func settled(within patience: Duration = .seconds(2)) async {
    let isDone = Flag()
    queue.async { isDone.raise() }
    let deadline = ContinuousClock.now + patience
    while !isDone.isRaised, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(2)) }
  }

  private final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock(\.self) }
    func raise() { state.withLock { $0 = true } }
  }

  private func write(_ chain: JournalChain) {
    let result = JournalFile(path).append(chain)
    state.withLock { state in
      switch result {
      case .durable(let link):
        state.durable = link
        state.isFailing = false
        state.isForeign = false
      case .failed: state.isFailing = true
      case .foreign: state.isForeign = true
      }
    }
  }
}

/// The journal's file, read and written as a whole: events are rare.
struct JournalFile {
  enum Outcome {
    case durable(JournalLink)
    case failed
    case foreign
  }

  let path: String

  init(_ path: String) { self.path = path }

  /// Adds what of `chain` is not in the file yet, and flushes it.
  func append(_ chain: JournalChain) -> Outcome {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return .failed }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= Journal.byteCountMax, let bytes = JournalFile.read(descriptor, Int(status.st_size))
    else { return .failed }
    let content = JournalFile.content(bytes)
    guard let lines = content.lines else { return .foreign }
    let written: Int
    if lines.isEmpty, content.wholeByteCount == 0 {
      // A new file on a new medium goes on from where the old one was.
      written = 0
    } else {
      let known = [chain.durable] + chain.pending.map { JournalLink($0) }
      guard let last = lines.last, let place = known.firstIndex(of: JournalLink(last)) else { return .foreign }
      written = place
    }
    // Half a line, from when the power went.
    if content.wholeByteCount < bytes.count, ftruncate(descriptor, off_t(content.wholeByteCount)) != 0 {
      return .failed
    }
    let rest = chain.pending.dropFirst(written)
    guard rest.isEmpty || PlainFile.writeAll(rest.flatMap(\.text), to: descriptor), fsync(descriptor) == 0 else {
      return .failed
    }
    if status.st_size == 0 { _ = PlainFile.flushDirectory(StagedVault.parent(of: path)) }
    return .durable(chain.end)
  }

  /// The whole lines, and where the last of them ends; nil lines for what is no journal.
  static func content(_ bytes: [UInt8]) -> (lines: [JournalLine]?, wholeByteCount: Int) {
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    var lines: [JournalLine] = []
    for text in bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      guard let line = JournalLine(text: text) else { return (nil, end) }
      lines.append(line)
    }
    return (lines, end)
  }

  static func read(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    var offset = 0
    while offset < count {
      let got = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress! + offset, count - offset, off_t(offset))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return nil }
      offset += got
    }
    return bytes
  }
}
