import AccessLog
import Glibc

/// The public keys that files are verified with: named by whoever verifies, else those that lie beside the directory.
struct OfflineKeys {
  let log: NoteKey
  let cosigners: [NoteKey]
  /// Where the log's key came from, unless it was named.
  private let file: String?

  /// - Parameter directory: without a slash at its end.
  init(of directory: String, log named: NoteKey?, cosigners: [NoteKey]) throws {
    if let named {
      log = named
      file = nil
    } else {
      let beside = ProofBundleFile.logKey(beside: directory)
      guard unsafe access(beside, R_OK) == 0 else {
        throw Failure.usage(
          "It is not said which key signs this log, and there is no \(Printable.line(beside)).",
          hint: "Give --log-key with the key that the vault publishes, as `vaultsh status --json` shows it.",
          field: "--log-key")
      }
      log = try LogKeyText.key(beside, .ed25519, option: "--log-key")
      file = beside
    }
    let beside = ProofBundleFile.cosignerKey(beside: directory)
    guard cosigners.isEmpty, unsafe access(beside, R_OK) == 0 else {
      self.cosigners = cosigners
      return
    }
    self.cosigners = [try LogKeyText.key(beside, .cosignature, option: "--cosigner")]
  }

  @MainActor func warn(_ sheet: inout Sheet) {
    guard let file else { return }
    sheet.paragraph(
      "The key was taken from \(file). Compare it with the one that you got in another way: who could change the "
        + "directory could change that file too.", tone: .careful)
  }
}

enum DirectoryPath {
  /// Without slashes at its end, so that a name can be put beside it.
  static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// For what is written beside a directory, which needs a name of its own.
  static func named(_ path: String, field: String) throws -> String {
    let path = trimmed(path)
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard !name.isEmpty, name != ".", name != ".." else {
      throw Failure.usage(
        "The log's key is written beside the directory, which needs a name of its own.",
        hint: "Give a directory such as ./log-2026-05.", field: field)
    }
    return path
  }
}
