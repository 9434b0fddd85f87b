import EngineAPI
import Platform
import Training

/// Training of models.
extension LocalEngine: ModelTraining {
  /// Trains a model and writes it to a folder. Cancelling the task saves a checkpoint and ends the run.
  public func train(
    _ request: TrainRequest, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async throws(EngineError) -> TrainResult {
    let source = try catalog.resolve(request.model).path
    do throws(TrainingError) {
      let trainer = try Trainer(request, source: source, freeMemory: FreeMemory.available())
      let watch = StopWatch()
      let result = try trainer.run(
        report: report, isCancelled: { Task.isCancelled }, now: { watch.seconds })
      return result
    } catch {
      throw EngineError(error)
    }
  }

  /// Repeats the step that a stopped run kept.
  public func replayStep(_ bundle: String) async throws(EngineError) -> ReplayedStep {
    do throws(TrainingError) { return try ReplayBundle.replay(bundle) } catch { throw EngineError(error) }
  }
}

extension EngineError {
  /// Converts the error of a training run.
  init(_ error: TrainingError) {
    let kind: Kind =
      switch error.kind {
      case .model: .model
      case .data: .input
      case .usage: .usage
      case .resources: .resources
      }
    self.init(kind, error)
  }
}
