import EngineAPI
import Engines
import Foundation
import TestSupport
import Testing

@Suite("Training runs of the local engine", .serialized)
struct EngineTrainingTests {
  private func request(_ output: String) -> TrainRequest {
    var options = TrainingOptions()
    options.lineByLine = true
    options.maxSteps = 1_000_000
    options.saveStrategy = .no
    options.evalStrategy = .no
    options.samplePrompts = ["the"]
    options.sampleTokens = 3
    return TrainRequest(
      model: ModelReference(Fixtures.path("program/causal")), objective: .causal,
      trainFiles: [Fixtures.path("training/causal.jsonl")], output: output, options: options)
  }

  @Test("a run is steered by its folder, and the engine answers other requests while it is paused")
  func steering() async throws {
    try await Fixtures.withScratchFolder { folder in
      let engine = LocalEngine(catalog: .paths)
      let output = folder + "/out"
      let (events, continuation) = AsyncStream.makeStream(of: TrainingEvent.self)
      let request = request(output)
      async let result = engine.train(request) { continuation.yield($0) }
      var seen: [String] = []
      watching: for await event in events {
        switch event {
        case .samples(let samples): if seen.isEmpty { seen.append("samples \(samples.step)") }
        case .step(let step): if step.step == 1 { try await engine.steerTraining(output, .pause) }
        case .paused:
          seen.append("paused")
          let tokens = try await engine.tokenize("the cat", model: request.model, addingSpecialTokens: false)
          #expect(!tokens.isEmpty)
          try await engine.steerTraining(output, .setLearningRate(1e-3))
          try await engine.steerTraining(output, .save)
          try await engine.steerTraining(output, .resume)
          await #expect(throws: EngineError.self) { try await engine.train(request) { _ in } }
        case .learningRate(_, let peak): seen.append("rate \(peak)")
        case .saved(let path): seen.append(path.contains("checkpoint") ? "checkpoint" : "model")
        case .resumed:
          seen.append("resumed")
          try await engine.steerTraining(output, .stop)
        case .start, .evaluation, .notice: break
        }
        if seen.last == "model" { break watching }
      }
      #expect(seen == ["samples 0", "paused", "rate 0.001", "checkpoint", "resumed", "checkpoint", "model"])
      let end = try await result
      #expect(end.path == output && end.step >= 1)
      let history = try await engine.trainingHistory(output)
      #expect(history.series.contains { $0.name == "train/peak_learning_rate" } && history.samples.count == 1)
      await #expect(throws: EngineError.self) { try await engine.steerTraining(output, .pause) }
    }
  }

  @Test("canceling the task of a paused run ends it after a checkpoint")
  func cancelling() async throws {
    try await Fixtures.withScratchFolder { folder in
      let engine = LocalEngine(catalog: .paths)
      let output = folder + "/out"
      let (events, continuation) = AsyncStream.makeStream(of: TrainingEvent.self)
      let request = request(output)
      let task = Task { try await engine.train(request) { continuation.yield($0) } }
      for await event in events {
        if case .step(let step) = event, step.step == 1 { try await engine.steerTraining(output, .pause) }
        if case .paused = event { task.cancel() }
        if case .saved = event { break }
      }
      let end = try await task.value
      #expect(FileManager.default.fileExists(atPath: "\(output)/checkpoint-\(end.step)/checksums.json"))
      #expect(!FileManager.default.fileExists(atPath: output + "/model.safetensors"))
    }
  }

  @Test("an open model that a run writes again is opened with its new weights")
  func writtenAgain() async throws {
    try await Fixtures.withScratchFolder { folder in
      let engine = LocalEngine(catalog: .paths)
      let output = folder + "/out"
      var request = request(output)
      request.options.maxSteps = 1
      request.options.learningRate = 0.1
      request.options.overwriteOutputDir = true
      func scores() async throws -> [ScoredToken] {
        let context = ModelContext(model: ModelReference(output), ids: [5, 6, 7, 8])
        return try await engine.score(ScoreRequest(context: context), progress: { _ in })
      }
      _ = try await engine.train(request) { _ in }
      let first = try await scores()
      let again = try await scores()
      #expect(again == first)
      request.options.seed = 7
      request.options.maxSteps = 3
      _ = try await engine.train(request) { _ in }
      let newest = try await scores()
      #expect(newest != first)
    }
  }

  @Test("a bad learning rate and a folder without a run are refused")
  func refusals() async throws {
    let engine = LocalEngine(catalog: .paths)
    let error = await #expect(throws: EngineError.self) { try await engine.steerTraining("nowhere", .pause) }
    #expect(error?.kind == .usage)
    await #expect(throws: EngineError.self) { try await engine.trainingHistory("nowhere") }
  }
}
