import Checkpoints
import EngineAPI
import Foundation
import JSONText
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Runs with dropout, and with layers that are computed again", .serialized)
struct TrainerDropoutTests {
  @Test(
    "weights with dropout have the same bytes for every number of threads, instruction set and accumulation, and after a resume",
    arguments: ["causal", "masked", "seq2seq"])
  func dropout(_ name: String) throws {
    try Fixtures.withScratchFolder { folder in
      var run = TrainerRun {
        $0.dropout = 0.2
        $0.maxSteps = 3
      }
      run.objective = try #require(TrainingObjective(rawValue: name))
      if name == "masked" { run.model = "program/masked" }
      if name == "seq2seq" {
        run.model = "program/encoder-decoder"
        run.file = "training/seq2seq.jsonl"
      }
      _ = try run.events(in: folder + "/first")
      let expected = try weights(folder + "/first")
      try onEachInstructionSet { index, set in
        var cut = run
        if index % 2 == 1 {
          cut.options.perDeviceTrainBatchSize = 2
          cut.options.gradientAccumulationSteps = 2
        }
        cut.options.gradientCheckpointing = index % 3 == 0
        let other = "\(folder)/\(set.name)-\(index)"
        _ = try cut.events(in: other, stopAfter: 2)
        cut.options.resume = true
        _ = try cut.events(in: other)
        #expect(try weights(other) == expected, "\(set.name), \(index % 3 + 1) threads")
      }
      // The configuration has the probability, and the masks come from the seed.
      let configuration = try JSONValue(contentsOfFile: folder + "/first/config.json")
      let keys = ["causal": "resid_pdrop", "masked": "hidden_dropout_prob", "seq2seq": "dropout_rate"]
      let key = try #require(keys[name])
      #expect(configuration[key] == .double(0.2))
      run.options.dropout = 0
      _ = try run.events(in: folder + "/without")
      #expect(try weights(folder + "/without") != expected)
    }
  }

  @Test("a run that computes layers again keeps less, and is estimated to need less memory")
  func checkpointing() throws {
    try Fixtures.withScratchFolder { folder in
      func memory(_ checkpointing: Bool) throws -> Int {
        let run = TrainerRun {
          $0.gradientCheckpointing = checkpointing
          $0.maxSteps = 1
        }
        let memory = try run.events(in: "\(folder)/\(checkpointing)").compactMap { event in
          if case .start(let start) = event { start.memory } else { nil }
        }
        return try #require(memory.first)
      }
      let (less, more) = (try memory(true), try memory(false))
      #expect(less < more)
      let (again, once) = (try weights(folder + "/true"), try weights(folder + "/false"))
      #expect(again == once)
    }
  }

  @Test("adapters with dropout: no dropped element gives the plain adapters, and bytes do not depend on the machine")
  func adapterDropout() throws {
    try Fixtures.withScratchFolder { folder in
      func adapters(_ name: String, _ model: String, stopAfter: Int = .max, _ change: (inout TrainingOptions) -> Void)
        throws
        -> [UInt8]
      {
        var run = TrainerRun {
          $0.loraR = 2
          $0.maxSteps = 3
          change(&$0)
        }
        if model == "masked" { (run.objective, run.model) = (.masked, "program/masked") }
        if model == "seq2seq" {
          (run.objective, run.model, run.file) = (.seq2seq, "program/encoder-decoder", "training/seq2seq.jsonl")
        }
        let output = "\(folder)/\(model)-\(name)"
        if stopAfter < 3 {
          _ = try run.events(in: output, stopAfter: stopAfter)
          run.options.resume = true
        }
        _ = try run.events(in: output)
        return try FileBytes.read(output + "/adapter_model.safetensors")
      }
      func values(_ bytes: [UInt8], _ name: String) throws -> [String: [Float]] {
        let path = "\(folder)/\(name).safetensors"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let file = try SafetensorsFile(path: path)
        return Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try #require(file[$0]).tensor().scalars) })
      }
      for model in ["causal", "masked", "seq2seq"] {
        let plain = try values(adapters("plain", model) { _ in }, "plain")
        let kept = try values(adapters("kept", model) { $0.loraDropout = 1e-12 }, "kept")
        #expect(Set(plain.keys) == Set(kept.keys))
        for (name, values) in plain {
          let difference = zip(values, kept[name] ?? []).map { abs($0 - $1) }.max() ?? 1
          #expect(difference < 1e-4, "\(model) \(name)")
        }
        let expected = try adapters("first", model) { $0.loraDropout = 0.3 }
        #expect(try values(expected, "first") != plain)
        try onEachInstructionSet { index, set in
          let other = try adapters("\(index)", model, stopAfter: index % 2 == 0 ? 1 : .max) {
            $0.loraDropout = 0.3
            $0.gradientCheckpointing = index % 3 == 0
            if index % 2 == 1 {
              $0.perDeviceTrainBatchSize = 2
              $0.gradientAccumulationSteps = 2
            }
          }
          #expect(other == expected, "\(model) with \(set.name)")
        }
      }
    }
  }

  @Test("evaluations do not drop, and a kept step with dropout is replayed to the bit")
  func dropoutElsewhere() throws {
    try Fixtures.withScratchFolder { folder in
      func start(_ dropout: Double) throws -> [Double] {
        var run = TrainerRun {
          $0.dropout = dropout
          $0.learningRate = 1e-12
          $0.maxSteps = 1
          $0.validationSplit = 0.4
        }
        run.options.evalStrategy = .epoch
        return try run.events(in: "\(folder)/\(dropout)").compactMap { event in
          if case .evaluation(_, _, let metrics) = event { metrics.first { $0.name == "loss" }?.value } else { nil }
        }
      }
      let (without, with) = (try start(0), try start(0.5))
      #expect(without.count == 1 && with.count == 1 && zip(without, with).allSatisfy { abs($0 - $1) < 1e-6 })
      let spike = TrainerRun {
        $0.dropout = 0.1
        $0.maxSteps = 40
        $0.learningRate = 30
        $0.optim = .sgd
        $0.warmupSteps = 12
        $0.maxLossSpike = 1.5
      }
      let error = #expect(throws: TrainingError.self) { try spike.events(in: folder + "/spike") }
      #expect(error?.facts.what == "the loss rose suddenly")
      let kept = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder + "/spike").first { $0.hasPrefix("stopped") })
      #expect(try ReplayBundle.replay("\(folder)/spike/\(kept)").isSame)
    }
  }
}
