import Dispatch
import Synchronization

/// `body` of 0…`count` − 1, computed by `concurrency` threads of which the caller's is one, in order. Whoever is free
/// takes the next: a thread that was held up holds nobody else up.
///
/// Throws what `body` threw for the smallest number, so that the same input fails in the same way in any number of
/// hands. Blocks until all have ended.
func concurrentMap<Value: Sendable>(
  _ count: Int, concurrency: Int, _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  precondition(count >= 0 && concurrency > 0)
  guard concurrency > 1, count > 1 else { return try (0..<count).map(body) }
  let next = Atomic(0)
  let results = Mutex([Result<Value, any Error>?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: min(concurrency, count)) { _ in
    while true {
      let number = next.add(1, ordering: .relaxed).oldValue
      guard number < count else { return }
      let result = Result { try body(number) }
      results.withLock { $0[number] = result }
      // Smaller numbers have all been taken; larger ones need not be.
      if case .failure = result { next.store(count, ordering: .relaxed) }
    }
  }
  let done = results.withLock { results in
    defer { results = [] }
    return results
  }
  var values: [Value] = []
  values.reserveCapacity(count)
  for result in done {
    guard let result else { preconditionFailure("taken, and before any failure") }
    values.append(try result.get())
  }
  return values
}
