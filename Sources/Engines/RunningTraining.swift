import Dispatch
import EngineAPI
import Platform
import Synchronization
import Training

/// A training run on a thread of its own, and the commands for it.
final class RunningTraining: Sendable {
  private struct Orders {
    var commands: [TrainingCommand] = []
    var isCancelled = false
  }

  private static let queue = DispatchQueue(label: "triptych.training", qos: .utility, attributes: .concurrent)
  private let orders = Mutex(Orders())
  /// Wakes a paused run.
  private let signal = DispatchSemaphore(value: 0)

  /// Leaves a command for the run.
  func send(_ command: TrainingCommand) {
    orders.withLock { $0.commands.append(command) }
    signal.signal()
  }

  /// Ends the run after its checkpoint.
  func cancel() {
    orders.withLock { $0.isCancelled = true }
    signal.signal()
  }

  private var isInterrupted: Bool { orders.withLock { $0.isCancelled || $0.commands.contains(.stop) } }

  private func take(waits: Bool) -> [TrainingCommand] {
    while true {
      let (commands, isCancelled) = orders.withLock { orders in
        defer { orders.commands = [] }
        return (orders.commands, orders.isCancelled)
      }
      if !waits || !commands.isEmpty || isCancelled { return commands }
      signal.wait()
    }
  }

  /// Seconds since 1970.
  private static var wallTime: Double {
    var time = timespec()
    return clock_gettime(CLOCK_REALTIME, &time) == 0 ? Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 : 0
  }

  /// Trains, and returns at the end. Canceling the task saves a checkpoint and ends the run.
  /// - Parameter baseName: the name of the model to start from, if it has one on every machine.
  func train(
    _ request: TrainRequest, source: String, baseName: String?, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async -> Result<TrainResult, TrainingError> {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Self.queue.async { [self] in
          continuation.resume(
            returning: Result { () throws(TrainingError) in
              let watch = StopWatch()
              let conditions = RunConditions(
                isInterrupted: { self.isInterrupted }, commands: { self.take(waits: $0) }, now: { watch.seconds },
                wallTime: { Self.wallTime }, memory: { peakResidentBytes() })
              return try Trainer(
                request, source: source, baseName: baseName, freeMemory: FreeMemory.available(),
                isInterrupted: conditions.isInterrupted
              ).run(report: report, conditions)
            })
        }
      }
    } onCancel: {
      cancel()
    }
  }
}
