import NIOCore
import Synchronization

/// Runs tasks on one event loop's thread, so that a request needs no other thread before it waits for the disk.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// One executor for each loop of a group.
final class LoopExecutors: Sendable {
  private let executors = Mutex<[ObjectIdentifier: LoopExecutor]>([:])

  func executor(of loop: any EventLoop) -> LoopExecutor {
    executors.withLock { executors in
      if let known = executors[ObjectIdentifier(loop)] { return known }
      let executor = LoopExecutor(loop)
      executors[ObjectIdentifier(loop)] = executor
      return executor
    }
  }
}
