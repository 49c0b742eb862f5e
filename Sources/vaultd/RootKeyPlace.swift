import Glibc
import VaultCrypto
import VaultEngine

/// Where root keys lie, seen from a data directory.
struct RootKeyPlace {
  private static let fileCountMax = 1000

  let data: String

  /// Root key files directly within the data directory, under whatever name.
  var keysInside: Int {
    guard let entries = unsafe opendir(data) else { return 0 }
    defer { unsafe closedir(entries) }
    var count = 0
    var seen = 0
    while let entry = unsafe readdir(entries), seen < Self.fileCountMax {
      seen += 1
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if isRootKey(data + "/" + String(decoding: name, as: UTF8.self)) { count += 1 }
    }
    return count
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
