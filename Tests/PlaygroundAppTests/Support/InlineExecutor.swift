import EngineAPI
import Synchronization

/// Runs an asynchronous call on the calling thread until it has ended. The call must not wait for anything but calls
/// that run as it does, such as those of a scripted engine.
final class InlineExecutor: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  private func next() -> UnownedJob? { jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() } }

  /// The result of a call.
  static func result<Value: Sendable>(
    _ body: @escaping @Sendable () async throws(EngineError) -> Value
  ) -> Result<Value, EngineError> {
    let executor = InlineExecutor()
    let found = Found<Value>()
    Task(executorPreference: executor) {
      do throws(EngineError) {
        found.set(.success(try await body()))
      } catch {
        found.set(.failure(error))
      }
    }
    while let job = executor.next() { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
    guard let result = found.result else { preconditionFailure("the call waits for something else") }
    return result
  }

  /// Where the task leaves its result.
  private final class Found<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, EngineError>?>(nil)
    func set(_ result: Result<Value, EngineError>) { value.withLock { $0 = result } }
    var result: Result<Value, EngineError>? { value.withLock { $0 } }
  }
}
