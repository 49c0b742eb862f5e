import Foundation
import Glibc

/// `vault-bench bare`: the same loop against `BareServer`, which it starts and ends.
struct BareBench {
  var directory = "/tmp"
  var log = BareServer.Log.table
  var operation = VaultWork.Operation.read
  var connections = 64
  var seconds = 5.0
  var records = 10_000

  mutating func take(_ option: String, _ value: String) -> Bool {
    switch (option, Int(value)) {
    case ("--directory", _): directory = value
    case ("--log", _):
      guard let log = BareServer.Log(rawValue: value) else { return false }
      self.log = log
    case ("--operation", _):
      guard let operation = VaultWork.Operation(rawValue: value), [.read, .create, .update, .mixed].contains(operation)
      else { return false }
      self.operation = operation
    case ("--connections", let count?) where (1...256).contains(count): connections = count
    case ("--seconds", let count?) where (1...3600).contains(count): seconds = Double(count)
    case ("--records", let count?) where count > 0: records = count
    default: return false
    }
    return true
  }

  func run() throws {
    let place = directory + "/vault-bench-bare-\(getpid())"
    guard unsafe mkdir(place, 0o700) == 0 else { VaultBench.fail("cannot make \(place)") }
    defer { try? FileManager.default.removeItem(atPath: place) }
    let socket = place + "/bare.socket"
    fill(place)
    let server = Process()
    server.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    server.arguments = ["bare-server", "--socket", socket, "--directory", place, "--log", log.rawValue]
    try server.run()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    for _ in 0..<500 where unsafe access(socket, F_OK) != 0 { usleep(10_000) }
    let identifier = Int(server.processIdentifier)
    var work = BareWork(operation, records: records)
    let before = ProcessCost(identifier)
    // The server leaves with the first connection that closes: what it has cost is asked for while all are open.
    var after = before
    let outcome = ClosedLoop.run(
      &work, socket: socket, connections: connections, until: .seconds(seconds),
      whileOpen: { after = ProcessCost(identifier) })
    LoadFigure(
      subject: "bare-\(log.rawValue)", operation: operation.rawValue, connections: connections, records: records,
      outcome: outcome, serverProcessorSeconds: after.processorSeconds - before.processorSeconds,
      residentBytes: after.residentBytes
    ).print(kinds: work.kinds)
  }

  private func fill(_ place: String) {
    let database = BareDatabase(path: place + "/bare.sqlite")
    database.execute("BEGIN")
    let body = Array(InventedRecord.notes(1, byteCount: InventedRecord.byteCount).utf8)
    for record in 0..<records { database.put(Int64(record), body) }
    database.execute("COMMIT")
    database.close()
  }
}

/// The same questions in the bare server's own frames.
struct BareWork: Workload {
  private let operation: VaultWork.Operation
  private let records: Int
  private var created: Int
  private var generator = LinearGenerator(seed: 1)
  private var requestCount = 0
  private let body = Array(InventedRecord.notes(2, byteCount: InventedRecord.byteCount).utf8)

  init(_ operation: VaultWork.Operation, records: Int) {
    self.operation = operation
    self.records = records
    created = records
  }

  var kinds: [String] { operation == .mixed ? Mix.kinds : [operation.rawValue] }

  mutating func request(into bytes: inout [UInt8]) -> Int {
    switch operation {
    case .create:
      create(&bytes)
      return 0
    case .update:
      put(&bytes, BareServer.writeKind, known(), body)
      return 0
    case .mixed:
      requestCount += 1
      let kind = Mix.kind(ofRequest: requestCount)
      switch kind {
      case 2: create(&bytes)
      case 1: put(&bytes, BareServer.writeKind, known(), body)
      default: put(&bytes, BareServer.readKind, known(), [])
      }
      return kind
    default:
      put(&bytes, BareServer.readKind, known(), [])
      return 0
    }
  }

  func answerByteCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return unsafe Int(bytes.loadUnaligned(as: UInt32.self)) + 4
  }

  private mutating func known() -> Int { Int(generator.next() % UInt64(records)) }

  private mutating func create(_ bytes: inout [UInt8]) {
    put(&bytes, BareServer.writeKind, created, body)
    created += 1
  }

  private func put(_ bytes: inout [UInt8], _ kind: UInt8, _ record: Int, _ body: [UInt8]) {
    unsafe withUnsafeBytes(of: UInt32(9 + body.count)) { unsafe bytes.append(contentsOf: $0) }
    bytes.append(kind)
    unsafe withUnsafeBytes(of: UInt64(record)) { unsafe bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: body)
  }
}
