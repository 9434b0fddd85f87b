import Checkpoints
import EngineAPI
import Foundation
import JSONText
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("A training run", .serialized)
struct TrainerTests {
  @Test("losses of 200 steps are within 1e-3 of PyTorch's", arguments: ["causal", "seq2seq", "classify"])
  func reference(_ name: String) throws {
    let expected = try JSONValue(contentsOfFile: Fixtures.path("training/losses.json"))[name]?.array?.compactMap(
      \.double)
    try Fixtures.withScratchFolder { folder in
      var run = TrainerRun {
        $0.maxSteps = 200
        $0.perDeviceTrainBatchSize = 6
        $0.warmupSteps = 10
        $0.weightDecay = 0.1
        $0.adamEpsilon = 1e-4
      }
      run.objective = try #require(TrainingObjective(rawValue: name))
      switch name {
      case "seq2seq":
        run.model = "program/encoder-decoder"
        run.file = "training/seq2seq.jsonl"
        run.options.labelSmoothingFactor = 0.1
        run.options.learningRate = 5e-5
      case "classify":
        run.file = "training/classify.tsv"
        run.model = folder + "/start"
        try FileManager.default.copyItem(atPath: Fixtures.path("training/classifier"), toPath: run.model)
        for file in ["tokenizer.json", "tokenizer_config.json"] {
          try FileManager.default.copyItem(
            atPath: Fixtures.path("program/masked/\(file)"), toPath: "\(run.model)/\(file)")
        }
      default: break
      }
      let found = try run.losses(in: folder + "/out")
      let wanted = try #require(expected)
      #expect(found.count == wanted.count)
      for (step, (found, wanted)) in zip(found, wanted).enumerated() {
        #expect(abs(found - wanted) <= 1e-3 * max(1, abs(wanted)), "step \(step + 1): \(found), expected \(wanted)")
      }
    }
  }

  @Test(
    "weights have the same bytes for every number of threads, instruction set and accumulation",
    arguments: OptimizerKind.allCases)
  func sameBytes(_ optimizer: OptimizerKind) throws {
    try Fixtures.withScratchFolder { folder in
      let run = TrainerRun {
        $0.optim = optimizer
        $0.maxSteps = 4
      }
      _ = try run.events(in: folder + "/first")
      let expected = try weights(folder + "/first")
      try onEachInstructionSet { index, set in
        var cut = run
        if index % 2 == 1 {
          cut.options.perDeviceTrainBatchSize = 2
          cut.options.gradientAccumulationSteps = 2
        }
        let other = "\(folder)/\(set.name)-\(index)"
        _ = try cut.events(in: other)
        #expect(try weights(other) == expected, "\(set.name), \(index % 3 + 1) threads")
      }
    }
  }

  @Test("tied weights and encoders: a step of 1 × 4 examples has the bytes of 2 × 2", arguments: ["seq2seq", "masked"])
  func accumulation(_ name: String) throws {
    try Fixtures.withScratchFolder { folder in
      var run = TrainerRun { $0.maxSteps = 3 }
      run.objective = try #require(TrainingObjective(rawValue: name))
      run.model = name == "masked" ? "program/masked" : "program/encoder-decoder"
      run.file = name == "masked" ? "training/causal.jsonl" : "training/seq2seq.jsonl"
      _ = try run.events(in: folder + "/whole")
      run.options.perDeviceTrainBatchSize = 2
      run.options.gradientAccumulationSteps = 2
      _ = try run.events(in: folder + "/cut")
      #expect(try weights(folder + "/whole") == weights(folder + "/cut"))
    }
  }

  @Test("a run that is interrupted after any step and continued ends with the bytes of one that is not")
  func resuming() throws {
    try Fixtures.withScratchFolder { folder in
      var run = TrainerRun {
        $0.maxSteps = 6
        $0.emaDecay = 0.9
      }
      _ = try run.events(in: folder + "/whole")
      for stop in 1...5 {
        let other = "\(folder)/\(stop)"
        run.options.resume = false
        _ = try run.events(in: other, stopAfter: stop)
        run.options.resume = true
        _ = try run.events(in: other)
        #expect(try weights(other) == weights(folder + "/whole"), "after step \(stop)")
        let lines = try String(decoding: FileBytes.read(other + "/log.jsonl"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 6)
      }
    }
  }

  @Test("a wrong figure, a model that does not fit in memory and another model's checkpoint stop before the first step")
  func refusals() throws {
    try Fixtures.withScratchFolder { folder in
      let wrong = TrainerRun {
        $0.maxSteps = 3
        $0.validationSplit = 0.5
        $0.metricForBestModel = "acuracy"
      }
      #expect(throws: TrainingError.self) { try wrong.events(in: folder + "/wrong") }
      #expect(!FileBytes.exists(folder + "/wrong/log.jsonl"))
      let large = TrainerRun { $0.maxSteps = 1 }
      let error = #expect(throws: TrainingError.self) { try large.events(in: folder + "/large", freeMemory: 10_000) }
      #expect(error?.facts.expected?.contains("at most 500 weights") == true)
      var other = TrainerRun {
        $0.maxSteps = 2
        $0.saveStrategy = .steps
        $0.saveSteps = 1
      }
      _ = try other.events(in: folder + "/run")
      other.objective = .masked
      other.model = "program/masked"
      other.options.resume = true
      other.options.maxSteps = 3
      let refused = #expect(throws: TrainingError.self) { try other.events(in: folder + "/run") }
      #expect(refused?.facts.what == "the checkpoint is of another model")
      #expect(refused?.facts.expected?.hasPrefix("GPT2 (") == true && refused?.facts.found?.hasPrefix("Bert (") == true)
      // Nothing is made of what is refused.
      for name in ["wrong", "large"] { #expect(!FileBytes.exists("\(folder)/\(name)")) }
    }
  }

  @Test("new weights that do not fit are not made, and an interruption while they are made ends the run")
  func beforeTheFirstStep() throws {
    try Fixtures.withScratchFolder { folder in
      func error(_ free: Int?, _ isInterrupted: @escaping () -> Bool) -> TrainingError? {
        var options = TrainingOptions()
        options.lineByLine = true
        let request = TrainRequest(
          model: ModelReference("program/causal"), objective: .causal,
          trainFiles: [Fixtures.path("training/causal.jsonl")], output: folder + "/out", fromScratch: true,
          options: options)
        return #expect(throws: TrainingError.self) {
          try Trainer(
            request, source: Fixtures.path("program/causal"), freeMemory: free, isInterrupted: isInterrupted)
        }
      }
      var asked = 0
      let tooLarge = error(100_000) {
        asked += 1
        return false
      }
      // Twenty bytes a weight: two values, a gradient and two states of AdamW.
      #expect(tooLarge?.facts.expected?.contains("at most 5000 weights") == true && asked == 0)
      #expect(error(nil) { true }?.kind == .interrupted)
      #expect(!FileBytes.exists(folder + "/out"))
    }
  }

  @Test("a folder that is written over loses its checkpoints, and another optimizer or seed does not resume")
  func earlierRuns() throws {
    try Fixtures.withScratchFolder { folder in
      var run = TrainerRun {
        $0.maxSteps = 3
        $0.saveStrategy = .steps
        $0.saveSteps = 3
      }
      _ = try run.events(in: folder + "/out")
      run.options.saveSteps = 2
      run.options.overwriteOutputDir = true
      _ = try run.events(in: folder + "/out")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/out")
      #expect(names.filter { $0.hasPrefix("checkpoint-") } == ["checkpoint-2"])
      run.options.overwriteOutputDir = false
      run.options.resume = true
      run.options.optim = .sgd
      #expect(throws: TrainingError.self) { try run.events(in: folder + "/out") }
      run.options.optim = .adamw
      run.options.seed = 43
      #expect(throws: TrainingError.self) { try run.events(in: folder + "/out") }
    }
  }

  @Test("checkpoints are whole folders, and only as many as wanted are kept")
  func checkpoints() throws {
    try Fixtures.withScratchFolder { folder in
      let run = TrainerRun {
        $0.maxSteps = 7
        $0.saveStrategy = .steps
        $0.saveSteps = 2
        $0.saveTotalLimit = 2
      }
      _ = try run.events(in: folder + "/out")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/out").sorted()
      #expect(
        names == [
          "checkpoint-4", "checkpoint-6", "config.json", "events.out.tfevents.triptych", "generation_config.json",
          "log.jsonl", "model.safetensors",
          "tokenizer.json", "tokenizer_config.json", "trainer_state.json",
        ])
      #expect(
        Set(try FileManager.default.contentsOfDirectory(atPath: folder + "/out/checkpoint-6")).isSuperset(of: [
          "config.json", "model.safetensors", "optimizer.safetensors", "trainer_state.json",
        ]))
    }
  }

  @Test("a new model starts with the spread of its configuration, and learns")
  func fromScratch() throws {
    try Fixtures.withScratchFolder { folder in
      var run = TrainerRun {
        $0.maxSteps = 30
        $0.learningRate = 1e-2
      }
      run.fromScratch = true
      let losses = try run.losses(in: folder + "/out")
      let (first, last) = (try #require(losses.first), try #require(losses.last))
      // Before the first step all tokens are about equally likely.
      #expect(abs(first - log(320)) < 0.2)
      #expect(last < first - 1)
    }
  }

  @Test("a loss that is not finite stops the run before the weights change; the kept step repeats to the bit")
  func notFinite() throws {
    try Fixtures.withScratchFolder { folder in
      let start = folder + "/start"
      try FileManager.default.copyItem(atPath: Fixtures.path("program/causal"), toPath: start)
      let file = try SafetensorsFile(path: start + "/model.safetensors")
      let tensors = try file.names.map { name in
        let value = try #require(file[name]).tensor()
        let bad = "transformer.h.1.mlp.c_fc.weight"
        return (name: name, value: name == bad ? Tensor(value.shape, value.scalars.map { _ in .infinity }) : value)
      }
      try SafetensorsWriter.write(tensors, to: start + "/model.safetensors")
      var run = TrainerRun()
      run.model = start
      let error = #expect(throws: TrainingError.self) { try run.events(in: folder + "/out") }
      let found = try #require(error)
      #expect(found.facts.place?.contains("transformer.h.1.mlp.c_fc") == true)
      let bundle = folder + "/out/stopped-at-step-1"
      let replayed = try ReplayBundle.replay(bundle)
      #expect(
        replayed.isSame && replayed.step == 1 && replayed.place == found.facts.place.map { String($0.dropFirst(8)) })
      #expect(!FileManager.default.fileExists(atPath: folder + "/out/model.safetensors"))
    }
  }

  @Test("a sudden rise of the loss stops the run")
  func spike() throws {
    try Fixtures.withScratchFolder { folder in
      let run = TrainerRun {
        $0.maxSteps = 40
        $0.learningRate = 30
        $0.optim = .sgd
        $0.warmupSteps = 12
        $0.maxLossSpike = 1.5
      }
      let error = #expect(throws: TrainingError.self) { try run.events(in: folder + "/out") }
      #expect(error?.facts.what == "the loss rose suddenly")
    }
  }

  @Test(
    "a loss is a spike if it exceeds both the median of the last ones and the first ones; few targets may scatter more")
  func spikeRule() {
    var state = RunState()
    for _ in 0..<9 { state.add(loss: 0.7) }
    #expect(state.largestLoss(factor: 10, targets: 100) == nil)
    for _ in 0..<9 { state.add(loss: 0.7) }
    #expect(state.largestLoss(factor: 10, targets: 100) == 7)
    for _ in 0..<100 { state.add(loss: 0.01) }
    // Ten times the median would be 0.1, which one wrong example of eight exceeds.
    #expect(abs(state.largestLoss(factor: 10, targets: 100).map { $0 - 1.4 } ?? 1) < 1e-12)
    #expect(abs(state.largestLoss(factor: 10, targets: 1).map { $0 - 7.7 } ?? 1) < 1e-12)
    #expect(state.largestLoss(factor: 1000, targets: 100) == 10)
  }

  @Test("adapters change nothing at first, learn, resume to the same bytes, and merge", arguments: [false, true])
  func adapters(_ hasMagnitudes: Bool) throws {
    try Fixtures.withScratchFolder { folder in
      var run = TrainerRun {
        $0.loraR = 4
        $0.learningRate = 2e-2
        $0.useDora = hasMagnitudes
        $0.mergeAdapter = true
        $0.perDeviceTrainBatchSize = 6
      }
      let losses = try run.losses(in: folder + "/whole")
      let own = try TrainerRun { $0.perDeviceTrainBatchSize = 6 }.losses(in: folder + "/own")
      #expect(abs(try #require(losses.first) - #require(own.first)) < 1e-5)
      #expect(try #require(losses.last) < #require(losses.first) - 1)
      let file = try SafetensorsFile(path: folder + "/whole/adapter_model.safetensors")
      let down = try #require(file["base_model.model.transformer.h.0.attn.c_attn.lora_A.weight"])
      #expect(down.shape[0] == 4)
      // The merged model goes on where the adapters were.
      var merged = TrainerRun {
        $0.perDeviceTrainBatchSize = 6
        $0.maxSteps = 1
      }
      merged.model = folder + "/whole/merged"
      #expect(try #require(merged.losses(in: folder + "/next").first) < #require(losses.last))
      _ = try run.events(in: folder + "/cut", stopAfter: 5)
      run.options.resume = true
      _ = try run.events(in: folder + "/cut")
      let name = "adapter_model.safetensors"
      #expect(try FileBytes.read("\(folder)/cut/\(name)") == FileBytes.read("\(folder)/whole/\(name)"))
    }
  }

  @Test("ten examples at most are shown first, with the tokens that count")
  func shown() throws {
    try Fixtures.withScratchFolder { folder in
      let events = try TrainerRun().events(in: folder + "/out")
      guard case .start(let start)? = events.first else {
        Issue.record("a run that does not begin with what is learned")
        return
      }
      #expect(start.examples.count == 4 && start.trainExamples == 6 && start.memory > 0)
      // A causal model predicts all tokens but the first.
      #expect(start.examples.allSatisfy { $0.pieces.count == 2 && !$0.pieces[0].counts && $0.pieces[1].counts })
    }
  }

  @Test("examples in which nothing counts are refused")
  func nothingCounts() throws {
    try Fixtures.withScratchFolder { folder in
      let file = folder + "/a.jsonl"
      try Data(#"{"text": ""}"#.utf8).write(to: URL(fileURLWithPath: file))
      let request = TrainRequest(
        model: ModelReference("causal"), objective: .causal, trainFiles: [file], output: folder + "/out",
        options: TrainerRun().options)
      // The end of the text alone has no next token.
      let error = #expect(throws: TrainingError.self) {
        try Trainer(request, source: Fixtures.path("program/causal"))
      }
      #expect(error?.facts.what == "no target to train on")
    }
  }

  @Test("a run that does not fit in memory is refused before the first step, with what would fit")
  func memory() throws {
    try Fixtures.withScratchFolder { folder in
      let request = TrainRequest(
        model: ModelReference("causal"), objective: .causal, trainFiles: [Fixtures.path("training/causal.jsonl")],
        output: folder + "/out", options: TrainerRun().options)
      let error = #expect(throws: TrainingError.self) {
        _ = try Trainer(request, source: Fixtures.path("program/causal"), freeMemory: 1 << 20).run(report: { _ in })
      }
      #expect(error?.facts.what == "the run does not fit in memory")
    }
  }
}
