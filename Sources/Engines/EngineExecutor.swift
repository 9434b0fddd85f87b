import Dispatch

/// Runs an actor on a queue of its own, so that a forward pass never occupies a thread of the cooperative pool.
///
/// (`DispatchSerialQueue`, which could serve as an executor itself, does not exist on Linux.)
final class EngineExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
