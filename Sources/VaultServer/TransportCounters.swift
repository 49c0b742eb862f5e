import Synchronization

/// One number that only grows.
final class TransportCounter: Sendable {
  private let value = Atomic<UInt64>(0)

  func add() { value.wrappingAdd(1, ordering: .relaxed) }
  var total: UInt64 { value.load(ordering: .relaxed) }
}

/// What the transport counts: no names, no ids, no addresses.
struct TransportCounters: Sendable {
  let connections = TransportCounter()
  let connectionsRefused = TransportCounter()
  let requests = TransportCounter()
  let refusals = TransportCounter()
  let problems = TransportCounter()
  let serverErrors = TransportCounter()

  var metrics: [Metric] {
    [
      Metric("vault_connections_total", "Connections accepted.", connections.total),
      Metric("vault_connections_refused_total", "Connections over a limit.", connectionsRefused.total),
      Metric("vault_requests_total", "Requests whose header arrived.", requests.total),
      Metric("vault_requests_refused_total", "Requests too malformed, large or slow to be served.", refusals.total),
      Metric("vault_problems_total", "Requests answered with a problem.", problems.total),
      Metric("vault_server_errors_total", "Problems of the vault's own, status 500 and above.", serverErrors.total),
    ]
  }
}

/// The Prometheus text format, version 0.0.4.
enum MetricsText {
  static func bytes(_ metrics: [Metric]) -> [UInt8] {
    var text = ""
    for metric in metrics {
      // A name or help text comes from our own code; anything else would break the format, so it is left out.
      guard metric.name.utf8.allSatisfy(isNameByte), !metric.help.utf8.contains(UInt8(ascii: "\n")) else { continue }
      text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) counter\n\(metric.name) \(metric.value)\n"
    }
    return Array(text.utf8)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "_")
  }
}
