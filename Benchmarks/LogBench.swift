import AccessLog
import CSodium
import Glibc
import VaultCrypto

/// The access log: `log.verify`, `log.open`, `log.append`.
struct LogBench {
  var entryCount = 1_000_000
  var threadCount = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  var directory = "/tmp"

  /// Leaves of one ordinary entry; what the raw figures hash and encrypt.
  private static let leafByteCount = 512
  /// Of a padded entry in such a leaf, before the tag.
  private static let paddedByteCount = leafByteCount - EnvelopeSuite.leafHeaderByteCount - Envelope.overheadByteCount
  /// Entries of one group commit, after which a checkpoint is signed.
  private static let batchCount = 64

  mutating func take(_ option: String, _ value: String) -> Bool {
    switch (option, Int(value)) {
    case ("--entries", let count?) where (1...100_000_000).contains(count): entryCount = count
    case ("--threads", let count?) where (1...256).contains(count): threadCount = count
    case ("--directory", _): directory = value
    default: return false
    }
    return true
  }

  func run() throws {
    let log = try SampleLog()
    let export = ExportDirectory(directory + "/vault-bench-\(getpid())")
    guard unsafe mkdir(export.path, 0o700) == 0 else { VaultBench.fail("cannot make \(export.path)") }
    defer { remove(export, size: UInt64(entryCount)) }
    say("writing \(entryCount) entries to \(export.path)")
    try write(log, to: export)
    say(Figure.heading)
    for threads in Set([threadCount, 1]).sorted(by: >) {
      try report(verify(log, export, threads: threads))
    }
    for threads in Set([threadCount, 1]).sorted(by: >) {
      try report(open(log, export, threads: threads))
    }
    for keyed in [8, 1] {
      try report(openQuiet(log, entriesPerKey: keyed))
    }
    try report(append(log, entriesPerKey: 256))
    try report(append(log, entriesPerKey: LogBench.batchCount))
  }

  private func report(_ figure: Figure) throws {
    print(figure.json)
    _ = fflush(nil)
    say(figure.row)
  }

  // MARK: The export

  private func write(_ log: borrowing SampleLog, to export: ExportDirectory) throws {
    var sealer = log.sealer()
    var frontier = TreeFrontier()
    var levels: [[TreeHash]] = [[]]
    for start in stride(from: 0, to: entryCount, by: Tile.widthMax) {
      var leaves: [[UInt8]] = []
      for index in start..<min(start + Tile.widthMax, entryCount) {
        let leaf = try sealer.seal(log.entry(index), index: UInt64(index), nowNanoseconds: SampleLog.nowNanoseconds)
        precondition(leaf.count == LogBench.leafByteCount)
        leaves.append(leaf)
        frontier.append(.leaf(leaf)) { subtree in
          guard let position = subtree.tilePosition else { return }
          while levels.count <= position.level { levels.append([]) }
          levels[position.level].append(subtree.root)
        }
      }
      let tile = try Tile(level: 0, index: UInt64(start / Tile.widthMax), width: leaves.count)
      try export.write(EntryBundle.encode(leaves), at: .entries(tile))
    }
    for level in levels.indices {
      for tile in Tile.all(level: level, inTreeOf: frontier.size) {
        let start = Int(tile.index) * Tile.widthMax
        try export.write(Tile.encode(Array(levels[level][start..<start + tile.width])), at: .hashes(tile))
      }
    }
    try export.write(.signing(size: frontier.size, root: frontier.root(), with: log.signer))
  }

  private func remove(_ export: ExportDirectory, size: UInt64) {
    func remove(_ path: String) {
      var path = path[...]
      _ = unsafe unlink(export.path + "/" + path)
      while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        guard unsafe rmdir(export.path + "/" + path) == 0 else { break }
      }
    }
    for path in TilePath.all(inTreeOf: size) { remove(path.text) }
    remove(TilePath.checkpoint)
    _ = unsafe rmdir(export.path)
  }

  // MARK: Verifying

  private func verify(_ log: borrowing SampleLog, _ export: ExportDirectory, threads: Int) throws -> Figure {
    let verifier = ExportVerifier(export.files, log: log.signer.noteKey, concurrency: threads)
    let elapsed = try Elapsed.measuring {
      guard try verifier.verify().size == UInt64(entryCount) else { VaultBench.fail("wrong size") }
    }
    return Figure(
      name: "log.verify, from disk", count: entryCount, threads: threads, elapsed: elapsed, raw: rawHashing(threads),
      limit: threads == threadCount ? .wallSeconds(2 * Double(entryCount) / 1e6) : nil)
  }

  /// SHA-256 of as many leaves and as many nodes, from memory.
  private func rawHashing(_ threads: Int) -> Elapsed {
    let share = entryCount / threads
    return Elapsed.measuring {
      onThreads(threads) {
        let leaf = [UInt8](repeating: 7, count: 1 + LogBench.leafByteCount)
        let node = [UInt8](repeating: 7, count: 1 + 2 * TreeHash.byteCount)
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        for _ in 0..<share {
          unsafe crypto_hash_sha256(&digest, leaf, UInt64(leaf.count))
          unsafe crypto_hash_sha256(&digest, node, UInt64(node.count))
        }
      }
    }
  }

  // MARK: Opening

  /// Every bundle read from disk, every entry opened and looked at, as an auditor's filter does.
  private func open(_ log: borrowing SampleLog, _ export: ExportDirectory, threads: Int) throws -> Figure {
    var opener = log.opener()
    var found = 0
    let elapsed = try Elapsed.measuring {
      for tile in Tile.all(level: 0, inTreeOf: UInt64(entryCount)) {
        let path = TilePath.entries(tile).text
        guard let bytes = try export.files.contents(of: path, byteCountMax: EntryBundle.byteCountMax) else {
          VaultBench.fail("\(path) is missing")
        }
        let leaves = try EntryBundle.decode(bytes, count: tile.width)
        found += try filter(leaves, from: tile.index * UInt64(Tile.widthMax), threads: threads, &opener)
      }
    }
    // Every 5,000th entry is of the record that was looked for.
    guard found == (entryCount + 4957) / 5000 else { VaultBench.fail("found \(found)") }
    return Figure(
      name: "log.open and filter, 256 entries a key", count: entryCount, threads: threads, elapsed: elapsed,
      raw: rawOpening(threads), limit: threads == threadCount ? .wallSeconds(10 * Double(entryCount) / 1e6) : nil)
  }

  /// As in a vault where little happens: log keys live for a second, and serve few entries.
  private func openQuiet(_ log: borrowing SampleLog, entriesPerKey: Int) throws -> Figure {
    let count = min(entryCount, 64_000)
    var sealer = log.sealer()
    var leaves: [[UInt8]] = []
    leaves.reserveCapacity(count)
    for index in 0..<count {
      if index.isMultiple(of: entriesPerKey) { sealer.forget() }
      leaves.append(
        try sealer.seal(log.entry(index), index: UInt64(index), nowNanoseconds: SampleLog.nowNanoseconds))
    }
    var opener = log.opener()
    let elapsed = try Elapsed.measuring {
      _ = try filter(leaves, from: 0, threads: threadCount, &opener)
    }
    let unit = entriesPerKey == 1 ? "1 entry a key" : "\(entriesPerKey) entries a key"
    return Figure(name: "log.open and filter, \(unit)", count: count, threads: threadCount, elapsed: elapsed)
  }

  private func filter(
    _ leaves: [[UInt8]], from first: UInt64, threads: Int, _ opener: inout LeafOpener
  ) throws -> Int {
    try opener.open(leaves, from: first, concurrency: threads) { _, entry -> Int? in
      entry.record == "lusab-babad-gutih-42" && entry.outcome == .allowed ? 1 : nil
    }.count
  }

  /// XChaCha20-Poly1305 alone, of as many padded entries.
  private func rawOpening(_ threads: Int) -> Elapsed {
    let share = entryCount / threads
    return Elapsed.measuring {
      onThreads(threads) {
        var cipher = RawCipher(byteCount: LogBench.paddedByteCount)
        cipher.open(share)
      }
    }
  }

  // MARK: Appending

  /// What the writer does for one entry: encode, seal, hash, merge, and its 64th part of a signed checkpoint; no disk.
  private func append(_ log: borrowing SampleLog, entriesPerKey: Int) throws -> Figure {
    let count = max(LogBench.batchCount, min(entryCount, 256_000) / LogBench.batchCount * LogBench.batchCount)
    let entries = (0..<LogBench.batchCount).map { log.entry($0) }
    var sealer = log.sealer()
    var frontier = TreeFrontier()
    let elapsed = try Elapsed.measuring {
      for start in stride(from: 0, to: count, by: LogBench.batchCount) {
        if start.isMultiple(of: entriesPerKey) { sealer.forget() }
        for (offset, entry) in entries.enumerated() {
          let leaf = try sealer.seal(
            entry, index: UInt64(start + offset), nowNanoseconds: SampleLog.nowNanoseconds)
          frontier.append(.leaf(leaf))
        }
        _ = try VerifiedCheckpoint.signing(size: frontier.size, root: frontier.root(), with: log.signer).encoded
      }
    }
    let raw = Elapsed.measuring {
      let leaf = [UInt8](repeating: 7, count: 1 + LogBench.leafByteCount)
      let node = [UInt8](repeating: 7, count: 1 + 2 * TreeHash.byteCount)
      var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
      for _ in 0..<count {
        unsafe crypto_hash_sha256(&digest, leaf, UInt64(leaf.count))
        unsafe crypto_hash_sha256(&digest, node, UInt64(node.count))
      }
      var cipher = RawCipher(byteCount: LogBench.paddedByteCount)
      cipher.seal(count)
    }
    return Figure(
      name: "log.append, batch of 64, \(entriesPerKey) entries a key", count: count, threads: 1, elapsed: elapsed,
      raw: raw, limit: .processorMicroseconds(10))
  }
}

/// The cipher of entries without anything around it.
private struct RawCipher {
  private var plaintext: [UInt8]
  private var ciphertext: [UInt8]
  private let key = [UInt8](repeating: 1, count: 32)
  private let nonce = [UInt8](repeating: 2, count: 24)

  init(byteCount: Int) {
    plaintext = [UInt8](repeating: 3, count: byteCount)
    ciphertext = [UInt8](repeating: 0, count: byteCount + 16)
    seal(1)
  }

  mutating func seal(_ count: Int) {
    for _ in 0..<count {
      _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
        &ciphertext, nil, plaintext, UInt64(plaintext.count), nil, 0, nil, nonce, key)
    }
  }

  mutating func open(_ count: Int) {
    for _ in 0..<count {
      let status = unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
        &plaintext, nil, nil, ciphertext, UInt64(ciphertext.count), nil, 0, nonce, key)
      precondition(status == 0)
    }
  }
}
