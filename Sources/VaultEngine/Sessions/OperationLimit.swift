import Dispatch
import Synchronization

/// A queue of blocking work with a bounded width and a bounded tail.
final class OperationLimit: Sendable {
  private let waitingMax: Int
  private let waiting = Mutex(0)
  private let permits: DispatchSemaphore
  private let queue = DispatchQueue(label: "vault-stretch", attributes: .concurrent)

  init(width: Int, waitingMax: Int) {
    permits = DispatchSemaphore(value: width)
    self.waitingMax = waitingMax
  }

  /// False when the tail is full; otherwise `dispatch` must follow.
  func enter() -> Bool {
    waiting.withLock { waiting in
      guard waiting < waitingMax else { return false }
      waiting += 1
      return true
    }
  }

  func dispatch(_ body: @escaping @Sendable () -> Void) {
    queue.async { [self] in
      permits.wait()
      body()
      permits.signal()
      waiting.withLock { $0 -= 1 }
    }
  }
}
