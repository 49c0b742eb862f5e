import AccessLog
import Glibc
import VaultAPI
import VaultClient

/// The vaults this person has used, like `known_hosts`: the id of each, its log's key, and the last checkpoint that was
/// seen and proven to extend the one before.
///
/// A daemon that answers with another id, another key, a shorter log or a rewritten one is not the vault that was there
/// before, or not in the state it was in. Kept off the host of the vault where the shell runs elsewhere.
struct KnownVaults {
  static let fileName = "known_vaults"
  /// Bytes of the file: some thousand vaults.
  private static let byteCountMax = 4 << 20

  private let directoryPath: String
  private let socket: String
  var path: String { directoryPath + "/" + Self.fileName }

  /// Nil where there is neither `$XDG_STATE_HOME` nor a home.
  init?(socket: String) {
    guard
      let state = Environment.path("XDG_STATE_HOME") ?? Environment.path("HOME").map({ $0 + "/.local/state" })
    else { return nil }
    directoryPath = state + "/vaultsh"
    self.socket = SocketPath.canonical(socket)
  }

  /// Refuses what it cannot read: a pin that is passed over in silence is no pin.
  func entries() throws -> [KnownVault] {
    guard let directory = try PrivateDirectory(existingAt: directoryPath), unsafe access(path, F_OK) == 0 else {
      return []
    }
    guard let bytes = directory.read(Self.fileName, byteCountMax: Self.byteCountMax) else {
      throw Failure(
        .failed, "\(Printable.line(path)), which says what this vault was when you last used it, cannot be used.",
        hint: "It has to be an ordinary file of your own with mode 0600. Others must not have been able to change it.")
    }
    return try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      guard let entry = KnownVault(line: line) else {
        throw LogFailure.integrity(
          "The memory of known vaults is damaged", "A line of \(Printable.line(path)) is not what this program writes.",
          "Somebody or something has changed the file. Bring it back from a backup of your own, or ask the auditor to "
            + "compare the vault with a checkpoint of theirs before you remove the line.")
      }
      return entry
    }
  }

  /// Before a passphrase is sent: that this is the vault it was, that the same key signs its log, and that the log is no
  /// shorter. A vault is known by its id too, wherever its socket lies now.
  /// - Returns: what was known; nil for a vault that is new here.
  @discardableResult
  func check(_ status: StatusAnswer) throws -> KnownVault? {
    let entries = try entries()
    try checkVault(status, among: entries)
    // Lines of other sockets that remember the log before a restore which this person has followed since.
    let isFollowed = entries.contains { $0.vault == status.vault && $0.logKey == status.logKey }
    let same = entries.filter { $0.vault == status.vault && !(isFollowed && $0.isBefore(status.logKey)) }
    if let other = same.first(where: { $0.logKey != status.logKey }) {
      throw LogSuccession.refusal(from: other, to: status.logKey, place: Printable.line(path))
    }
    guard let known = same.max(by: { $0.size < $1.size }) else { return nil }
    guard known.size <= status.logSize else {
      throw pinned(LogFailure.rolledBack(from: known.size, to: status.logSize, keptAt: Printable.line(path)))
    }
    guard known.size < status.logSize || known.root == status.logRoot else {
      throw pinned(LogFailure.forked(at: known.size, keptAt: Printable.line(path)))
    }
    return known
  }

  func checkVault(_ status: StatusAnswer, among entries: [KnownVault]) throws {
    guard let here = entries.first(where: { $0.socket == socket }), here.vault != status.vault else { return }
    throw LogFailure.integrity(
      "Another vault answers here", "Another vault answers at this socket than the one you used before.",
      "Do not log in before you know why. If the vault was made anew on purpose, remove its line from "
        + "\(Printable.line(path)).")
  }

  /// With a session: that the signed log only grew from what was known. Then remembers it as it is now.
  @discardableResult
  func advance(from known: KnownVault?, status: StatusAnswer, for use: LogUse = .verify, with client: VaultClient)
    async throws -> ProvenLog
  {
    let note = try await client.checkpoint(for: use)
    let log: ProvenLog
    do {
      let key = try NoteKey(vkey: known?.logKey ?? status.logKey)
      log = ProvenLog(
        checkpoint: try UnverifiedCheckpoint(encoded: note).verified(by: key), key: key, vault: status.vault)
    } catch {
      throw error.code == .notAuthentic
        ? LogFailure.notSigned("The vault's checkpoint") : LogFailure.malformed("The vault's checkpoint")
    }
    if let known {
      do {
        try await log.verifyExtends(
          size: known.size, root: try TreeHash(Base64Text.decode(known.root)), keptAt: Printable.line(path),
          with: client)
      } catch let failure as Failure where failure.exitCode == .integrity {
        throw keepEvidence(note, of: known.vault, pinned(failure))
      }
    }
    try remember(KnownVault(socket: socket, status: status, log: log))
    return log
  }

  /// The log of the vault as it is now, proven to extend what was known here.
  @MainActor static func proven(in shell: Shell, for use: LogUse = .verify) async throws -> ProvenLog {
    let status = try await shell.client.status()
    guard let vaults = KnownVaults(socket: shell.socket) else {
      let key = try NoteKey(vkey: status.logKey)
      let note = try UnverifiedCheckpoint(encoded: try await shell.client.checkpoint(for: use))
      return ProvenLog(checkpoint: try note.verified(by: key), key: key, vault: status.vault)
    }
    return try await vaults.advance(from: try vaults.check(status), status: status, for: use, with: shell.client)
  }

  private func remember(_ entry: KnownVault) throws {
    let directory = try PrivateDirectory(makingAt: directoryPath)
    // Two shells that log in at once must not forget what the other has seen.
    let lock = unsafe open(directoryPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if lock >= 0 { close(lock) } }
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw Failure.file("Cannot lock", directoryPath, .last) }
    var others = try entries()
    if others.contains(where: { $0.isSameLog(as: entry) && $0.size >= entry.size }) { return }
    others.removeAll { $0.socket == entry.socket }
    try directory.write(Array((others + [entry]).map(\.line).joined().utf8), as: Self.fileName)
  }

  /// What to do where the older state was right and is gone on purpose: the file is this program's own.
  private func pinned(_ failure: Failure) -> Failure {
    var failure = failure
    failure.hint +=
      " If a backup was restored on purpose and those who did it confirm that to you in person, keep a copy of that file "
      + "and remove the vault's line from it."
    return failure
  }

  /// The signed checkpoint that does not fit, beside the one it does not fit: together they prove it to anyone.
  private func keepEvidence(_ note: [UInt8], of vault: String, _ failure: Failure) -> Failure {
    let name = "refused-\(vault.prefix(16)).checkpoint"
    guard let directory = try? PrivateDirectory(makingAt: directoryPath),
      (try? directory.write(note, as: name)) != nil
    else { return failure }
    var failure = failure
    failure.hint += " What the vault has signed now is kept as \(Printable.line(directory.file(name)))."
    return failure
  }
}

/// One line of the file: socket, vault, size, root, the log's public key and the signed checkpoint, separated by spaces;
/// the first and the last percent-encoded.
struct KnownVault: Equatable {
  var socket: String
  var vault: String
  var size: UInt64
  var root: String
  /// A vkey.
  var logKey: String
  /// The signed note; nil in a line of an earlier version of this program.
  var note: String?

  init(socket: String, status: StatusAnswer, log: ProvenLog) {
    self.socket = socket
    vault = status.vault
    size = log.checkpoint.size
    root = log.checkpoint.root.description
    logKey = log.key.vkey
    note = String(decoding: log.checkpoint.encoded, as: UTF8.self)
  }

  init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count == 5 || words.count == 6, let socket = PercentEncoding.decode(words[0].utf8),
      let size = UInt64(words[2])
    else { return nil }
    self.socket = socket
    vault = String(words[1])
    self.size = size
    root = String(words[3])
    logKey = String(words[4])
    note = words.count == 6 ? PercentEncoding.decode(words[5].utf8) : nil
  }

  var line: String {
    let words =
      [PercentEncoding.encode(socket, keepingSlashes: true), vault, String(size), root, logKey]
      + (note.map { [PercentEncoding.encode($0)] } ?? [])
    return words.joined(separator: " ") + "\n"
  }

  /// Whether its log is one before the log of this key, by the same hand.
  func isBefore(_ vkey: String) -> Bool {
    guard let mine = try? NoteKey(vkey: logKey), let other = try? NoteKey(vkey: vkey), mine.key == other.key,
      let number = LogSuccession.number(of: mine.name), let next = LogSuccession.number(of: other.name)
    else { return false }
    return number < next
  }

  func isSameLog(as other: KnownVault) -> Bool {
    socket == other.socket && vault == other.vault && logKey == other.logKey && note != nil
  }
}
