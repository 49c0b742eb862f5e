import Glibc
import VaultCrypto
import VaultModel

/// Where `login` leaves the session for later commands of the same user: in memory-backed runtime storage or nowhere.
///
/// One file for each vault and account. `$VAULT_SESSION_DIR` is somebody's explicit wish and may be anywhere;
/// `$XDG_RUNTIME_DIR` is not used where it lies under the home directory, which is backed up and synchronised.
struct SessionStore {
  private static let directoryName = "vaultsh"
  /// Bytes of a session file: a token, names and the programmes of one account.
  private static let byteCountMax = 64 << 10

  private let directoryPath: String
  private let prefix: String

  /// Nil where there is no place to keep a session.
  init?(socket: String) {
    if let explicit = Environment.path("VAULT_SESSION_DIR") {
      directoryPath = explicit + "/" + Self.directoryName
    } else if let runtime = Environment.path("XDG_RUNTIME_DIR"), !Self.isUnderHome(runtime) {
      directoryPath = runtime + "/" + Self.directoryName
    } else {
      return nil
    }
    prefix = Self.name(of: socket) + "-"
  }

  static let absent = Failure(
    .failed, "There is no place to keep a session: neither VAULT_SESSION_DIR nor XDG_RUNTIME_DIR names one.",
    hint: "Use the prompt (vaultsh without a command), or --passphrase-file or --key-file with each command.")

  /// Before it asks for a passphrase, `login` makes sure that the session can be kept.
  func prepare() throws { _ = try PrivateDirectory(makingAt: directoryPath) }

  func keep(_ session: OpenSession) throws {
    let directory = try PrivateDirectory(makingAt: directoryPath)
    try directory.write(session.document, as: prefix + session.account)
  }

  /// The session of `account`, or the one that logged in last.
  func session(of account: AccountName?) throws -> OpenSession? {
    guard let directory = try PrivateDirectory(existingAt: directoryPath) else { return nil }
    let name = account.map { prefix + $0.description } ?? directory.names().first { $0.hasPrefix(prefix) }
    guard let name, let bytes = directory.read(name, byteCountMax: Self.byteCountMax) else { return nil }
    return OpenSession(document: bytes)
  }

  func forget(_ account: String) {
    guard let directory = try? PrivateDirectory(existingAt: directoryPath) else { return }
    directory.remove(prefix + account)
  }

  /// The same for every spelling of one path, as far as the file system knows it.
  private static func name(of socket: String) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let hash = SHA256.hash(Array(SocketPath.canonical(socket).utf8)).prefix(8)
    return String(decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func isUnderHome(_ path: String) -> Bool {
    guard let home = Environment.path("HOME"), home != "/" else { return false }
    let canonicalHome = SocketPath.canonical(home)
    let canonical = SocketPath.canonical(path)
    return canonical == canonicalHome || canonical.hasPrefix(canonicalHome + "/")
  }
}

/// One spelling for each file.
enum SocketPath {
  /// Absolute and without links where it exists; else as it is.
  static func canonical(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }
}
