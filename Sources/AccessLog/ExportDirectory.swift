import Glibc

/// Writes a log as files below one directory (C2SP tlog-tiles): `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
/// `tile/entries/…`. `LogDirectory` reads it, `ExportVerifier` verifies it.
///
/// Every file is written beside its place and renamed, and the checkpoint comes last: whoever reads meanwhile, and
/// whoever goes on after an interruption, finds a whole log or the whole older one. The log's public key does not belong
/// in here: who could replace the files could replace it too.
public struct ExportDirectory: Sendable {
  public let path: String
  public var files: LogDirectory { LogDirectory(path) }

  public init(_ path: String) { self.path = path }

  /// Throws `LogDirectory.Failure` where the system refuses.
  public func write(_ bytes: [UInt8], at place: TilePath) throws(LogDirectory.Failure) {
    try write(bytes, as: place.text)
  }

  /// After everything that it stands for.
  public func write(_ checkpoint: VerifiedCheckpoint) throws(LogDirectory.Failure) {
    try write(checkpoint.encoded, as: TilePath.checkpoint)
  }

  /// A tree of `newer` leaves shows in wider tiles what these partial ones of a tree of `older` showed.
  public func removeTiles(ofTreeOf older: UInt64, replacedBy newer: UInt64) {
    for tile in TileCheck.edge(ofTreeOf: older) {
      guard Tile(level: tile.level, index: tile.index, inTreeOf: newer) != tile else { continue }
      remove(.hashes(tile))
      if tile.level == 0 { remove(.entries(tile)) }
    }
  }

  private func remove(_ place: TilePath) {
    let file = path + "/" + place.text
    _ = unsafe unlink(file)
    // `NNN.p` goes with its last file.
    if let slash = file.lastIndex(of: "/") { _ = unsafe rmdir(String(file[..<slash])) }
  }

  private func write(_ bytes: [UInt8], as name: String) throws(LogDirectory.Failure) {
    let file = path + "/" + name
    let temporary = file + ".new"
    var descriptor = ExportDirectory.create(temporary)
    if descriptor < 0, errno == ENOENT {
      for slash in file.indices.dropFirst() where file[slash] == "/" {
        // What is wrong with one of them shows when the file is opened.
        _ = unsafe mkdir(String(file[..<slash]), 0o755)
      }
      descriptor = ExportDirectory.create(temporary)
    }
    guard descriptor >= 0 else { throw LogDirectory.Failure(path: name, errno: errno) }
    var failure = ExportDirectory.write(bytes, to: descriptor)
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, unsafe rename(temporary, file) != 0 { failure = errno }
    guard failure == 0 else {
      _ = unsafe unlink(temporary)
      throw LogDirectory.Failure(path: name, errno: failure)
    }
  }

  private static func create(_ file: String) -> Int32 {
    unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
  }

  /// Zero, or the `errno`.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    unsafe bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let step = unsafe Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
        if step < 0 && errno == EINTR { continue }
        guard step > 0 else { return step == 0 ? EIO : errno }
        written += step
      }
      return 0
    }
  }
}
