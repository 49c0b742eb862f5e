import Glibc

/// What a closed loop asks and how it knows an answer.
protocol Workload {
  /// Appends the next request; returns its kind, an index into `kinds`.
  mutating func request(into bytes: inout [UInt8]) -> Int
  /// How long the answer at the start of the buffer is; nil while it is not all there. Stops the program for an answer
  /// that is not a success: figures of errors mean nothing.
  func answerByteCount(_ bytes: UnsafeRawBufferPointer) -> Int?
  /// Called with a whole answer.
  mutating func answered(_ bytes: UnsafeRawBufferPointer, kind: Int)
  var kinds: [String] { get }
}

/// 80 readings, 15 changes and 5 new records of a hundred, in an order that repeats: the same for whatever is compared.
enum Mix {
  static let kinds = ["read", "update", "create"]

  /// Of the request with this number, from 1: an index into `kinds`.
  static func kind(ofRequest number: Int) -> Int {
    switch number % 20 {
    case 0: 2
    case 6, 11, 16: 1
    default: 0
    }
  }
}

extension Workload {
  mutating func answered(_ bytes: UnsafeRawBufferPointer, kind: Int) {}
}

/// So many connections, each of which asks again as soon as it is answered, in one thread.
struct ClosedLoop {
  struct Outcome {
    var wallSeconds: Double
    /// Latencies in nanoseconds, ascending, by kind.
    var latencies: [[UInt64]]

    var count: Int { latencies.reduce(0) { $0 + $1.count } }
    var all: [UInt64] { latencies.count == 1 ? latencies[0] : latencies.flatMap { $0 }.sorted() }
  }

  enum End {
    case seconds(Double)
    case requests(Int)
  }

  /// - Parameter whileOpen: runs when all is answered and before the connections are closed.
  static func run(
    _ workload: inout some Workload, socket: String, connections: Int, until end: End, whileOpen: () -> Void = {}
  ) -> Outcome {
    let peers = (0..<connections).map { _ in Peer(connectingTo: socket) }
    var polls = peers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    var latencies = [[UInt64]](repeating: [], count: workload.kinds.count)
    let start = Monotonic.nanoseconds
    var deadline = UInt64.max
    var toBegin = Int.max
    switch end {
    case .seconds(let seconds): deadline = start + UInt64(seconds * 1e9)
    case .requests(let count): toBegin = count
    }
    var inFlight = 0

    func begin(_ index: Int, at now: UInt64) {
      guard toBegin > 0, now < deadline else { return }
      toBegin -= 1
      inFlight += 1
      let peer = peers[index]
      peer.begunNanoseconds = now
      peer.send { peer.kind = workload.request(into: &$0) }
      polls[index].events = Int16(POLLIN) | (peer.isSending ? Int16(POLLOUT) : 0)
    }

    for index in peers.indices { begin(index, at: start) }
    while inFlight > 0 {
      let ready = unsafe polls.withUnsafeMutableBufferPointer { polls in
        unsafe poll(polls.baseAddress, nfds_t(polls.count), 30_000)
      }
      guard ready > 0 else { VaultBench.fail("no answer within 30 seconds") }
      for index in peers.indices where polls[index].revents != 0 {
        let peer = peers[index]
        if polls[index].revents & Int16(POLLOUT) != 0 {
          peer.flush()
          polls[index].events = Int16(POLLIN) | (peer.isSending ? Int16(POLLOUT) : 0)
        }
        guard polls[index].revents & ~Int16(POLLOUT) != 0 else { continue }
        guard peer.receive() else { VaultBench.fail("the server closed a connection") }
        let isWhole = unsafe peer.incoming.withUnsafeBytes { bytes in
          let arrived = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<peer.incomingCount])
          guard let count = unsafe workload.answerByteCount(arrived), count <= peer.incomingCount else { return false }
          unsafe workload.answered(arrived, kind: peer.kind)
          return true
        }
        guard isWhole else { continue }
        peer.consumeAll()
        let now = Monotonic.nanoseconds
        latencies[peer.kind].append(now - peer.begunNanoseconds)
        inFlight -= 1
        begin(index, at: now)
      }
    }
    let wall = Double(Monotonic.nanoseconds - start) / 1e9
    whileOpen()
    return Outcome(wallSeconds: wall, latencies: latencies.map { $0.sorted() })
  }
}

extension Array where Element == UInt64 {
  /// Of ascending values, in microseconds.
  func microseconds(atQuantile quantile: Double) -> Double {
    guard !isEmpty else { return 0 }
    return Double(self[Swift.min(count - 1, Int(Double(count) * quantile))]) / 1000
  }
}
