import EngineAPI
import Foundation
import JSONText
import TestSupport
import Testing

@testable import Training

@Suite("Evaluations of a training run", .serialized)
struct EvaluationTests {
  /// The evaluations of a run, from its log.
  private func log(
    _ objective: TrainingObjective, _ model: String, _ file: String, in folder: String,
    _ change: (inout TrainingOptions) -> Void
  ) throws -> [JSONValue] {
    let start = folder + "/start"
    try TrainedModels.copy(model, to: start)
    var options = TrainingOptions()
    options.evalStrategy = .steps
    options.evalSteps = 1
    options.perDeviceEvalBatchSize = 3
    change(&options)
    let path = Fixtures.path(file)
    let request = TrainRequest(
      model: ModelReference("start"), objective: objective, trainFiles: [path], validationFile: path,
      output: folder + "/out", options: options)
    _ = try Trainer(request, source: start).run(report: { _ in })
    let lines = try String(decoding: FileBytes.read(folder + "/out/log.jsonl"), as: UTF8.self).split(separator: "\n")
    return try lines.map { try JSONValue(parsing: Array($0.utf8)) }.filter { $0["eval_loss"] != nil }
  }

  private func expected(_ name: String) throws -> [String: Double] {
    let all = try JSONValue(contentsOfFile: Fixtures.path("training/evaluations.json"))
    let members = try #require(all[name]?.object).members
    return Dictionary(uniqueKeysWithValues: members.map { ("eval_\($0.key.description)", $0.value.double ?? .nan) })
  }

  @Test(
    "the log has seqeval's figures of entities and scikit-learn's figures of labels",
    arguments: [
      (TrainingObjective.tag, "tag", "training/tagger", "training/tag.conll", "f1"),
      (.classify, "classify", "training/classifier", "training/classify.tsv", "eval_f1"),
    ])
  func reference(_ objective: TrainingObjective, _ name: String, _ model: String, _ file: String, _ best: String)
    throws
  {
    try Fixtures.withScratchFolder { folder in
      let lines = try log(objective, model, file, in: folder) {
        // The weights stay as they are.
        $0.learningRate = 0
        $0.maxSteps = 1
        $0.metricForBestModel = best
        $0.saveStrategy = .no
      }
      let line = try #require(lines.first)
      for (key, value) in try expected(name) {
        let found = try #require(line[key]?.double, "\(key)")
        #expect(abs(found - value) < 1e-12, "\(key): \(found), expected \(value)")
      }
    }
  }

  @Test("the best model is the one with the highest F1 of entities")
  func best() throws {
    try Fixtures.withScratchFolder { folder in
      let lines = try log(.tag, "training/tagger", "training/tag.conll", in: folder) {
        $0.learningRate = 5e-3
        $0.maxSteps = 8
        $0.metricForBestModel = "f1"
        $0.loadBestModelAtEnd = true
        $0.maxLossSpike = 0
      }
      let scores = lines.compactMap { $0["eval_f1"]?.double }
      let highest = try #require(scores.max())
      #expect(scores.count == 8 && highest > 0.5)
      let step = try #require(scores.firstIndex(of: highest)) + 1
      let kept = try FileBytes.read("\(folder)/out/checkpoint-\(step)/model.safetensors")
      #expect(try FileBytes.read("\(folder)/out/model.safetensors") == kept)
    }
  }

  @Test("a figure that the objective does not have is an error with those that it has")
  func unknownFigure() throws {
    try Fixtures.withScratchFolder { folder in
      let error = #expect(throws: TrainingError.self) {
        try log(.tag, "training/tagger", "training/tag.conll", in: folder) {
          $0.maxSteps = 1
          $0.metricForBestModel = "bleu"
        }
      }
      #expect(error?.facts.found == "bleu" && error?.facts.expected == "one of loss, precision, recall, f1, accuracy")
    }
  }

  @Test("figures of several labels are scikit-learn's, and evaluations without examples give 0")
  func figures() throws {
    let evaluation = Evaluation(objective: .classify, labels: ["a", "b"], batchSize: 1)
    let metrics = try evaluation.figures(
      0, [], [([1, 0], [2, 1]), ([1, 1], [-1, 3]), ([0, 1], [-2, 1])])
    let expected = try expected("several")
    #expect(metrics.count == expected.count)
    for metric in metrics { #expect(abs(metric.value - (expected["eval_\(metric.name)"] ?? .nan)) < 1e-12) }
    #expect(try evaluation.figures(0, [], []).map(\.value) == [0, 0])
    let tags = Evaluation(objective: .tag, labels: ["O"], batchSize: 1)
    #expect(try tags.figures(0, [], []).map(\.value) == [0, 0, 0, 0])
  }
}
