import Foundation
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Everything of this run lies below it; what a static value still holds at the end is removed there.
private let runDirectory: String = {
  atexit { try? FileManager.default.removeItem(atPath: runDirectory) }
  return FileManager.default.temporaryDirectory.path + "/vault-engine-" + UUID().uuidString
}()

/// A data directory, its root key and its clock; the directory and its anchor vanish with the value.
final class VaultPlace: Sendable {
  private let parent: String
  let root: RootKey
  let clock: TurnableClock

  var directory: String { parent + "/data" }
  var anchor: String { parent + "/data.anchor" }
  var database: String { directory + "/vault.sqlite" }

  init(root: RootKey = .random(), clock: TurnableClock = TurnableClock()) throws {
    parent = runDirectory + "/" + UUID().uuidString
    self.root = root
    self.clock = clock
    try FileManager.default.createDirectory(
      atPath: parent + "/data", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: parent) }

  /// A second place with the same bytes, root key and time. The vault must be closed.
  func copy(withAnchor: Bool = true) throws -> VaultPlace {
    let copy = try VaultPlace(root: root, clock: TurnableClock(setBy: clock))
    try FileManager.default.removeItem(atPath: copy.directory)
    try FileManager.default.copyItem(atPath: directory, toPath: copy.directory)
    if withAnchor, FileManager.default.fileExists(atPath: anchor) {
      try FileManager.default.copyItem(atPath: anchor, toPath: copy.anchor)
    }
    return copy
  }

  func open(
    removesGate: Bool = false, allowsDemo: Bool = true, root: RootKey? = nil,
    beforeCommit: (@Sendable () throws -> Void)? = nil, change: (inout Vault.Options) -> Void = { _ in }
  ) async throws -> Vault {
    var options = Vault.Options()
    options.clock = clock.vaultClock
    options.allowsDemo = allowsDemo
    options.removesGate = removesGate
    options.beforeCommit = beforeCommit
    // Copies of a place would each hold one.
    options.adjustStore = { $0.reserveByteCount = 0 }
    change(&options)
    return try await Vault.open(directory: directory, root: root ?? self.root, options: options)
  }

  /// Opens, works, and closes however the work ends.
  func withVault<R>(removesGate: Bool = false, _ body: (Vault) async throws -> R) async throws -> R {
    let vault = try await open(removesGate: removesGate)
    do {
      let result = try await body(vault)
      await vault.close()
      return result
    } catch {
      await vault.close()
      throw error
    }
  }

  /// Edits rows behind the vault's back.
  func tamper<R>(_ body: (borrowing WriteTransaction) throws -> R) throws -> R {
    let store = try VaultStore.open(directory: directory)
    defer { try? store.close() }
    return try store.initialise(body)
  }

  /// Edits rows while a vault is open, over a connection of its own.
  func tamperBeside(_ body: (borrowing WriteTransaction) throws -> Void) throws {
    let connection = try StoreConnection(path: database, role: .writer, options: StoreOptions())
    try connection.transaction(beforeCommit: nil) { db in try body(WriteTransaction(access: RowAccess(db: db))) }
    try connection.close()
  }

  func rows(_ table: StoreTable) throws -> [StoredRow] {
    let store = try VaultStore.open(directory: directory)
    defer { try? store.close() }
    return try store.read { view in try view.rows(table, limit: .max) }
  }
}

/// A passphrase or a code as the engine takes it.
func secret(_ text: String) -> SecretBytes {
  var bytes = Array(text.utf8)
  return SecretBytes(wiping: &bytes)
}

func name(_ text: String) throws -> AccountName { try AccountName(text) }
func programme(_ text: String) throws -> ProgrammeID { try ProgrammeID(text) }

func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

/// Runs `body` and returns the code it was refused with; nil where it was let through.
func refusal<R>(_ body: () async throws -> R) async -> VaultError.Code? {
  do {
    _ = try await body()
    return nil
  } catch let error as VaultError {
    return error.code
  } catch {
    return .failed
  }
}
