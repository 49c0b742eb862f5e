import VaultAPI

/// Finds the operation that a method and a path stand for. Built once from `VaultOperation.allCases`.
struct RouteTable: Sendable {
  static let standard = RouteTable()

  enum Match: Equatable {
    /// `values` are the path's variable parts, percent-decoded, in order.
    case found(VaultOperation, values: [String])
    case otherMethods([String])
    case nothing

    /// Done in microseconds, apart from waiting for the disk. The rest may search, stretch or verify for seconds.
    var isBrief: Bool {
      switch self {
      case .found(let operation, _): operation.isBrief
      case .otherMethods, .nothing: true
      }
    }
  }

  private struct Entry {
    let operation: VaultOperation
    let method: String
    let segments: [Substring]
    /// The last segment takes all that remain.
    let isOpenEnded: Bool
  }

  /// By the segment after the version, which is a literal in every template: `records` of `/v1/records/{id}`.
  private let entries: [Substring: [Entry]] = Dictionary(
    grouping: VaultOperation.allCases.map { operation in
      let segments = operation.route.template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      return Entry(
        operation: operation, method: operation.route.method.rawValue, segments: segments,
        isOpenEnded: segments.last?.hasSuffix("...}") ?? false)
    }, by: { $0.segments[1] })

  /// - Parameter path: the raw path, without the query. Matched as it is: no empty segments, no dot segments.
  func match(method: String, path: Substring) -> Match {
    let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    var otherMethods: [String] = []
    guard segments.count > 1 else { return .nothing }
    for entry in entries[segments[1]] ?? [] {
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

extension VaultOperation {
  fileprivate var isBrief: Bool {
    switch self {
    case .status, .readRecord, .editRecord, .closeSession: true
    default: false
    }
  }
}
