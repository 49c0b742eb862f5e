import Glibc

/// The files of a log (C2SP tlog-tiles) as they lie below its prefix, wherever that is. Nothing they say is trusted.
public protocol LogFiles: Sendable {
  /// The bytes of the file at `path` (`checkpoint`, or what `TilePath.text` says), nil where there is none. Throws
  /// rather than read more than `byteCountMax` bytes. Called from several threads at once.
  func contents(of path: String, byteCountMax: Int) throws -> [UInt8]?
}

/// A log's files in a directory: an export, on whatever machine it was carried to.
public struct LogDirectory: LogFiles {
  /// Where a file could not be read although it is there.
  public struct Failure: Error, Equatable {
    /// Below the directory.
    public let path: String
    public let errno: Int32
  }

  public let directory: String

  public init(_ directory: String) { self.directory = directory }

  /// `malformed` for what is not an ordinary file or larger than its bound, `Failure` where the system refuses.
  public func contents(of path: String, byteCountMax: Int) throws -> [UInt8]? {
    // Without blocking: a named pipe in a directory that a stranger made must not stop us.
    let descriptor = unsafe open(directory + "/" + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { return nil }
      throw Failure(path: path, errno: code)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw Failure(path: path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw LogError(.malformed, "not an ordinary file") }
    guard status.st_size <= byteCountMax else { throw LogError(.malformed, "file is larger than its bound") }
    return try LogDirectory.read(descriptor, count: Int(status.st_size), path: path)
  }

  private static func read(_ descriptor: Int32, count: Int, path: String) throws -> [UInt8] {
    try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let got = unsafe Glibc.read(descriptor, buffer.baseAddress! + initialized, count - initialized)
        if got < 0 && errno == EINTR { continue }
        guard got >= 0 else { throw Failure(path: path, errno: errno) }
        guard got > 0 else { throw LogError(.malformed, "file grew shorter while it was read") }
        initialized += got
      }
    }
  }
}
