import AccessLog
import VaultAPI
import VaultClient

/// Work on many places, a few at a time, whose results are taken in the order of the places.
enum OrderedFetch {
  /// Places in flight: enough that daemon, disk and hashing do not wait for each other, few enough to bound memory at so
  /// many bundles of 16 MiB.
  static let width = 4

  /// What `fetch` or `take` throws ends it.
  @MainActor static func run<Place: Sendable, Value: Sendable>(
    _ places: some Sequence<Place>, fetch: @escaping @Sendable (Place) async throws -> Value,
    take: (Place, Value) async throws -> Void
  ) async throws {
    var iterator = places.makeIterator()
    try await withThrowingTaskGroup(of: (Int, Place, Value).self) { group in
      var started = 0
      var waiting: [Int: (Place, Value)] = [:]
      var wanted = 0
      func start() {
        guard let place = iterator.next() else { return }
        let number = started
        started += 1
        group.addTask { (number, place, try await fetch(place)) }
      }
      for _ in 0..<width { start() }
      while wanted < started {
        while let (place, value) = waiting.removeValue(forKey: wanted) {
          wanted += 1
          start()
          try await take(place, value)
        }
        guard wanted < started, let (number, place, value) = try await group.next() else { continue }
        waiting[number] = (place, value)
      }
    }
  }
}

extension Shell {
  /// In the same session, for several requests at once.
  func clientForMany() -> VaultClient {
    var options = ClientOptions()
    options.connectionCountMax = OrderedFetch.width
    let many = VaultClient(socket: socket, options: options)
    many.session = client.session
    return many
  }
}

extension VaultClient {
  /// A tile or a bundle as it lies in the log.
  ///
  /// - Parameter log: number of a log before a restore; nil for the present one.
  func logFile(
    _ path: TilePath, for use: LogUse = .verify, log: UInt64? = nil
  ) async throws(ClientError) -> [UInt8] {
    try await tile(String(path.text.dropFirst("tile/".count)), for: use, log: log)
  }
}
