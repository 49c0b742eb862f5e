import AccessLog
import VaultAPI
import VaultClient
import VaultCrypto

/// A vault's log at one signed checkpoint, and the key that signed it.
struct ProvenLog: Sendable {
  let checkpoint: VerifiedCheckpoint
  let key: NoteKey
  /// Id of the vault, hexadecimal.
  let vault: String
  /// Of a log before a restore; nil for the present one.
  var number: UInt64?

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
      let answer = try await client.consistencyProof(from: size, to: checkpoint.size, log: number)
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

extension ProvenLog {
  /// One of the logs before a restore, whole as the vault keeps it: under the key of the present one, and ending where the
  /// two people who accepted the restore signed that it ends.
  func earlier(_ number: UInt64, with client: VaultClient) async throws -> ProvenLog {
    let present = LogSuccession.number(of: key.name)
    guard number != present else { return self }
    guard let present, number < present, let name = LogSuccession.name(of: number, beside: key.name) else {
      throw Failure(
        .notFound, "The vault has no log of the number \(number).",
        hint: "The present one is \(key.name); a restore begins another, and keeps those of its backup.", field: "--log"
      )
    }
    let older = NoteKey(name: name, algorithm: .ed25519, key: key.key)
    let place = "what the vault sent as the end of \(name)"
    let note = try await client.checkpoint(for: .export, log: number)
    let checkpoint: VerifiedCheckpoint
    do { checkpoint = try UnverifiedCheckpoint(encoded: note).verified(by: older) } catch {
      throw error.code == .notAuthentic ? LogFailure.notSigned(place) : LogFailure.malformed(place)
    }
    let ends: [VerifiedAcceptance]
    do {
      ends = try await LogSuccession.acceptances(of: vault, with: client).filter { $0.kept.origin == name }
    } catch is LogError { throw LogSuccession.forgedEnd(of: name) } catch is CryptoError {
      throw LogSuccession.forgedEnd(of: name)
    }
    guard ends.contains(where: { $0.kept.checkpoint == checkpoint.checkpoint }) else {
      throw LogSuccession.forgedEnd(of: name)
    }
    return ProvenLog(checkpoint: checkpoint, key: older, vault: vault, number: number)
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

  /// `…/N` with another number.
  static func name(of number: UInt64, beside other: NoteName) -> NoteName? {
    split(other).flatMap { try? NoteName("\($0.base)/\(number)") }
  }

  static func forgedEnd(of name: NoteName) -> Failure {
    LogFailure.integrity(
      "The end of an earlier log is not the one that was accepted",
      "Two people of this vault signed where \(name) ends when they accepted the restore, and what the vault has now is "
        + "something else, or their signatures are not there.",
      "Tell the auditor. An export that was made before the restore shows what the log held.")
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
