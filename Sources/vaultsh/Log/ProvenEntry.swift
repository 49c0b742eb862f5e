import AccessLog
import Glibc
import VaultModel

/// One entry as its leaf says it, and nothing that the leaf does not say: the words beside the log are not proven by it.
struct ProvenEntry {
  let index: UInt64
  let entry: LogEntry

  /// The whole leaf, every member always there. Two entries with the same document have the same leaf.
  var json: JSONValue {
    .object([
      "index": .integer(Int64(clamping: index)), "time": .string(time), "account": text(entry.account),
      "uid": entry.uid.map { .integer(Int64($0)) } ?? .null, "action": .string(entry.action),
      "record": text(entry.record), "programme": text(entry.programme), "sections": texts(entry.sections),
      "purpose": text(entry.purpose), "outcome": .string(entry.outcome.rawValue), "detail": text(entry.detail),
      "assignment": text(entry.assignment?.rawValue), "approval": text(entry.approval),
      "results": texts(entry.results), "count": entry.count.map { .string(String($0)) } ?? .null,
      "changesSHA256": text(entry.changes.map(HexText.encode)),
      "wordsSHA256": text(entry.freeText.map(HexText.encode)),
      "unknown": .array(
        entry.unknown.map { .object(["key": .string($0.key), "value": .string(HexText.encode($0.value))]) }),
    ])
  }

  private func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
  private func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

  /// RFC 3339 in UTC with milliseconds: the same on every machine.
  var time: String { UniversalTime.text(milliseconds: entry.time) }

  /// For people: label and value, without what is empty.
  var lines: [(label: String, value: String)] {
    let outcome = entry.outcome.rawValue + (entry.detail.map { " (\($0))" } ?? "")
    let all: [(String, String?)] = [
      ("When", time), ("Account", entry.account ?? "none that is known"),
      ("User id", entry.uid.map { String($0) }), ("Action", entry.action), ("Outcome", outcome),
      ("Record", entry.record), ("Programme", entry.programme), ("Sections", joined(entry.sections)),
      ("Purpose", entry.purpose), ("Assignment", assignment), ("Approval", entry.approval),
      ("Found", joined(entry.results)), ("Stands for", entry.count.map { "\($0) equal events" }),
      ("Words beside it", entry.freeText.map { "kept elsewhere; SHA-256 of their ciphertext \(HexText.encode($0))" }),
    ]
    return all.compactMap { label, value in value.map { (label, Printable.line($0)) } }
  }

  private func joined(_ texts: [String]) -> String? { texts.isEmpty ? nil : texts.joined(separator: ", ") }

  private var assignment: String? {
    switch entry.assignment {
    case .some(.owner): "the record was this person's own"
    case .some(.team): "this person was named as covering for the record's owner"
    case .some(LogEntry.Assignment.none): "nobody had put this person in charge of the record"
    case nil: nil
    }
  }
}

/// Times that read the same on every machine.
enum UniversalTime {
  /// `2026-05-17T09:30:12.250Z`.
  static func text(milliseconds: Int64) -> String {
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    var time = time_t(seconds)
    var parts = unsafe tm()
    guard milliseconds >= 0, unsafe gmtime_r(&time, &parts) != nil else { return "\(milliseconds) ms after 1970" }
    let date = unsafe "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
    let clock = unsafe "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
    return "\(date)T\(clock).\(padded(Int32(rest), 3))Z"
  }

  private static func padded(_ number: Int32, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
