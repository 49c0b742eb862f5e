import Glibc

/// How long something took: by the clock on the wall, and of all processors together. On a machine that has other work
/// to do only the second means much.
struct Elapsed {
  var wallSeconds: Double
  var processorSeconds: Double

  static let zero = Elapsed(wallSeconds: 0, processorSeconds: 0)

  static func measuring(_ body: () throws -> Void) rethrows -> Elapsed {
    let start = Elapsed.now
    try body()
    let end = Elapsed.now
    return Elapsed(
      wallSeconds: end.wallSeconds - start.wallSeconds, processorSeconds: end.processorSeconds - start.processorSeconds)
  }

  private static var now: Elapsed {
    Elapsed(wallSeconds: seconds(of: CLOCK_MONOTONIC), processorSeconds: seconds(of: CLOCK_PROCESS_CPUTIME_ID))
  }

  private static func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    precondition(unsafe clock_gettime(clock, &time) == 0)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// One line of the result.
struct Figure {
  let name: String
  let count: Int
  let threads: Int
  let elapsed: Elapsed
  /// The same bytes through the bare primitives, on as many threads.
  var raw: Elapsed?
  var limit: Limit?

  enum Limit {
    case wallSeconds(Double)
    case processorMicroseconds(Double)
  }

  var microseconds: Double { elapsed.processorSeconds * 1e6 / Double(count) }

  var isMet: Bool? {
    switch limit {
    case nil: nil
    case .wallSeconds(let seconds): elapsed.wallSeconds <= seconds
    case .processorMicroseconds(let bound): microseconds <= bound
    }
  }

  var json: String {
    var members = [
      "\"figure\":\"\(name)\"", "\"count\":\(count)", "\"threads\":\(threads)",
      "\"wallSeconds\":\(rounded(elapsed.wallSeconds))", "\"processorSeconds\":\(rounded(elapsed.processorSeconds))",
      "\"processorMicrosecondsEach\":\(rounded(microseconds))",
    ]
    if let raw {
      members.append("\"rawProcessorMicrosecondsEach\":\(rounded(raw.processorSeconds * 1e6 / Double(count)))")
      members.append("\"timesRaw\":\(rounded(elapsed.processorSeconds / raw.processorSeconds))")
    }
    switch limit {
    case nil: break
    case .wallSeconds(let seconds): members.append("\"limitWallSeconds\":\(rounded(seconds))")
    case .processorMicroseconds(let bound): members.append("\"limitProcessorMicrosecondsEach\":\(rounded(bound))")
    }
    if let isMet { members.append("\"met\":\(isMet)") }
    return "{" + members.joined(separator: ",") + "}"
  }

  static let heading =
    left("figure", 40) + right("threads", 8) + right("wall s", 9) + right("cpu s", 9) + right("cpu us each", 13)
    + right("raw us", 9) + right("x raw", 7) + "  limit"

  var row: String {
    let bound =
      switch limit {
      case nil: ""
      case .wallSeconds(let seconds): "  \(fixed(seconds, 1)) s wall"
      case .processorMicroseconds(let bound): "  \(fixed(bound, 1)) us cpu"
      }
    let verdict = isMet.map { $0 ? ": met" : ": NOT MET" } ?? ""
    return left(name, 40) + right(String(threads), 8) + right(fixed(elapsed.wallSeconds, 2), 9)
      + right(fixed(elapsed.processorSeconds, 2), 9) + right(fixed(microseconds, 2), 13)
      + right(raw.map { fixed($0.processorSeconds * 1e6 / Double(count), 2) } ?? "", 9)
      + right(raw.map { fixed(elapsed.processorSeconds / $0.processorSeconds, 2) } ?? "", 7) + bound + verdict
  }
}

private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

private func fixed(_ value: Double, _ digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let whole = String(Int((value * scale).rounded()))
  let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
  return padded.dropLast(digits) + "." + padded.suffix(digits)
}

private func left(_ text: String, _ width: Int) -> String { text + pad(text, width) }
private func right(_ text: String, _ width: Int) -> String { pad(text, width) + text }
private func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(1, width - text.count)) }
