import Glibc

/// The page on disk: readable by its owner alone, whole or absent, and never in place of another file unasked.
enum ReportFile {
  static func demandAbsent(_ path: String) throws {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    throw exists(path)
  }

  static func write(_ bytes: [UInt8], to path: String, replaces: Bool) throws {
    let temporary = path + ".\(getpid()).new"
    _ = unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure.file("Cannot write", path, .last) }
    defer { _ = unsafe unlink(temporary) }
    var error: SystemError?
    var rest = bytes[...]
    while !rest.isEmpty, error == nil {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if count == 0 || errno != EINTR { error = .last }
    }
    if error == nil, fsync(descriptor) != 0 { error = .last }
    if close(descriptor) != 0, error == nil { error = .last }
    if let error { throw Failure.file("Cannot write", path, error) }
    // A second name, unlike a new one, is refused where there is a file: also one that came in the meantime.
    let result = replaces ? unsafe rename(temporary, path) : unsafe link(temporary, path)
    guard result == 0 else {
      if errno == EEXIST { throw exists(path) }
      throw Failure.file("Cannot write", path, .last)
    }
  }

  private static func exists(_ path: String) -> Failure {
    Failure(
      .conflict, "There is a file of this name: \(Printable.line(path)).",
      hint: "Choose another name, or add --replace to write over it.", field: "--html")
  }
}
