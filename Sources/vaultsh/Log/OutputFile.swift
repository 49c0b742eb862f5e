import Glibc

/// A file that is whole or absent: written beside its place and renamed.
enum OutputFile {
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
    let temporary = path + ".new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw Failure.file("Cannot write", path, .last) }
    var rest = bytes[...]
    var error: SystemError?
    while !rest.isEmpty, error == nil {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if count == 0 || errno != EINTR { error = .last }
    }
    if close(descriptor) != 0, error == nil { error = .last }
    if error == nil, unsafe rename(temporary, path) != 0 { error = .last }
    if let error {
      _ = unsafe unlink(temporary)
      throw Failure.file("Cannot write", path, error)
    }
  }

  /// For its owner alone, and never in place of another file.
  static func writeNew(_ bytes: [UInt8], to path: String) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure.file("Cannot write", path, .last) }
    close(descriptor)
    try write(bytes, to: path, mode: 0o600)
  }

  /// Takes back a place that was held and not used.
  static func removeEmpty(_ path: String) { _ = unsafe unlink(path) }

  /// With those above it.
  static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws {
    for slash in path.indices.dropFirst() where path[slash] == "/" { _ = unsafe mkdir(String(path[..<slash]), mode) }
    guard unsafe mkdir(path, mode) != 0, errno != EEXIST else { return }
    throw Failure.file("Cannot make", path, .last)
  }
}
