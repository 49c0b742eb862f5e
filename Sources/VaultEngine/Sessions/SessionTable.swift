import Synchronization
import VaultCrypto
import VaultModel

/// Open sessions by the hash of their token: a copy of this table lets nobody in.
final class SessionTable: Sendable {
  /// A team, its programs and some forgotten terminals; each session holds a few hundred pages of guarded memory.
  static let countMax = 1024
  /// Of one service that logs in by signature: a program that forgets to log out must not use up everybody's.
  static let serviceCountMax = 16

  private let sessions = Mutex<[[UInt8]: Session]>([:])

  /// 32 random bytes; only their hash stays here.
  func add(_ session: Session, bootNow: UInt64) throws(VaultError) -> [UInt8] {
    let token = randomBytes(32)
    try sessions.withLock { sessions throws(VaultError) in
      if sessions.count >= SessionTable.countMax {
        sessions = sessions.filter { !$0.value.isPast(bootNow: bootNow) }
      }
      guard sessions.count < SessionTable.countMax else { throw VaultError(.busy, "Too many sessions are open.") }
      sessions[SessionTable.key(token)] = session
    }
    return token
  }

  /// The session of a token, for the uid that opened it, with its idle deadline put off.
  func session(_ token: [UInt8], uid: UInt32, bootNow: UInt64) throws(VaultError) -> Session {
    let key = SessionTable.key(token)
    guard let session = sessions.withLock({ $0[key] }) else {
      throw VaultError(.loginNeeded, "There is no such session, or it has ended.")
    }
    guard session.uid == uid else { throw VaultError(.denied, "This session belongs to another user of the host.") }
    guard session.touch(bootNow: bootNow) else {
      remove(token)
      throw VaultError(.loginNeeded, "The session has ended.")
    }
    return session
  }

  func remove(_ token: [UInt8]) {
    let session = sessions.withLock { $0.removeValue(forKey: SessionTable.key(token)) }
    session?.close()
  }

  /// Ends every session of an account, or those past their deadline; how many.
  @discardableResult
  func removeAll(where isOver: (Session) -> Bool) -> Int {
    let over = sessions.withLock { sessions in
      let over = sessions.filter { isOver($0.value) }
      for key in over.keys { sessions[key] = nil }
      return Array(over.values)
    }
    for session in over { session.close() }
    return over.count
  }

  /// Ends the oldest sessions of an account beyond `count`.
  func keepNewest(_ count: Int, of account: AccountName) {
    let over = sessions.withLock { sessions in
      let own = sessions.filter { $0.value.account == account }.sorted {
        ($0.value.begun, $0.value.opened) < ($1.value.begun, $1.value.opened)
      }
      let over = own.dropLast(count)
      for (key, _) in over { sessions[key] = nil }
      return over.map(\.value)
    }
    for session in over { session.close() }
  }

  var open: [Session] { sessions.withLock { Array($0.values) } }

  private static func key(_ token: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("session-token")
    encoding.append(token)
    return SHA256.hash(encoding.bytes)
  }
}
