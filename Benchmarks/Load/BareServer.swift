import CSodium
import GRDBSQLite
import Glibc

/// The least that a server of encrypted records can do: a look-up in SQLite, XChaCha20-Poly1305, a line about every
/// reading, one flush a batch, over a socket with a length before each message. No roles, no keys of people, no proofs,
/// no HTTP: what ours costs beyond it is what those cost.
///
/// One thread takes what has arrived, does all of it in one transaction, commits with `synchronous=FULL`, answers.
/// A request is u32 length ‖ kind ‖ u64 record ‖ body; an answer u32 length ‖ body. Integers are little-endian.
struct BareServer {
  enum Log: String {
    /// Lines are rows of a table in the same transaction.
    case table
    /// Lines are appended to a file, which is flushed instead of the database when nothing else was written.
    case file
  }

  static let readKind: UInt8 = 0, writeKind: UInt8 = 1
  static let requestHeadByteCount = 13

  let socket: String
  let directory: String
  let log: Log

  func run() {
    let database = BareDatabase(path: directory + "/bare.sqlite")
    let listener = UnixSocket.listen(socket)
    let logDescriptor = unsafe open(directory + "/bare.log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var peers: [Peer] = []
    var polls = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    var batch: [(peer: Int, answer: [UInt8])] = []
    var lines: [UInt8] = []
    while true {
      _ = unsafe polls.withUnsafeMutableBufferPointer { unsafe poll($0.baseAddress, nfds_t($0.count), -1) }
      var hasWritten = false
      batch.removeAll(keepingCapacity: true)
      lines.removeAll(keepingCapacity: true)
      for index in peers.indices where polls[index + 1].revents != 0 {
        let peer = peers[index]
        if polls[index + 1].revents & Int16(POLLOUT) != 0 { peer.flush() }
        guard polls[index + 1].revents & ~Int16(POLLOUT) != 0 else { continue }
        // A closed loop ends all its connections at once: nothing is left to serve.
        guard peer.receive() else { return }
        guard peer.incomingCount >= BareServer.requestHeadByteCount,
          peer.incomingCount >= Int(BareServer.number(peer.incoming, 0, 4)) + 4
        else { continue }
        if batch.isEmpty { database.execute("BEGIN") }
        let record = Int64(truncatingIfNeeded: BareServer.number(peer.incoming, 5, 8))
        let answer: [UInt8]
        if peer.incoming[4] == BareServer.writeKind {
          database.put(record, Array(peer.incoming[BareServer.requestHeadByteCount..<peer.incomingCount]))
          hasWritten = true
          answer = [0]
        } else {
          answer = database.get(record)
        }
        switch log {
        case .table: database.note(record)
        case .file: lines.append(contentsOf: peer.incoming[4..<BareServer.requestHeadByteCount])
        }
        peer.consumeAll()
        batch.append((index, answer))
      }
      if !batch.isEmpty {
        if log == .file {
          guard unsafe write(logDescriptor, lines, lines.count) == lines.count, fdatasync(logDescriptor) == 0 else {
            VaultBench.fail("the log cannot be written")
          }
        }
        database.execute(log == .table || hasWritten ? "COMMIT" : "ROLLBACK")
      }
      for (index, answer) in batch {
        peers[index].send { bytes in
          unsafe withUnsafeBytes(of: UInt32(answer.count)) { unsafe bytes.append(contentsOf: $0) }
          bytes.append(contentsOf: answer)
        }
      }
      for index in peers.indices {
        polls[index + 1].events = Int16(POLLIN) | (peers[index].isSending ? Int16(POLLOUT) : 0)
      }
      while polls[0].revents != 0 {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { break }
        UnixSocket.makeNonBlocking(descriptor)
        peers.append(Peer(descriptor: descriptor))
        polls.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
      }
    }
  }

  static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
  }
}

/// Two tables behind the C interface, each statement prepared once.
@safe
final class BareDatabase {
  private var handle: OpaquePointer?
  private var select: OpaquePointer?
  private var upsert: OpaquePointer?
  private var insert: OpaquePointer?
  private let key = [UInt8](repeating: 7, count: 32)
  private var plaintext = [UInt8](repeating: 0, count: 8192)
  private var ciphertext = [UInt8](repeating: 0, count: 8192)

  private static let nonceByteCount = 24, tagByteCount = 16
  /// So that SQLite copies what it is given before the call returns (SQLITE_TRANSIENT, a macro Swift cannot see).
  private static let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  init(path: String) {
    unsafe check(sqlite3_open(path, &handle))
    for sql in [
      "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=4000",
      "CREATE TABLE IF NOT EXISTS record(id INTEGER PRIMARY KEY, body BLOB) STRICT",
      "CREATE TABLE IF NOT EXISTS log(n INTEGER PRIMARY KEY, time INTEGER, record INTEGER, account TEXT) STRICT",
    ] { execute(sql) }
    unsafe select = prepare("SELECT body FROM record WHERE id = ?")
    unsafe upsert = prepare("INSERT INTO record VALUES(?, ?) ON CONFLICT(id) DO UPDATE SET body = excluded.body")
    unsafe insert = prepare("INSERT INTO log(time, record, account) VALUES(?, ?, 'mihaela.stefanescu')")
  }

  func close() {
    unsafe sqlite3_finalize(select)
    unsafe sqlite3_finalize(upsert)
    unsafe sqlite3_finalize(insert)
    unsafe check(sqlite3_close(handle))
  }

  func execute(_ sql: String) { unsafe check(sqlite3_exec(handle, sql, nil, nil, nil)) }

  func get(_ record: Int64) -> [UInt8] {
    unsafe sqlite3_bind_int64(select, 1, record)
    guard unsafe sqlite3_step(select) == SQLITE_ROW else { VaultBench.fail("record \(record) is not there") }
    let count = Int(unsafe sqlite3_column_bytes(select, 0)) - BareDatabase.nonceByteCount
    let blob = unsafe sqlite3_column_blob(select, 0).unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
    let status = unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
      &plaintext, nil, nil, blob + BareDatabase.nonceByteCount, UInt64(count), nil, 0, blob, key)
    guard status == 0 else { VaultBench.fail("a record does not open") }
    unsafe sqlite3_reset(select)
    return Array(plaintext[..<(count - BareDatabase.tagByteCount)])
  }

  func put(_ record: Int64, _ body: [UInt8]) {
    unsafe randombytes_buf(&ciphertext, BareDatabase.nonceByteCount)
    let nonce = Array(ciphertext[..<BareDatabase.nonceByteCount])
    var sealed = [UInt8](repeating: 0, count: body.count + BareDatabase.tagByteCount)
    unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
      &sealed, nil, body, UInt64(body.count), nil, 0, nil, nonce, key)
    let row = nonce + sealed
    unsafe sqlite3_bind_int64(upsert, 1, record)
    unsafe sqlite3_bind_blob(upsert, 2, row, Int32(row.count), BareDatabase.transient)
    guard unsafe sqlite3_step(upsert) == SQLITE_DONE else { VaultBench.fail("a record cannot be written") }
    unsafe sqlite3_reset(upsert)
  }

  func note(_ record: Int64) {
    unsafe sqlite3_bind_int64(insert, 1, Int64(Monotonic.nanoseconds))
    unsafe sqlite3_bind_int64(insert, 2, record)
    guard unsafe sqlite3_step(insert) == SQLITE_DONE else { VaultBench.fail("the log cannot be written") }
    unsafe sqlite3_reset(insert)
  }

  private func prepare(_ sql: String) -> OpaquePointer? {
    var statement: OpaquePointer?
    unsafe check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil))
    return unsafe statement
  }

  private func check(_ status: Int32) {
    guard status == SQLITE_OK else { VaultBench.fail("SQLite: \(unsafe String(cString: sqlite3_errmsg(handle)))") }
  }
}
