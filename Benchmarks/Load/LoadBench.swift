import Glibc

/// `vault-bench load`: one operation against a vault that is being served, by so many connections.
struct LoadBench {
  var socket = ""
  var tokenFile = ""
  var programme = ""
  var recordsFile = ""
  var serverIdentifier = 0
  var operation = VaultWork.Operation.read
  var connections = 64
  var seconds = 5.0
  /// Instead of seconds, where it is not 0.
  var requests = 0
  var seed: UInt64 = 1

  mutating func take(_ option: String, _ value: String) -> Bool {
    switch (option, Int(value)) {
    case ("--socket", _): socket = value
    case ("--token-file", _): tokenFile = value
    case ("--programme", _): programme = value
    case ("--records", _): recordsFile = value
    case ("--server", let identifier?): serverIdentifier = identifier
    case ("--connections", let count?) where (1...256).contains(count): connections = count
    case ("--seconds", let count?) where (1...3600).contains(count): seconds = Double(count)
    case ("--requests", let count?) where count > 0: requests = count
    case ("--seed", let seed?) where seed > 0: self.seed = UInt64(seed)
    case ("--operation", _):
      guard let operation = VaultWork.Operation(rawValue: value) else { return false }
      self.operation = operation
    default: return false
    }
    return true
  }

  func run() {
    let token = LoadBench.line(of: tokenFile)
    let records = RecordBook(file: recordsFile.isEmpty ? nil : recordsFile)
    var work = VaultWork(operation, token: token, programme: programme, records: records, seed: seed)
    let before = ProcessCost(serverIdentifier)
    let outcome = ClosedLoop.run(
      &work, socket: socket, connections: connections, until: requests > 0 ? .requests(requests) : .seconds(seconds))
    let after = ProcessCost(serverIdentifier)
    if !recordsFile.isEmpty { work.records.write(to: recordsFile) }
    LoadFigure(
      subject: "vault", operation: operation.rawValue, connections: connections, records: work.records.count,
      outcome: outcome, serverProcessorSeconds: after.processorSeconds - before.processorSeconds,
      residentBytes: after.residentBytes
    ).print(kinds: work.kinds)
  }

  static func line(of file: String) -> String {
    guard let stream = unsafe fopen(file, "r") else { VaultBench.fail("cannot read \(file)") }
    defer { unsafe fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe fread(&bytes, 1, bytes.count, stream)
    return String(decoding: bytes.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self)
  }
}

/// One JSON line.
struct LoadFigure {
  let subject: String
  let operation: String
  let connections: Int
  let records: Int
  let outcome: ClosedLoop.Outcome
  let serverProcessorSeconds: Double
  let residentBytes: Int

  func print(kinds: [String]) {
    let all = outcome.all
    var members = [
      "\"subject\":\"\(subject)\"", "\"operation\":\"\(operation)\"", "\"connections\":\(connections)",
      "\"records\":\(records)", "\"count\":\(outcome.count)", "\"wallSeconds\":\(rounded(outcome.wallSeconds))",
      "\"perSecond\":\(rounded(Double(outcome.count) / outcome.wallSeconds))",
      "\"p50Microseconds\":\(rounded(all.microseconds(atQuantile: 0.5)))",
      "\"p99Microseconds\":\(rounded(all.microseconds(atQuantile: 0.99)))",
      "\"serverProcessorMicrosecondsEach\":\(rounded(serverProcessorSeconds * 1e6 / Double(max(1, outcome.count))))",
      "\"residentBytes\":\(residentBytes)",
    ]
    if kinds.count > 1 {
      for (kind, latencies) in zip(kinds, outcome.latencies) {
        members.append("\"\(kind)P99Microseconds\":\(rounded(latencies.microseconds(atQuantile: 0.99)))")
      }
    }
    Swift.print("{" + members.joined(separator: ",") + "}")
    _ = fflush(nil)
  }

  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
