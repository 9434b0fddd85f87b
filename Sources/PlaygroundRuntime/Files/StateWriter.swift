/// Writes what is kept between sessions, off the main actor and in order.
final class StateWriter: Sendable {
  private let jobs: AsyncStream<@Sendable () -> Void>.Continuation
  private let writing: Task<Void, Never>

  init() {
    let (stream, jobs) = AsyncStream<@Sendable () -> Void>.makeStream()
    self.jobs = jobs
    writing = Task.detached { for await job in stream { job() } }
  }

  /// Does a job after those submitted before.
  func submit(_ job: @escaping @Sendable () -> Void) { jobs.yield(job) }

  /// Comes back when everything is done; later jobs are not.
  func finish() async {
    jobs.finish()
    await writing.value
  }
}
