import ArgumentParser
import Glibc
import VaultEngine

/// Where the root key is looked for: the flag, then the service manager's credentials.
struct RootKeyOptions: ParsableArguments {
  static let credentialName = "vault-root-key"

  @Option(
    help: ArgumentHelp("File with the root key; otherwise $CREDENTIALS_DIRECTORY/vault-root-key.", valueName: "file"))
  var rootKeyFile: String?

  /// - Parameter data: the data directory that the key must not lie in; nil where there is none yet.
  func load(besides data: String?) throws -> RootKey {
    let missing = Failure(
      6, "There is no root key, and without it the vault stays closed.",
      hint: "Give --root-key-file FILE, or have the service manager pass the credential vault-root-key. "
        + "Whoever founded the vault keeps it. If it is lost, keep the data directory and the recovery shares.")
    guard let path else { throw missing }
    if let data { try DataPlace.refuseInside(path, data: data) }
    if isOpenToOthers {
      Output.errorLine("vaultd: Other users of this host can read the root key file.")
      Output.errorLine("hint: chmod 600 it, and think of the key as known to them.")
    }
    guard var bytes = try SecretFile.read(path, what: "The root key file") else { throw missing }
    return try RootKey(wiping: &bytes)
  }

  /// Where `load` would look.
  var path: String? { rootKeyFile ?? RootKeyOptions.credentialPath }

  /// Whether others than its owner can read it. The service manager's credentials are closed to others by its own means,
  /// and their mode shows only a mask.
  var isOpenToOthers: Bool {
    guard let path, path != RootKeyOptions.credentialPath else { return false }
    return SecretFile.isOpenToOthers(path)
  }

  private static var credentialPath: String? {
    guard let directory = unsafe getenv("CREDENTIALS_DIRECTORY") else { return nil }
    return unsafe String(cString: directory) + "/" + credentialName
  }
}
