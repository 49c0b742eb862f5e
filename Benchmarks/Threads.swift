import Dispatch

/// `body` on so many threads at once, of which the caller's is one.
func onThreads(_ count: Int, _ body: @Sendable () -> Void) {
  DispatchQueue.concurrentPerform(iterations: count) { _ in body() }
}
