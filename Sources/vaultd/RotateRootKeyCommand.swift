import ArgumentParser
import VaultEngine

/// A new root key for a vault, while a daemon serves it or while nobody does; no record is written anew.
struct RotateRootKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate-root-key", abstract: "Make a new root key; the old one then opens only older backups.")

  @Option(help: ArgumentHelp("Directory of the vault; a daemon may have it open.", valueName: "dir")) var data: String
  @OptionGroup var rootKey: RootKeyOptions
  @Option(
    help: ArgumentHelp(
      "Where the new root key is written (0600); never inside the data directory, never over something.",
      valueName: "file"))
  var newRootKeyFile: String
  @Option(help: ArgumentHelp("Anchor file; beside the data directory where none is named.", valueName: "file"))
  var anchor: String?

  func run() async throws {
    try DataPlace.refuseInside(newRootKeyFile, data: data)
    let old = try rootKey.load(besides: data)
    let new = RootKey.random()
    var isWritten = false
    do {
      let index = try await Vault.rotateRootKey(directory: data, from: old, to: new, anchorPath: anchor) {
        try new.file.withBytes { bytes throws(Failure) in
          try unsafe SecretFile.write(bytes, to: newRootKeyFile, what: "The new root key file")
        }
        isWritten = true
        try SecretFile.flushDirectory(of: newRootKeyFile)
      }
      Output.line("rotated: the new root key opens the vault and the old one no longer does (log entry \(index)).")
      Output.line("Backups made before now still need the old key: keep it, offline, for as long as you keep them.")
    } catch {
      if isWritten {
        Output.errorLine("vaultd: Keep both root key files: exactly one of them opens the vault.")
        Output.errorLine("hint: `vaultd verify --data DIR --root-key-file FILE` with each tells which.")
      }
      throw error
    }
  }
}
