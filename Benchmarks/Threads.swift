import Dispatch

/// `body` on so many threads at once, of which the caller's is one.
func onThreads(_ count: Int, _ body: @Sendable () -> Void) { onThreads(count, each: { _ in body() }) }

/// Likewise, each told which one it is, from 0.
func onThreads(_ count: Int, each body: @Sendable (Int) -> Void) {
  DispatchQueue.concurrentPerform(iterations: count, execute: body)
}
