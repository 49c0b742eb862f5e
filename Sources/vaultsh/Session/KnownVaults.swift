import AccessLog
import VaultAPI
import VaultClient

/// The vaults this person has used, like `known_hosts`: the id of each and the log as it was last seen.
///
/// A daemon that answers with another id, a shorter log or a rewritten one is not the vault that was there before, or
/// not in the state it was in. Kept off the host of the vault where the shell runs elsewhere.
struct KnownVaults {
  /// One line: socket, vault, size, root and the log's public key, separated by spaces; the socket percent-encoded.
  struct Entry: Equatable {
    var socket: String
    var vault: String
    var size: UInt64
    var root: String
    /// A vkey.
    var logKey: String

    var line: String {
      "\(PercentEncoding.encode(socket, keepingSlashes: true)) \(vault) \(size) \(root) \(logKey)\n"
    }

    init(socket: String, status: StatusAnswer) {
      self.socket = socket
      vault = status.vault
      size = status.logSize
      root = status.logRoot
      logKey = status.logKey
    }

    init?(line: Substring) {
      let words = line.split(separator: " ")
      guard words.count == 5, let socket = PercentEncoding.decode(words[0].utf8), let size = UInt64(words[2]) else {
        return nil
      }
      self.socket = socket
      vault = String(words[1])
      self.size = size
      root = String(words[3])
      logKey = String(words[4])
    }
  }

  private static let fileName = "known_vaults"
  /// Bytes of the file: some thousand vaults.
  private static let byteCountMax = 1 << 20

  private let directoryPath: String
  private let socket: String
  private var path: String { directoryPath + "/" + Self.fileName }

  /// Nil where there is neither `$XDG_STATE_HOME` nor a home.
  init?(socket: String) {
    guard
      let state = Environment.path("XDG_STATE_HOME") ?? Environment.path("HOME").map({ $0 + "/.local/state" })
    else { return nil }
    directoryPath = state + "/vaultsh"
    self.socket = SocketPath.canonical(socket)
  }

  private func entries() throws -> [Entry] {
    guard let directory = try PrivateDirectory(existingAt: directoryPath),
      let bytes = directory.read(Self.fileName, byteCountMax: Self.byteCountMax)
    else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap(Entry.init(line:))
  }

  /// Before a passphrase is sent: that this is the vault it was, and that its log is no shorter.
  /// - Returns: what was known; nil for a vault that is new here.
  func check(_ status: StatusAnswer) throws -> Entry? {
    guard let known = try entries().first(where: { $0.socket == socket }) else { return nil }
    guard known.vault == status.vault, known.logKey == status.logKey else {
      throw integrity(
        "Another vault answers at this socket than the one you used before.",
        hint: "Do not log in before you know why. If the vault was made anew on purpose, remove its line from \(path).")
    }
    guard known.size <= status.logSize else {
      throw integrity(
        "The access log is shorter than when you last saw it: \(known.size) entries then, \(status.logSize) now. "
          + "An older copy was brought back, or entries were removed.",
        hint: "Tell the auditor. If a backup was restored on purpose, remove the vault's line from \(path).")
    }
    guard known.size < status.logSize || known.root == status.logRoot else { throw Self.rewritten }
    return known
  }

  /// With a session: that the log only grew. Then remembers it as it is now.
  func advance(from known: Entry?, to status: StatusAnswer, with client: VaultClient) async throws {
    if let known, known.size > 0, known.size < status.logSize {
      let answer: ProofAnswer
      do {
        answer = try await client.consistencyProof(from: known.size, to: status.logSize)
      } catch {
        guard error.kind == .denied else { throw error }
        // Not for this role: what is known stays at the state that was proven.
        return
      }
      do {
        let proof = try ConsistencyProof(
          from: answer.from, to: answer.to, hashes: answer.hashes.map { try TreeHash(Base64Text.decode($0)) })
        guard proof.from == known.size, proof.to == status.logSize else { throw Self.rewritten }
        try proof.verify(
          oldRoot: TreeHash(Base64Text.decode(known.root)), newRoot: TreeHash(Base64Text.decode(status.logRoot)))
      } catch { throw Self.rewritten }
    }
    try remember(Entry(socket: socket, status: status))
  }

  private func remember(_ entry: Entry) throws {
    var others = try entries()
    if others.contains(entry) { return }
    others.removeAll { $0.socket == entry.socket }
    let directory = try PrivateDirectory(makingAt: directoryPath)
    try directory.write(Array((others + [entry]).map(\.line).joined().utf8), as: Self.fileName)
  }

  static let rewritten = Failure(
    .integrity, "The access log is not the one you saw before: entries were changed, removed or reordered.",
    hint: "Stop and tell the auditor. What you saw before stands in the file known_vaults.")

  private func integrity(_ detail: String, hint: String) -> Failure { Failure(.integrity, detail, hint: hint) }
}

/// Base 64 with padding (RFC 4648 §4), as hashes stand in JSON.
enum Base64Text {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func decode(_ text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var window: UInt32 = 0
    var bitCount = 0
    for character in text.utf8 where character != UInt8(ascii: "=") {
      guard let value = alphabet.firstIndex(of: character) else {
        throw Failure(.garbled, "A hash in the answer is not base 64.")
      }
      window = window << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: window >> UInt32(bitCount)))
      }
    }
    return bytes
  }
}
