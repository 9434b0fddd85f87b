import EngineAPI

/// Training of the scripted engine: two steps without any work.
extension ScriptedEngine: ModelTraining {
  /// Reports a start and two steps, and writes nothing.
  public func train(
    _ request: TrainRequest, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async throws(EngineError) -> TrainResult {
    let piece = TrainingStart.Example.Piece(text: "The sea", counts: true)
    report(
      .start(
        TrainingStart(
          examples: [TrainingStart.Example(pieces: [piece])], trainExamples: 1, evaluationExamples: 0,
          trainedParameters: 100, parameters: 100, steps: 2, firstStep: 0, memory: 1000)))
    for step in 1...2 {
      report(
        .step(
          TrainingStep(
            step: step, steps: 2, epoch: Double(step), loss: 3 - Double(step), learningRate: 1e-4, gradientNorm: 1,
            tokens: 10, seconds: 0)))
    }
    return TrainResult(path: request.output, step: 2, loss: 1, metrics: [])
  }

  /// Refuses: its runs end at once.
  public func steerTraining(_ output: String, _ command: TrainingCommand) async throws(EngineError) {
    throw EngineError(.usage, "no such run", at: output, expected: "the folder of a running run", found: "none")
  }

  /// The losses of the two steps.
  public func trainingHistory(_ path: String) async throws(EngineError) -> TrainingHistory {
    let points = (1...2).map { TrainingHistory.Series.Point(step: $0, value: 3 - Double($0)) }
    return TrainingHistory(path: path, series: [TrainingHistory.Series(name: "train/loss", points: points)])
  }

  /// A step that has the same bits.
  public func replayStep(_ bundle: String) async throws(EngineError) -> ReplayedStep {
    ReplayedStep(step: 12, loss: 1, gradientNorm: 1, place: nil, isSame: true)
  }
}
