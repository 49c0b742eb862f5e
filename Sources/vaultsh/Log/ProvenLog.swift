import AccessLog
import VaultAPI
import VaultClient

/// A vault's log at one signed checkpoint, and the key that signed it.
struct ProvenLog: Sendable {
  let checkpoint: VerifiedCheckpoint
  let key: NoteKey
  /// Id of the vault, hexadecimal.
  let vault: String

  /// That it begins with the `size` entries of `root`, by a proof from the vault, which has to fit both roots.
  /// - Parameter place: where the older state was kept, for what is said when it does not.
  func verifyExtends(size: UInt64, root: TreeHash, keptAt place: String, with client: VaultClient) async throws {
    guard size <= checkpoint.size else {
      throw LogFailure.rolledBack(from: size, to: checkpoint.size, keptAt: place)
    }
    guard size < checkpoint.size else {
      guard root == checkpoint.root else { throw LogFailure.forked(at: size, keptAt: place) }
      return
    }
    guard size > 0 else { return }
    do {
      let answer = try await client.consistencyProof(from: size, to: checkpoint.size)
      let hashes = try answer.hashes.map { try TreeHash(Base64Text.decode($0)) }
      try ConsistencyProof(from: size, to: checkpoint.size, hashes: hashes)
        .verify(oldRoot: root, newRoot: checkpoint.root)
    } catch is LogError { throw LogFailure.rewritten(before: size, keptAt: place) } catch let error as ClientError {
      // Whoever has a session may ask for it; a vault that does not answer has something to hide, or is not one.
      guard [.denied, .notFound, .invalid, .garbled, .noRoute].contains(error.kind) else { throw error }
      throw LogFailure.rewritten(before: size, keptAt: place)
    }
  }
}

/// What a log that is not the known one means. A restored vault opens a new log, `…/N+1`; only the acceptance of two people
/// lets a client forget what it saw, and `LogFollowing` looks for that.
enum LogSuccession {
  /// Whether the name is the one that a restore of the other log would give it.
  static func isSuccessor(_ name: NoteName, of older: NoteName) -> Bool {
    guard let (base, number) = split(older), let next = split(name) else { return false }
    return next.base == base && number < .max && next.number == number + 1
  }

  private static func split(_ name: NoteName) -> (base: Substring, number: UInt32)? {
    guard let slash = name.text.lastIndex(of: "/") else { return nil }
    let digits = name.text[name.text.index(after: slash)...]
    guard let number = UInt32(digits), String(number) == digits else { return nil }
    return (name.text[..<slash], number)
  }

  /// The vault is the same, and the key of its log is not.
  static func refusal(from known: KnownVault, to vkey: String, place: String) -> Failure {
    if let older = try? NoteKey(vkey: known.logKey), let newer = try? NoteKey(vkey: vkey),
      isSuccessor(newer.name, of: older.name)
    {
      return LogFailure.signedByOther(
        "The vault says that it was restored from a backup: its log goes on as \(newer.name) after \(older.name). Entries "
          + "written after that backup are gone from it.",
        hint:
          "Log in again: if a supervisor and an auditor have accepted that with their signatures, this program follows them. "
          + "Otherwise do not go on, and keep \(place).")
    }
    return LogFailure.signedByOther(
      "Another key signs the access log than before: somebody wrote it anew and signed it again, or it is an impostor.",
      hint: "Do not log in. Tell the auditor, and keep \(place): it holds what the key before has signed.")
  }
}
