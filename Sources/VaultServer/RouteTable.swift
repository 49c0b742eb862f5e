import VaultAPI

/// Finds the operation that a method and a path stand for. Built once from `VaultOperation.allCases`.
struct RouteTable: Sendable {
  enum Match: Equatable {
    /// `values` are the path's variable parts, percent-decoded, in order.
    case found(VaultOperation, values: [String])
    case otherMethods([String])
    case nothing
  }

  private struct Entry {
    let operation: VaultOperation
    let method: String
    let segments: [Substring]
    /// The last segment takes all that remain.
    let isOpenEnded: Bool
  }

  private let entries: [Entry] = VaultOperation.allCases.map { operation in
    let segments = operation.route.template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    return Entry(
      operation: operation, method: operation.route.method.rawValue, segments: segments,
      isOpenEnded: segments.last?.hasSuffix("...}") ?? false)
  }

  /// - Parameter path: the raw path, without the query. Matched as it is: no empty segments, no dot segments.
  func match(method: String, path: Substring) -> Match {
    let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    var otherMethods: [String] = []
    for entry in entries {
      guard let values = Self.values(of: segments, in: entry) else { continue }
      if entry.method == method { return .found(entry.operation, values: values) }
      otherMethods.append(entry.method)
    }
    return otherMethods.isEmpty ? .nothing : .otherMethods(otherMethods)
  }

  private static func values(of segments: [Substring], in entry: Entry) -> [String]? {
    guard segments.count == entry.segments.count || (entry.isOpenEnded && segments.count > entry.segments.count) else {
      return nil
    }
    var values: [String] = []
    for (index, expected) in entry.segments.enumerated() {
      guard expected.utf8.first == UInt8(ascii: "{") else {
        guard segments[index] == expected else { return nil }
        continue
      }
      let isRest = entry.isOpenEnded && index == entry.segments.count - 1
      let actual = isRest ? segments[index...].joined(separator: "/")[...] : segments[index]
      guard !actual.isEmpty, let value = PercentEncoding.decode(actual.utf8) else { return nil }
      values.append(value)
    }
    return values
  }
}
