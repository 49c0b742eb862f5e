import Glibc

/// A directory of ours alone: 0700, our own, no link. What is written there is 0600 and whole or absent.
struct PrivateDirectory {
  let path: String

  /// Makes the directory where it is missing, and those above it.
  init(makingAt path: String) throws {
    self.path = path
    for slash in path.indices.dropFirst() where path[slash] == "/" {
      // What is wrong with one above shows when the last one is made.
      _ = unsafe mkdir(String(path[..<slash]), 0o700)
    }
    if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.refusal(path, SystemError.last.words) }
    try check()
  }

  /// Nil where there is none.
  init?(existingAt path: String) throws {
    self.path = path
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    try check()
  }

  private func check() throws {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw Self.refusal(path, SystemError.last.words) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw Self.refusal(path, "it is not a directory") }
    guard status.st_uid == geteuid() else { throw Self.refusal(path, "it belongs to somebody else") }
    guard status.st_mode & 0o077 == 0 else { throw Self.refusal(path, "others have access to it") }
  }

  private static func refusal(_ path: String, _ reason: String) -> Failure {
    Failure(
      .failed, "\(Printable.line(path)) cannot be used: \(reason).",
      hint: "It has to be a directory of your own with mode 0700.")
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// The files here, newest first.
  func names() -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var found: [(name: String, seconds: Int, nanoseconds: Int)] = []
    while let entry = unsafe readdir(directory) {
      // By address: to read `d_name` as a value copies all of its 256 bytes, past the end of what the system filled in.
      let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!
      let name = unsafe String(
        cString: (UnsafeRawPointer(entry) + nameOffset).assumingMemoryBound(to: CChar.self))
      var status = stat()
      guard !name.hasPrefix("."), unsafe lstat(file(name), &status) == 0 else { continue }
      found.append((name, status.st_mtim.tv_sec, status.st_mtim.tv_nsec))
    }
    return found.sorted { ($0.seconds, $0.nanoseconds) > ($1.seconds, $1.nanoseconds) }.map(\.name)
  }

  /// Nil where there is none, or where it is not ours alone.
  func read(_ name: String, byteCountMax: Int) -> [UInt8]? {
    let descriptor = unsafe open(file(name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & S_IFMT == S_IFREG,
      status.st_mode & 0o077 == 0, status.st_size <= byteCountMax
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
    return count == bytes.count ? bytes : nil
  }

  /// Written beside and renamed, so that nobody ever reads half of it.
  func write(_ bytes: [UInt8], as name: String) throws {
    let temporary = file(".\(name).\(getpid())")
    _ = unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure.file("Cannot write", temporary, .last) }
    defer { close(descriptor) }
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count, unsafe rename(temporary, file(name)) == 0 else {
      let error = SystemError.last
      _ = unsafe unlink(temporary)
      throw Failure.file("Cannot write", file(name), error)
    }
  }

  /// Overwrites it first: what was in it opened a session.
  func remove(_ name: String) {
    let descriptor = unsafe open(file(name), O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor >= 0 {
      var status = stat()
      if unsafe fstat(descriptor, &status) == 0 {
        let zeros = [UInt8](repeating: 0, count: Int(status.st_size))
        _ = unsafe zeros.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      }
      close(descriptor)
    }
    _ = unsafe unlink(file(name))
  }
}
