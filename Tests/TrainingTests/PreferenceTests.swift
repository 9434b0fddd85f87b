import Checkpoints
import EngineAPI
import Foundation
import JSONText
import Models
import TestSupport
import Testing

@testable import Training

@Suite("Preferences and conversations", .serialized)
struct PreferenceTests {
  private func request(_ output: String, file: String = "preference/pairs.jsonl", _ steps: Int = 6) -> TrainRequest {
    var options = TrainingOptions()
    options.beta = 0.2
    options.learningRate = 2e-4
    options.maxSteps = steps
    options.perDeviceTrainBatchSize = 4
    options.saveStrategy = .no
    return TrainRequest(
      model: ModelReference("program/causal"), objective: .preference, trainFiles: [Fixtures.path(file)],
      output: output, options: options)
  }

  private func losses(_ request: TrainRequest, stopAfter: Int = .max) throws -> [Double] {
    var losses: [Double] = []
    _ = try Trainer(request, source: Fixtures.path("program/causal")).run(
      report: { if case .step(let step) = $0 { losses.append(step.loss) } },
      RunConditions(isInterrupted: { losses.count >= stopAfter }))
    return losses
  }

  @Test("losses of 200 steps are within 1e-3 of PyTorch's")
  func reference() throws {
    try Fixtures.withScratchFolder { folder in
      var request = request(folder + "/out", 200)
      request.options.warmupSteps = 10
      request.options.weightDecay = 0.1
      request.options.adamEpsilon = 1e-4
      request.options.dropout = 0
      let found = try losses(request)
      let file = try JSONValue(contentsOfFile: Fixtures.path("preference/losses.json"))
      let expected = try #require(file["losses"]?.array).compactMap(\.double)
      #expect(found.count == expected.count)
      for (step, (found, expected)) in zip(found, expected).enumerated() {
        #expect(abs(found - expected) <= 1e-3, "step \(step + 1): \(found), expected \(expected)")
      }
    }
  }

  @Test("a step of 1 × 4 pairs has the bytes of 2 × 2, and an interrupted run those of one that is not")
  func sameBytes() throws {
    try Fixtures.withScratchFolder { folder in
      let whole = request(folder + "/whole")
      _ = try losses(whole)
      let expected = try FileBytes.read(folder + "/whole/model.safetensors")
      var cut = request(folder + "/cut")
      cut.options.perDeviceTrainBatchSize = 2
      cut.options.gradientAccumulationSteps = 2
      _ = try losses(cut, stopAfter: 3)
      cut.options.resume = true
      _ = try losses(cut)
      #expect(try FileBytes.read(folder + "/cut/model.safetensors") == expected)
    }
  }

  @Test("evaluations give the share of pairs whose chosen answer gained, and the mean margin")
  func evaluation() throws {
    try Fixtures.withScratchFolder { folder in
      var request = request(folder + "/out", 20)
      request.validationFile = Fixtures.path("preference/pairs.jsonl")
      request.options.evalSteps = 20
      let result = try Trainer(request, source: Fixtures.path("program/causal")).run(report: { _ in })
      #expect(result.metrics.map(\.name) == ["loss", "accuracy", "margin"])
      #expect(result.metrics[1].value == 1 && result.metrics[2].value > 0)
      #expect(result.metrics[0].value < 0.69)
    }
  }

  @Test("pairs from which nothing can be learned are refused")
  func sameAnswers() throws {
    try Fixtures.withScratchFolder { folder in
      let file = folder + "/same.jsonl"
      try Data(#"{"prompt": "Once", "chosen": " upon", "rejected": " upon"}"#.utf8).write(
        to: URL(fileURLWithPath: file))
      var request = request(folder + "/out")
      request.trainFiles = [file]
      let error = #expect(throws: TrainingError.self) { try losses(request) }
      #expect(error?.facts.expected == "pairs whose answers differ")
    }
  }

  @Test("a pair without an answer is named with its line")
  func missingAnswer() throws {
    try Fixtures.withScratchFolder { folder in
      let file = folder + "/pairs.jsonl"
      try Data(
        "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}\n{\"prompt\": \"a\", \"chosen\": \"b\"}\n".utf8
      )
      .write(to: URL(fileURLWithPath: file))
      var request = request(folder + "/out")
      request.trainFiles = [file]
      let error = #expect(throws: TrainingError.self) { try losses(request) }
      #expect(error?.facts.place?.contains("line 2") == true)
      #expect(error?.facts.expected?.contains("rejected") == true)
    }
  }

  @Test(
    "only the assistant's tokens of a conversation count, as transformers marks them",
    arguments: ["marked_template", "chat_template"])
  func conversations(_ template: String) throws {
    try Fixtures.withScratchFolder { folder in
      let model = folder + "/model"
      try FileManager.default.copyItem(atPath: Fixtures.path("program/causal"), toPath: model)
      try FileManager.default.copyItem(
        atPath: Fixtures.path("preference/\(template).jinja"), toPath: model + "/chat_template.jinja")
      var request = request(folder + "/out", file: "preference/chats.jsonl")
      request.objective = .causal
      let plan = try TrainingPlan(request, source: model, checkpoint: nil, freeMemory: nil)
      let expected = try #require(JSONValue(contentsOfFile: Fixtures.path("preference/masks.json")).array)
      #expect(plan.training.count == expected.count)
      for (index, expected) in expected.enumerated() {
        let example = plan.training.example(index, epoch: 0)
        guard case .classes(let targets) = example.targets else {
          Issue.record("no tokens")
          continue
        }
        guard template == "marked_template" else {
          // Without marks a message counts with the end of the line that the template writes after it. The second
          // conversation is cut at the model's context.
          let answers = ["on the mat\n", "it was late\nran"]
          #expect(plan.tokenizer.decode(targets) == answers[index])
          continue
        }
        let ids = try #require(expected["ids"]?.array).compactMap(\.int)
        let positions = try #require(expected["positions"]?.array).compactMap(\.int)
        #expect(example.ids == ids && example.positions == positions.map { $0 - 1 })
        #expect(targets == positions.map { ids[$0] })
      }
    }
  }

  @Test("conversations without a chat template are refused")
  func noTemplate() throws {
    try Fixtures.withScratchFolder { folder in
      var request = request(folder + "/out", file: "preference/chats.jsonl")
      request.objective = .causal
      let error = #expect(throws: TrainingError.self) { try losses(request) }
      #expect(error?.facts.what == "the model has no chat template")
    }
  }

  @Test("texts that a model of pairs writes are scored beside the loss")
  func writtenTexts() throws {
    try Fixtures.withScratchFolder { folder in
      var request = request(folder + "/out", file: "training/seq2seq.jsonl", 2)
      request.objective = .seq2seq
      request.validationFile = Fixtures.path("training/seq2seq.jsonl")
      request.options.predictWithGenerate = true
      request.options.generationMaxLength = 12
      request.options.metricForBestModel = "chrf"
      request.options.loadBestModelAtEnd = true
      let result = try Trainer(request, source: Fixtures.path("program/encoder-decoder")).run(report: { _ in })
      #expect(
        result.metrics.map(\.name) == ["loss", "perplexity", "accuracy", "bleu", "chrf", "rouge1", "rouge2", "rougeL"])
      #expect(result.metrics.allSatisfy { $0.value.isFinite })
    }
  }

  @Test("an adapter's folder opens with the bytes that the run computed", arguments: [false, true])
  func adapterFolder(_ hasMagnitudes: Bool) throws {
    try Fixtures.withScratchFolder { folder in
      var request = request(folder + "/out", file: "training/causal.jsonl")
      request.objective = .causal
      request.options.lineByLine = true
      request.options.loraR = 4
      request.options.learningRate = 2e-2
      request.options.useDora = hasMagnitudes
      request.options.mergeAdapter = true
      request.options.saveStrategy = .no
      _ = try Trainer(request, source: Fixtures.path("program/causal")).run(report: { _ in })
      let adapted = try ModelSource(path: folder + "/out").tensors()
      let merged = try SafetensorsFile(path: folder + "/out/merged/model.safetensors")
      for name in merged.names { #expect(adapted[name]?.tensor().scalars == merged[name]?.tensor().scalars, "\(name)") }
    }
  }
}
