import Glibc
import VaultCrypto
import VaultEngine

/// Where root keys lie, seen from a data directory.
struct RootKeyPlace {
  private static let fileCountMax = 1000
  private static let depthMax = 8

  let data: String

  /// Root key files within the data directory, under whatever name and however deep.
  var keysInside: Int { keys(in: data, depth: 0) }

  private func keys(in directory: String, depth: Int) -> Int {
    guard depth < Self.depthMax else { return 0 }
    return DirectoryNames.all(in: directory, countMax: Self.fileCountMax).reduce(0) { count, name in
      let path = directory + "/" + name
      var status = stat()
      guard name != ".", name != "..", unsafe lstat(path, &status) == 0 else { return count }
      if status.st_mode & S_IFMT == S_IFDIR { return count + keys(in: path, depth: depth + 1) }
      return count + (isRootKey(path) ? 1 : 0)
    }
  }

  /// Whether one disk, or one copy of it, holds both.
  func sharesFileSystem(with path: String) -> Bool {
    var (key, directory) = (stat(), stat())
    return unsafe stat(path, &key) == 0 && stat(data, &directory) == 0 && key.st_dev == directory.st_dev
  }

  private func isRootKey(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= RootKey.fileByteCountMax
    else { return false }
    var bytes = [UInt8](repeating: 0, count: RootKey.fileByteCountMax)
    defer { wipe(&bytes) }
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    return count > 0 && RootKey.begins(bytes)
  }
}
