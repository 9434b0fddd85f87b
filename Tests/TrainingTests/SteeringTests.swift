import EngineAPI
import Foundation
import JSONText
import TestSupport
import Testing

@testable import Training

@Suite("Steering and watching a run", .serialized)
struct SteeringTests {
  private func request(
    _ output: String, _ objective: TrainingObjective = .causal, model: String = "program/causal",
    file: String = "training/causal.jsonl", _ change: (inout TrainingOptions) -> Void = { _ in }
  ) -> TrainRequest {
    var options = TrainingOptions()
    options.lineByLine = true
    options.learningRate = 2e-3
    options.maxSteps = 6
    options.perDeviceTrainBatchSize = 4
    options.saveStrategy = .no
    change(&options)
    return TrainRequest(
      model: ModelReference(model), objective: objective, trainFiles: [Fixtures.path(file)], output: output,
      options: options)
  }

  /// The events of a run.
  /// - Parameters:
  ///   - orders: commands by the number of steps after which they are given.
  ///   - stopAfter: the number of steps after which the run is interrupted.
  private func events(
    _ request: TrainRequest, _ orders: [Int: [TrainingCommand]] = [:], stopAfter: Int = .max
  ) throws -> [TrainingEvent] {
    var events: [TrainingEvent] = []
    var (steps, given) = (0, Set<Int>())
    let conditions = RunConditions(
      isInterrupted: { steps >= stopAfter },
      commands: { _ in given.insert(steps).inserted ? orders[steps] ?? [] : [] })
    _ = try Trainer(request, source: Fixtures.path(request.model.name)).run(
      report: {
        events.append($0)
        if case .step = $0 { steps += 1 }
      }, conditions)
    return events
  }

  private func steps(_ events: [TrainingEvent]) -> [TrainingStep] {
    events.compactMap { if case .step(let step) = $0 { step } else { nil } }
  }

  private func samples(_ events: [TrainingEvent]) -> [TrainingSamples] {
    events.compactMap { if case .samples(let samples) = $0 { samples } else { nil } }
  }

  private func weights(_ folder: String) throws -> [UInt8] { try FileBytes.read("\(folder)/model.safetensors") }

  @Test("another learning rate holds from the next step on, and a run that is resumed has the same bytes")
  func learningRate() throws {
    try Fixtures.withScratchFolder { folder in
      let change: [Int: [TrainingCommand]] = [2: [.setLearningRate(1e-3)]]
      let events = try events(request(folder + "/whole"), change)
      let rates = steps(events).map(\.learningRate)
      let plain = steps(try self.events(request(folder + "/plain"))).map(\.learningRate)
      #expect(rates.prefix(2) == plain.prefix(2))
      for (rate, plain) in zip(rates, plain).dropFirst(2) { #expect(abs(rate - plain / 2) < 1e-12) }
      #expect(events.contains(.learningRate(step: 2, peak: 1e-3)))
      #expect(try weights(folder + "/whole") != weights(folder + "/plain"))
      for stop in [2, 3, 5] {
        let output = "\(folder)/cut-\(stop)"
        _ = try self.events(request(output), change, stopAfter: stop)
        let again = try self.events(request(output) { $0.resume = true })
        #expect(steps(again).map(\.learningRate) == Array(rates.dropFirst(stop)))
        #expect(try weights(output) == weights(folder + "/whole"), "after step \(stop)")
      }
    }
  }

  @Test("a change of the learning rate after the last checkpoint is repeated at its step")
  func lostChange() throws {
    try Fixtures.withScratchFolder { folder in
      let whole = request(folder + "/whole") {
        $0.saveStrategy = .steps
        $0.saveSteps = 2
      }
      _ = try events(whole, [3: [.setLearningRate(5e-4)]])
      // Without the last checkpoint, as after a sudden end.
      let cut = folder + "/cut"
      try FileManager.default.copyItem(atPath: folder + "/whole", toPath: cut)
      for name in ["checkpoint-4", "checkpoint-6", "model.safetensors"] {
        try FileManager.default.removeItem(atPath: "\(cut)/\(name)")
      }
      var resumed = whole
      resumed.output = cut
      resumed.options.resume = true
      let events = try events(resumed)
      #expect(steps(events).first?.step == 3)
      #expect(events.contains(.learningRate(step: 3, peak: 5e-4)))
      #expect(try weights(cut) == weights(folder + "/whole"))
    }
  }

  @Test("a paused run waits for a command; a stopped one keeps a checkpoint and a model, and can go on")
  func pausing() throws {
    try Fixtures.withScratchFolder { folder in
      let request = request(folder + "/run")
      var (steps, calls, waits) = (0, 0, [Bool]())
      var seen: [TrainingEvent] = []
      let conditions = RunConditions(commands: { isPaused in
        waits.append(isPaused)
        calls += 1
        switch (steps, isPaused) {
        case (2, false): return calls < 4 ? [.pause] : []
        case (2, true): return [.save, .resume]
        case (4, _): return [.stop]
        default: return []
        }
      })
      let result = try Trainer(request, source: Fixtures.path("program/causal")).run(
        report: {
          seen.append($0)
          if case .step = $0 { steps += 1 }
        }, conditions)
      #expect(waits == [false, false, false, true, false, false])
      #expect(
        Array(seen[3..<6]) == [
          .paused(step: 2), .saved(path: folder + "/run/checkpoint-2"), .resumed(step: 2),
        ])
      #expect(result.step == 4 && FileBytes.exists(folder + "/run/model.safetensors"))
      var resumed = request
      resumed.options.resume = true
      #expect(self.steps(try events(resumed)).map(\.step) == [5, 6])
      _ = try events(self.request(folder + "/whole"))
      #expect(try weights(folder + "/run") == weights(folder + "/whole"))
    }
  }

  @Test(
    "prompts are answered before the first step and at every evaluation, and a resumed run has the same lines",
    arguments: [
      ("causal", "program/causal", "training/causal.jsonl", "The"),
      ("masked", "program/masked", "training/causal.jsonl", "a [MASK] c"),
      ("seq2seq", "program/encoder-decoder", "training/seq2seq.jsonl", "a b"),
    ])
  func prompts(_ name: String, _ model: String, _ file: String, _ prompt: String) throws {
    try Fixtures.withScratchFolder { folder in
      let objective = try #require(TrainingObjective(rawValue: name))
      func request(_ output: String) -> TrainRequest {
        self.request(output, objective, model: model, file: file) {
          $0.samplePrompts = [prompt]
          $0.sampleTokens = 5
          $0.evalSteps = 2
          $0.klFile = Fixtures.path(file)
        }
      }
      let events = try events(request(folder + "/whole"))
      let found = samples(events)
      #expect(found.map(\.step) == [0, 2, 4, 6])
      for step in found {
        let candidates = try #require(step.samples.first).candidates
        #expect(step.samples.count == 1 && candidates.count == 20)
        #expect(candidates.map(\.probability) == candidates.map(\.probability).sorted(by: >))
        #expect(candidates.reduce(0) { $0 + $1.probability } <= 1 + 1e-9)
      }
      #expect(found[0].samples[0].candidates != found[3].samples[0].candidates)
      let drift = events.compactMap { event -> Double? in
        if case .evaluation(_, _, let metrics) = event { metrics.first { $0.name == "kl" }?.value } else { nil }
      }
      #expect(drift.count == 3 && drift.allSatisfy { $0 > 0 } && drift[0] < drift[2])
      let cut = request(folder + "/cut")
      _ = try self.events(cut, stopAfter: 3)
      var resumed = cut
      resumed.options.resume = true
      _ = try self.events(resumed)
      for file in ["samples.jsonl", "start.safetensors"] {
        #expect(try FileBytes.read("\(folder)/cut/\(file)") == FileBytes.read("\(folder)/whole/\(file)"), "\(file)")
      }
      let history = try RunHistory.read(folder + "/cut")
      #expect(history.samples == found)
      #expect(history.series.first { $0.name == "eval/kl" }?.points.map(\.value) == drift)
      #expect(history.series.first { $0.name == "train/loss" }?.points.map(\.step) == Array(1...6))
    }
  }

  @Test("the divergence from the start is 0 before the first step")
  func noDrift() throws {
    try Fixtures.withScratchFolder { folder in
      let events = try events(
        request(folder + "/run") {
          $0.learningRate = 0
          $0.klFile = Fixtures.path("training/causal.jsonl")
          $0.evalSteps = 3
        })
      for case .evaluation(_, _, let metrics) in events { #expect(abs(metrics[0].value) < 1e-6) }
    }
  }

  @Test("a prompt that can't be used is named before the first step")
  func badPrompts() throws {
    try Fixtures.withScratchFolder { folder in
      let long = String(repeating: "long ", count: 2000)
      for (objective, model, prompt) in [
        (TrainingObjective.causal, "program/causal", ""), (.causal, "program/causal", long),
        (.masked, "program/masked", "no mask"),
      ] {
        let request = request(folder + "/run", objective, model: model) { $0.samplePrompts = [prompt] }
        let error = #expect(throws: TrainingError.self) { try events(request) }
        #expect(error?.facts.what == "can't use a prompt" && error?.facts.place == "sample_prompt '\(prompt)'")
      }
    }
  }
}
