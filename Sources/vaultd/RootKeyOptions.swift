import ArgumentParser
import Glibc
import VaultEngine

/// Where the root key is looked for: the flag, then the service manager's credentials.
struct RootKeyOptions: ParsableArguments {
  static let credentialName = "vault-root-key"

  @Option(
    help: ArgumentHelp("File with the root key; otherwise $CREDENTIALS_DIRECTORY/vault-root-key.", valueName: "file"))
  var rootKeyFile: String?

  func load() throws -> RootKey {
    let missing = Failure(
      6, "There is no root key, and without it the vault stays closed.",
      hint: "Give --root-key-file FILE, or have the service manager pass the credential vault-root-key. "
        + "Whoever founded the vault keeps it; if it is lost, the recovery shares are the way back.")
    guard let path = rootKeyFile ?? RootKeyOptions.credentialPath else { throw missing }
    guard var bytes = try SecretFile.read(path, what: "The root key file") else { throw missing }
    return try RootKey(wiping: &bytes)
  }

  private static var credentialPath: String? {
    guard let directory = unsafe getenv("CREDENTIALS_DIRECTORY") else { return nil }
    return unsafe String(cString: directory) + "/" + credentialName
  }
}
