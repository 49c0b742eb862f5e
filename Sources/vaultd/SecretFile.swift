import Glibc
import VaultCrypto

/// Files that hold secrets: read into wiped bytes, written 0600 and durable, never over something that is there.
enum SecretFile {
  /// Keys, codes and passphrases are lines.
  static let byteCountMax = 4096

  /// nil where there is no such file. The caller wipes the bytes.
  static func read(
    _ path: String, what: String, byteCountMax: Int = byteCountMax
  ) throws(Failure) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      // A name that no file can have is none of a file that is there.
      if errno == ENOENT || errno == ENAMETOOLONG { return nil }
      throw Failure(1, "\(what) cannot be read.", hint: "Check the owner and the mode of the file.")
    }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: byteCountMax + 1)
    defer { wipe(&buffer) }
    var count = 0
    while count < buffer.count {
      let got = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe Glibc.read(descriptor, bytes.baseAddress! + count, bytes.count - count)
      }
      guard got >= 0 else { throw Failure(1, "\(what) cannot be read.", hint: "Is it a file, and not a directory?") }
      if got == 0 { break }
      count += got
    }
    guard count <= byteCountMax else {
      throw Failure(1, "\(what) is too long.", hint: "It has at most \(byteCountMax) bytes.")
    }
    return Array(buffer.prefix(count))
  }

  /// Whether group or others may read or write it; false where there is no such file.
  static func isOpenToOthers(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & 0o077 != 0
  }

  static func write(_ bytes: UnsafeRawBufferPointer, to path: String, what: String) throws(Failure) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      guard errno != EEXIST else {
        throw Failure(5, "\(what) exists already.", hint: "Choose another path; nothing is ever overwritten.")
      }
      throw Failure(1, "\(what) cannot be written.", hint: "Check that its directory exists and is yours.")
    }
    defer { close(descriptor) }
    unsafe Output.write(bytes, to: descriptor)
    guard fsync(descriptor) == 0, lseek(descriptor, 0, SEEK_CUR) == off_t(bytes.count) else {
      // Half of it is of no use, and its name would be in the way of the next try.
      unsafe unlink(path)
      throw Failure(1, "\(what) could not be written in full.", hint: "Is there room on the disk?")
    }
  }

  /// Makes the file's name durable.
  static func flushDirectory(of path: String) throws(Failure) {
    let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw Failure(1, "The disk did not confirm a new file.", hint: "Check the medium it was written to.")
    }
  }

  /// A line without its end, as guarded memory; nil where there is no such file.
  static func line(_ path: String, what: String) throws(Failure) -> SecretBytes? {
    guard var bytes = try read(path, what: what) else { return nil }
    while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return SecretBytes(wiping: &bytes)
  }
}
