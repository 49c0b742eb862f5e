import Foundation
import Glibc

/// Everything that a process can write to, byte for byte: what somebody would find who took the machine at this moment.
struct ProcessMemory {
  /// Not allowed to look: `ptrace` is forbidden here.
  struct Forbidden: Error {}

  let regions: [[UInt8]]
  var byteCount: Int { regions.reduce(0) { $0 + $1.count } }

  private static let closedByteCountMax: UInt64 = 1 << 20

  /// Reads the memory of a process that the caller has stopped. Guarded pages are read as well: the kernel does not ask
  /// for their protection here.
  ///
  /// Regions that a process cannot write hold what stands in files, which a key born in memory is never written to.
  init(of identifier: pid_t) throws {
    let maps = String(decoding: Self.file("/proc/\(identifier)/maps"), as: UTF8.self)
    let memory = unsafe open("/proc/\(identifier)/mem", O_RDONLY | O_CLOEXEC)
    guard memory >= 0 else { throw Forbidden() }
    defer { close(memory) }
    var regions: [[UInt8]] = []
    for line in maps.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let bounds = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      let isFile = words.count > 4 && words[4] != "0"
      // Guarded memory at rest may be read only, or closed; large closed regions are address space without memory.
      let isMemory = words[1].hasPrefix("rw") || !isFile
      guard bounds.count == 2, isMemory, words.last?.hasPrefix("[v") != true else { continue }
      guard !words[1].hasPrefix("--") || bounds[1] - bounds[0] < Self.closedByteCountMax else { continue }
      regions += Self.read(memory, from: bounds[0], to: bounds[1])
    }
    guard !regions.isEmpty else { throw Forbidden() }
    self.regions = regions
  }

  /// To its end: such a file tells no size, and gives a page at a time.
  private static func file(_ path: String) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return bytes }
      bytes += buffer.prefix(count)
    }
  }

  /// Page by page where not all of it is there.
  private static func read(_ memory: Int32, from start: UInt64, to end: UInt64) -> [[UInt8]] {
    let chunk: UInt64 = 1 << 20
    var parts: [[UInt8]] = []
    var part: [UInt8] = []
    var place = start
    var buffer = [UInt8](repeating: 0, count: Int(chunk))
    while place < end {
      let wanted = Int(min(chunk, end - place))
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe pread(memory, $0.baseAddress, wanted, off_t(Int64(bitPattern: place)))
      }
      if count > 0 {
        part += buffer.prefix(count)
        place += UInt64(count)
      } else {
        if !part.isEmpty { parts.append(part) }
        part = []
        place += 4096
      }
    }
    if !part.isEmpty { parts.append(part) }
    return parts
  }
}
