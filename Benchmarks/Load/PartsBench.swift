import CSodium
import Glibc

/// `vault-bench parts`: what a read is made of, each part by itself: a flush, a look-up, the cipher, a round trip.
struct PartsBench {
  var directory = "/tmp"

  mutating func take(_ option: String, _ value: String) -> Bool {
    guard option == "--directory" else { return false }
    directory = value
    return true
  }

  func run() {
    flush()
    lookUp()
    cipher()
    roundTrip()
  }

  private func report(_ name: String, _ each: [UInt64]) {
    let sorted = each.sorted()
    print(
      "{\"subject\":\"parts\",\"operation\":\"\(name)\",\"p50Microseconds\":\(sorted.microseconds(atQuantile: 0.5)),"
        + "\"p99Microseconds\":\(sorted.microseconds(atQuantile: 0.99))}")
    _ = fflush(nil)
  }

  private func timed(_ count: Int, _ body: (Int) -> Void) -> [UInt64] {
    (0..<count).map { index in
      let start = Monotonic.nanoseconds
      body(index)
      return Monotonic.nanoseconds - start
    }
  }

  /// 4 KiB over blocks that exist, and `fdatasync`.
  private func flush() {
    let path = directory + "/vault-bench-flush-\(getpid())"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT, 0o600)
    guard descriptor >= 0 else { VaultBench.fail("cannot write to \(directory)") }
    defer {
      close(descriptor)
      _ = unsafe unlink(path)
    }
    let page = [UInt8](repeating: 1, count: 4096)
    for index in 0..<64 { _ = unsafe pwrite(descriptor, page, page.count, off_t(index * 4096)) }
    fsync(descriptor)
    report(
      "flush",
      timed(500) { index in
        _ = unsafe pwrite(descriptor, page, page.count, off_t(index % 64 * 4096))
        fdatasync(descriptor)
      })
  }

  /// By primary key, 2 KiB, decrypted: what the bare server does for a reading, without its log.
  private func lookUp() {
    let path = directory + "/vault-bench-parts-\(getpid()).sqlite"
    let database = BareDatabase(path: path)
    defer {
      database.close()
      for end in ["", "-wal", "-shm"] { _ = unsafe unlink(path + end) }
    }
    let body = Array(InventedRecord.notes(1, byteCount: InventedRecord.byteCount).utf8)
    database.execute("BEGIN")
    for record in 0..<10_000 { database.put(Int64(record), body) }
    database.execute("COMMIT")
    var generator = LinearGenerator(seed: 3)
    report("look-up and open", timed(20_000) { _ in _ = database.get(Int64(generator.next() % 10_000)) })
  }

  private func cipher() {
    let plaintext = [UInt8](repeating: 3, count: InventedRecord.byteCount)
    let key = [UInt8](repeating: 1, count: 32)
    let nonce = [UInt8](repeating: 2, count: 24)
    var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
    report(
      "XChaCha20-Poly1305 of 2 KiB",
      timed(20_000) { _ in
        _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
          &sealed, nil, plaintext, UInt64(plaintext.count), nil, 0, nil, nonce, key)
      })
  }

  /// 100 bytes there and 2 KiB back between two threads over a pair of sockets.
  private func roundTrip() {
    var pair: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { return }
    let near = pair[0]
    let far = pair[1]
    let count = 20_000
    onThreads(
      2,
      each: { thread in
        if thread == 1 {
          var request = [UInt8](repeating: 0, count: 100)
          let answer = [UInt8](repeating: 1, count: 2048)
          while unsafe recv(far, &request, request.count, Int32(MSG_WAITALL)) == request.count {
            _ = unsafe Glibc.send(far, answer, answer.count, 0)
          }
        } else {
          let request = [UInt8](repeating: 0, count: 100)
          var answer = [UInt8](repeating: 0, count: 2048)
          report(
            "round trip between two threads",
            timed(count) { _ in
              _ = unsafe Glibc.send(near, request, request.count, 0)
              _ = unsafe recv(near, &answer, answer.count, Int32(MSG_WAITALL))
            })
          _ = shutdown(near, Int32(SHUT_RDWR))
        }
      })
    for descriptor in pair { close(descriptor) }
  }
}
