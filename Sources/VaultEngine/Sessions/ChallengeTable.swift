import Synchronization
import VaultCrypto
import VaultModel

/// Challenges that wait for their signature, by the uid that asked. In memory only: after a restart one asks again.
final class ChallengeTable: Sendable {
  /// A program signs in microseconds; a minute also lets a person's script that waits for something do it.
  static let lifeSeconds: UInt64 = 60
  /// Logins of one uid that are under way at once. The oldest goes first, so nobody can use up another one's.
  static let countPerUIDMax = 16
  /// Users of a host that log in within the same minute; a few hundred kilobytes at most.
  static let uidCountMax = 256

  private struct Issued {
    let account: AccountName
    let challenge: [UInt8]
    let deadline: UInt64
  }

  private let issued = Mutex<[UInt32: [Issued]]>([:])

  func issue(to account: AccountName, uid: UInt32, bootNow: UInt64) throws(VaultError) -> [UInt8] {
    let challenge = randomBytes(LoginChallenge.byteCount)
    try issued.withLock { issued throws(VaultError) in
      if issued[uid] == nil, issued.count >= ChallengeTable.uidCountMax {
        issued = issued.filter { $0.value.contains { bootNow < $0.deadline } }
        guard issued.count < ChallengeTable.uidCountMax else {
          throw VaultError(.busy, "Too many users of this host are logging in at once.", retryAfterSeconds: 1)
        }
      }
      var own = (issued[uid] ?? []).filter { bootNow < $0.deadline }
      if own.count >= ChallengeTable.countPerUIDMax { own.removeFirst() }
      own.append(
        Issued(
          account: account, challenge: challenge,
          deadline: bootNow + ChallengeTable.lifeSeconds * 1_000_000_000))
      issued[uid] = own
    }
    return challenge
  }

  /// Whether it was issued for this account to this uid and is still good. Whatever the answer: it is used up.
  func take(_ challenge: [UInt8], for account: AccountName, uid: UInt32, bootNow: UInt64) -> Bool {
    issued.withLock { issued in
      guard let index = issued[uid]?.firstIndex(where: { $0.challenge == challenge }),
        let found = issued[uid]?.remove(at: index)
      else { return false }
      if issued[uid]?.isEmpty == true { issued[uid] = nil }
      return found.account == account && bootNow < found.deadline
    }
  }
}
