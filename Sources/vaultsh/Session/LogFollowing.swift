import AccessLog
import Glibc
import VaultAPI
import VaultClient
import VaultCrypto

/// The way from the log that this shell knows to the one that a restored vault goes on with: signed by a supervisor and
/// an auditor, each chained to the genesis whose hash is the vault's pinned id.
struct LogFollowing: Sendable {
  /// What was known here, of the log before.
  let known: KnownVault
  /// The acceptances from that log to the present one, oldest first; never empty.
  let steps: [VerifiedAcceptance]

  private var first: VerifiedAcceptance { steps[0] }

  /// Entries that this shell has seen and that are gone: those of the known log beyond what was kept of it.
  var lost: Range<UInt64> {
    let kept = first.kept.origin.text == known.origin?.text ? first.kept.size : 0
    return min(kept, known.size)..<known.size
  }

  /// With a session: that what is kept of the known log begins with what was seen of it.
  func prove(keptAt place: String, with client: VaultClient) async throws {
    guard lost.isEmpty, known.size > 0, let number = known.origin.flatMap({ LogSuccession.number(of: $0) }) else {
      return
    }
    let root: TreeHash
    do { root = try TreeHash(Base64Text.decode(known.root)) } catch {
      throw LogFailure.malformed(place)
    }
    guard known.size < first.kept.size else {
      guard root == first.kept.root else { throw LogFailure.forked(at: known.size, keptAt: place) }
      return
    }
    do {
      let answer = try await client.consistencyProof(from: known.size, to: first.kept.size, log: number)
      let hashes = try answer.hashes.map { try TreeHash(Base64Text.decode($0)) }
      try ConsistencyProof(from: known.size, to: first.kept.size, hashes: hashes)
        .verify(oldRoot: root, newRoot: first.kept.root)
    } catch is LogError { throw LogFailure.rewritten(before: known.size, keptAt: place) }
  }

  /// Said once, when the new log is taken over.
  var words: String {
    let last = steps[steps.count - 1]
    let people = last.accepters.map { "\(Printable.line($0.name)) (\($0.role))" }.joined(separator: " and ")
    var text =
      "This vault was restored from a backup, and its log goes on as \(last.log.name). \(people) accepted that with their "
      + "signatures."
    if lost.isEmpty {
      text += " All entries that you had seen are kept."
    } else if lost.count == 1 {
      text += " Entry \(lost.lowerBound), which you had seen, is gone."
    } else {
      text += " Entries \(lost.lowerBound) to \(lost.upperBound - 1), which you had seen, are gone."
    }
    if !last.succession.replay.hasJournal {
      text += " What was suspended, revoked or erased since that backup was not carried forward."
    }
    for step in steps { if let undone = step.succession.replay.recoveredWords { text += " " + undone } }
    return text + "\n"
  }
}

extension KnownVault {
  /// The name of its log.
  var origin: NoteName? { (try? NoteKey(vkey: logKey))?.name }
}

extension KnownVaults {
  /// How the log that the vault has now stands to the one that is known.
  enum Relation {
    /// The same, or the vault is new here.
    case same
    /// It was restored and nobody has accepted that; who asks is about to.
    case waiting
    case follows(LogFollowing)
  }

  /// What leads from the log that is known to the one that the vault has now.
  ///
  /// - Parameter mayWait: for those who are about to accept the restore: an unaccepted one is no refusal.
  /// - Throws: exit code 7 where the log is another one and no two people of this vault stand behind that.
  func relation(_ status: StatusAnswer, mayWait: Bool, with client: VaultClient) async throws -> Relation {
    let entries = try entries()
    try checkVault(status, among: entries)
    let same = entries.filter { $0.vault == status.vault }
    guard !same.isEmpty, !same.contains(where: { $0.logKey == status.logKey }),
      let now = try? NoteKey(vkey: status.logKey), let number = LogSuccession.number(of: now.name)
    else { return .same }
    let older = same.filter { entry in
      guard let key = try? NoteKey(vkey: entry.logKey), let before = LogSuccession.number(of: key.name) else {
        return false
      }
      return key.key == now.key && before < number
    }
    // Anything else is no succession, and the check that follows says so.
    guard older.count == same.count,
      let known = older.max(by: {
        ($0.origin.flatMap { LogSuccession.number(of: $0) } ?? 0, $0.size)
          < ($1.origin.flatMap { LogSuccession.number(of: $0) } ?? 0, $1.size)
      })
    else { return .same }
    guard status.state != .restored else {
      guard mayWait else { throw LogSuccession.unaccepted(known, place: Printable.line(path)) }
      return .waiting
    }
    let steps = try await steps(from: known, to: now, of: status.vault, with: client)
    return .follows(LogFollowing(known: known, steps: steps))
  }

  private func steps(
    from known: KnownVault, to now: NoteKey, of vault: String, with client: VaultClient
  ) async throws -> [VerifiedAcceptance] {
    let refusal = LogSuccession.forged(known, place: Printable.line(path))
    guard var number = known.origin.flatMap({ LogSuccession.number(of: $0) }) else { throw refusal }
    var steps: [VerifiedAcceptance] = []
    do {
      for verified in try await LogSuccession.acceptances(of: vault, with: client) {
        guard verified.succession.number > number else { continue }
        // It must say how the log ended that is known: as far as it is kept, or that it is not.
        guard let kept = LogSuccession.number(of: verified.kept.origin), kept <= number else { throw refusal }
        steps.append(verified)
        number = verified.succession.number
      }
    } catch is LogError { throw refusal } catch is CryptoError { throw refusal } catch let error as ClientError {
      guard [.noRoute, .notFound].contains(error.kind) else { throw error }
      throw LogSuccession.unaccepted(known, place: Printable.line(path))
    }
    guard let last = steps.last else { throw LogSuccession.unaccepted(known, place: Printable.line(path)) }
    guard last.log == now else { throw refusal }
    return steps
  }
}

extension LogSuccession {
  /// `…/N`.
  static func number(of name: NoteName) -> UInt64? {
    guard let slash = name.text.lastIndex(of: "/") else { return nil }
    let digits = name.text[name.text.index(after: slash)...]
    guard let number = UInt64(digits), String(number) == digits, (1...Succession.numberMax).contains(number) else {
      return nil
    }
    return number
  }

  /// Every accepted restore of a vault, oldest first.
  ///
  /// - Throws: `LogError` or `CryptoError` where one is not genuine.
  static func acceptances(of vault: String, with client: VaultClient) async throws -> [VerifiedAcceptance] {
    guard let vaultID = bytes(hexadecimal: vault) else { throw CryptoError(.malformed, "no vault's id") }
    var decoder = try CanonicalDecoder(await client.acceptances(), purpose: "acceptances")
    var accepted: [VerifiedAcceptance] = []
    for _ in 0..<(try decoder.count(limit: 1000)) {
      let acceptance = try UnverifiedAcceptance(decoding: decoder.field(limit: UnverifiedAcceptance.byteCountMax))
      accepted.append(try acceptance.verified(vaultID: vaultID))
    }
    try decoder.finish()
    return accepted
  }

  static func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  static func unaccepted(_ known: KnownVault, place: String) -> Failure {
    LogFailure.integrity(
      "The vault was restored, and nobody has accepted that",
      "This vault says that it was restored from a backup: its log is another one than the \(LogFailure.count(known.size)) "
        + "you saw. Two people have to accept that with their signatures, and have not.",
      "Do not log in. A supervisor and an auditor look at it and run `vaultsh restore accept`; after that this program "
        + "follows by itself. Keep \(place): it is signed, and proves what the log said.")
  }

  static func forged(_ known: KnownVault, place: String) -> Failure {
    LogFailure.integrity(
      "The acceptance of the restore is not genuine",
      "This vault says that it was restored, but the signatures of a supervisor and an auditor that this vault's founding "
        + "vouches for are not there, or are for something else.",
      "Do not log in. Tell the auditor, and keep \(place): it is signed, and proves what the log said before.")
  }
}
