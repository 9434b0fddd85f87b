import EngineAPI
import Models
import Synchronization
import Training

/// Training of models. Each run has its own thread, so the engine answers other requests meanwhile.
extension LocalEngine: ModelTraining {
  /// Trains a model and writes it to a folder. Cancelling the task saves a checkpoint and ends the run.
  public func train(
    _ request: TrainRequest, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async throws(EngineError) -> TrainResult {
    guard request.model.format == nil, request.model.changes.isEmpty else {
      throw EngineError(
        .usage, "can't train a model with a number format or changes", at: "model '\(request.model)'",
        expected: "a name or a folder alone", found: request.model.format == nil ? "changes" : "a number format",
        hint: "name '\(request.model.name)'")
    }
    let place = try catalog.resolve(request.model)
    let source = place.path
    if let adapted = (try? AdaptedPath(source)) ?? nil {
      throw EngineError(
        .usage, "can't train a model with adapters", at: "model '\(request.model)'",
        expected: "a model without adapters", found: adapted.adapters.joined(separator: ", "),
        hint: "train '\(adapted.base)', or the folder 'merged' that merge_adapter writes")
    }
    guard training[request.output] == nil else {
      throw EngineError(
        .usage, "another run writes this folder", at: request.output, expected: "a folder of its own",
        found: "the folder of a run in progress", hint: "stop the other run, or choose another folder")
    }
    let run = RunningTraining()
    training[request.output] = run
    defer { training[request.output] = nil }
    // A bundled model has its name on every machine.
    let baseName = place.source == "bundled" ? place.name : nil
    let written = writtenModels
    let result = await run.train(request, source: source, baseName: baseName) { event in
      if case .saved(let path) = event { written.add(path) }
      report(event)
    }
    switch result {
    case .success(let result): return result
    case .failure(let error): throw EngineError(error)
    }
  }

  /// Tells a running run what to do.
  public func steerTraining(_ output: String, _ command: TrainingCommand) throws(EngineError) {
    guard let run = training[output] else {
      throw EngineError(
        .usage, "no such run", at: output, expected: "the folder of a running run",
        found: training.isEmpty ? "no run in progress" : training.keys.sorted().joined(separator: ", "))
    }
    if case .setLearningRate(let rate) = command, !(rate.isFinite && rate >= 0) {
      throw EngineError(
        .usage, "bad learning rate", at: output, expected: "a number, at least 0", found: "\(rate)")
    }
    run.send(command)
  }

  /// Reads what a run has recorded.
  public nonisolated func trainingHistory(_ path: String) async throws(EngineError) -> TrainingHistory {
    do throws(TrainingError) { return try RunHistory.read(path) } catch { throw EngineError(error) }
  }

  /// Repeats the step that a stopped run kept.
  public func replayStep(_ bundle: String) async throws(EngineError) -> ReplayedStep {
    do throws(TrainingError) { return try ReplayBundle.replay(bundle) } catch { throw EngineError(error) }
  }
}

/// Folders of models that a run has written. An open model of one of them is opened anew.
final class WrittenModels: Sendable {
  private let paths = Mutex<Set<String>>([])

  /// Notes a folder.
  func add(_ path: String) { _ = paths.withLock { $0.insert(path) } }

  /// Whether a folder was written since the last call for it.
  func take(_ path: String) -> Bool { paths.withLock { $0.remove(path) != nil } }
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
      case .interrupted: .interrupted
      }
    self.init(kind, error)
  }
}
