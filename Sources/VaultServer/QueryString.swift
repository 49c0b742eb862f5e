import VaultAPI

/// The parameters after the question mark: each at most once, each one known.
struct QueryString {
  private var values: [String: String] = [:]

  /// - Parameter names: what this address takes. Anything else is refused, so that a misspelt filter does not widen an
  ///   answer in silence.
  init(_ text: Substring, allowing names: Set<String>) throws(Problem) {
    guard !text.isEmpty else { return }
    for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let name = PercentEncoding.decode(parts[0].utf8),
        let value = PercentEncoding.decode(parts[1].utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
      else { throw Problem(.malformed, "The query has to be name=value pairs joined by &, percent-encoded.") }
      guard names.contains(name) else {
        let known =
          names.isEmpty ? "This address takes no parameters." : "It takes \(names.sorted().joined(separator: ", "))."
        throw Problem(.invalid, "The query has a parameter that is not known here. " + known)
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw Problem(.malformed, "The query names a parameter twice.", field: name)
      }
    }
  }

  /// Nil when absent or empty.
  func text(_ name: String) throws(Problem) -> String? {
    guard let value = values[name], !value.isEmpty else { return nil }
    guard value.utf8.count <= WireLimit.wordByteCountMax else {
      throw WireError(.tooLong(byteCountMax: WireLimit.wordByteCountMax), field: name).problem
    }
    return value
  }

  func size(_ name: String) throws(Problem) -> UInt64? {
    guard let value = try text(name) else { return nil }
    // Through Int64, so that every size also fits a JSON number of ours; a sign is not a digit.
    guard value.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let size = Int64(value) else {
      throw WireError(.outOfRange(0...Int64.max), field: name).problem
    }
    return UInt64(size)
  }

  func requiredSize(_ name: String) throws(Problem) -> UInt64 {
    guard let size = try size(name) else { throw WireError(.missing, field: name).problem }
    return size
  }

  func code<Code: RawRepresentable<String> & CaseIterable>(_ name: String, _: Code.Type) throws(Problem) -> Code? {
    guard let text = try text(name) else { return nil }
    guard let code = Code(rawValue: text) else {
      let known = Code.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(.invalid, "This parameter is one of: \(known).", field: name)
    }
    return code
  }

  /// False when absent.
  func flag(_ name: String) throws(Problem) -> Bool {
    switch try text(name) {
    case nil, "false": return false
    case "true": return true
    default: throw Problem(.invalid, "This parameter is true or false.", field: name)
    }
  }

  func limit() throws(Problem) -> Int? {
    guard let limit = try size("limit") else { return nil }
    let range = 1...Int64(WireLimit.pageCountMax)
    guard range.contains(Int64(limit)) else { throw WireError(.outOfRange(range), field: "limit").problem }
    return Int(limit)
  }
}
