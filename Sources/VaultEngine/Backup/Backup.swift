import Glibc
public import VaultCrypto
import VaultStore

/// One moment of a vault as an age file, whose content is the SQLite database as it is. The root key is not in it.
public enum Backup {
  /// Copies the vault in `directory` to the open file `descriptor`, whoever has it open. Note the beginning first.
  public static func write(
    _ directory: String, to recipients: [AgeRecipient], descriptor: Int32
  ) throws(VaultError) -> BackupFile {
    let sink = BackupSink(descriptor: descriptor)
    do {
      let copy = try StoreCopy(of: directory)
      var writer = try AgeWriter(to: recipients) { try sink.write($0) }
      try copy.forEachBlock { try writer.write($0) }
      try writer.finish()
      return sink.finish()
    } catch let error as VaultError {
      throw error
    } catch let error as StoreError where error.code == .busy {
      throw VaultError(.busy, "Another backup of this vault is being made.", hint: "Wait until it has ended.")
    } catch let error as StoreError where error.code == .full {
      throw VaultError(
        .full, "The vault's disk has no room for the copy that a backup is made from.",
        hint: "Make room for as much as the database has, or move the vault to a larger disk. Nothing was written.")
    } catch let error as StoreError {
      throw VaultError(error)
    } catch {
      throw VaultError(
        .failed, "The backup could not be encrypted.", hint: "Give at least one --recipient, and not thousands.")
    }
  }
}

/// Takes a file as it is written, and knows its length and hash.
private final class BackupSink {
  private let descriptor: Int32
  private var byteCount: UInt64 = 0
  private var hash: RunningHash? = RunningHash()

  init(descriptor: Int32) { self.descriptor = descriptor }

  func write(_ bytes: [UInt8]) throws(VaultError) {
    guard PlainFile.writeAll(bytes, to: descriptor) else {
      throw VaultError(
        .failed, "The backup could not be written.",
        hint: "Is there room where it goes, and does the reader still read?"
      )
    }
    hash?.add(bytes)
    byteCount += UInt64(bytes.count)
  }

  func finish() -> BackupFile { BackupFile(byteCount: byteCount, digest: hash.take()?.finish() ?? []) }
}

/// System calls that may do less than they were asked to.
enum PlainFile {
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes { unsafe writeAll($0, to: descriptor) }
  }

  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var rest = unsafe bytes
    while let start = rest.baseAddress, unsafe !rest.isEmpty {
      let count = unsafe write(descriptor, start, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
    return true
  }

  /// Makes the names in a directory durable.
  static func flushDirectory(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }
}
