import Glibc

/// A CSV file or pipe that is read in chunks; closed when the value goes.
public final class CSVFile {
  /// Bytes read at once: one system call for some hundred rows.
  private static let chunkByteCount = 128 << 10

  private let descriptor: Int32
  /// Size of the file, for a progress bar; nil for a pipe.
  public let byteCount: Int?

  /// Opens for reading. Throws `unreadable` with the system's reason; the path is the caller's to name.
  public init(path: String) throws(ImportError) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else {
      byteCount = nil
      throw Self.unreadable(errno)
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      byteCount = nil
      throw Self.unreadable(errno)
    }
    byteCount = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The next bytes; none at the end.
  public func nextChunk() throws(ImportError) -> [UInt8] {
    var problem: Int32 = 0
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkByteCount) { buffer, count in
      var result: Int
      repeat {
        result = unsafe read(descriptor, buffer.baseAddress, buffer.count)
      } while result < 0 && errno == EINTR
      if result < 0 { problem = errno }
      count = max(result, 0)
    }
    guard problem == 0 else { throw Self.unreadable(problem) }
    return chunk
  }

  private static func unreadable(_ code: Int32) -> ImportError {
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return ImportError(.unreadable, detail: "the file cannot be read: \(reason)")
  }
}
