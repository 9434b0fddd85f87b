import Checkpoints
import EngineAPI
import Foundation
import JSONText
import Platform
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("What a run refuses", .serialized)
struct RefusalTests {
  private func request(
    _ output: String, _ objective: TrainingObjective = .causal, model: String = "program/causal",
    file: String = "training/causal.jsonl", _ change: (inout TrainingOptions) -> Void = { _ in }
  ) -> TrainRequest {
    var options = TrainingOptions()
    options.lineByLine = true
    options.maxSteps = 3
    options.saveStrategy = .steps
    options.saveSteps = 2
    change(&options)
    return TrainRequest(
      model: ModelReference(model), objective: objective, trainFiles: [Fixtures.path(file)], output: output,
      options: options)
  }

  @discardableResult
  private func run(_ request: TrainRequest, report: (TrainingEvent) -> Void = { _ in }) throws -> TrainResult {
    try Trainer(request, source: Fixtures.path(request.model.name)).run(report: report)
  }

  @Test("a run is not continued with other options or data, and the error names what differs")
  func otherRun() throws {
    try Fixtures.withScratchFolder { folder in
      let first = request(folder + "/out")
      try run(first)
      var resumed = first
      resumed.options.resume = true
      let file = folder + "/other.jsonl"
      try Data(#"{"text": "another text"}"#.utf8).write(to: URL(fileURLWithPath: file))
      var others: [(name: String, request: TrainRequest)] = [
        ("learning_rate", resumed), ("per_device_train_batch_size", resumed), ("weight_decay", resumed),
        ("seed", resumed), ("contents of train_file", resumed),
      ]
      others[0].request.options.learningRate = 1e-3
      others[1].request.options.perDeviceTrainBatchSize = 3
      others[2].request.options.weightDecay = 0.1
      others[3].request.options.seed = 7
      others[4].request.trainFiles = [file]
      for (name, request) in others {
        let error = #expect(throws: TrainingError.self) { try run(request) }
        #expect(error?.facts.expected?.contains(name) == true && error?.facts.found?.contains(name) == true)
      }
      // The same examples in a step, and more steps.
      var other = resumed
      other.options.perDeviceTrainBatchSize = 4
      other.options.gradientAccumulationSteps = 2
      other.options.maxSteps = 5
      #expect(try run(other).step == 5)
    }
  }

  @Test("a run continues from the checkpoint that is named, and ends with the same bytes")
  func earlierCheckpoint() throws {
    try Fixtures.withScratchFolder { folder in
      let whole = request(folder + "/out") { $0.maxSteps = 5 }
      try run(whole)
      let expected = try FileBytes.read(folder + "/out/model.safetensors")
      var resumed = whole
      #expect(
        TrainingOption.named("resume_from_checkpoint")?.set(folder + "/out/checkpoint-2", in: &resumed.options) == true)
      var steps: [Int] = []
      try run(resumed) { if case .step(let step) = $0 { steps.append(step.step) } }
      #expect(steps == [3, 4, 5])
      #expect(try FileBytes.read(folder + "/out/model.safetensors") == expected)
      resumed.options.resumeFromCheckpoint = folder + "/out/checkpoint-9"
      #expect(throws: TrainingError.self) { try run(resumed) }
    }
  }

  @Test("a file as output, both ways of resuming, and adapters' base by its name")
  func places() throws {
    try Fixtures.withScratchFolder { folder in
      let file = folder + "/file"
      try Data("a".utf8).write(to: URL(fileURLWithPath: file))
      let error = #expect(throws: TrainingError.self) { try run(request(file)) }
      #expect(error?.kind == .usage && error?.facts.what == "the output is not a folder")
      let both = request(folder + "/out") {
        $0.resume = true
        $0.resumeFromCheckpoint = folder + "/out/checkpoint-2"
      }
      let refused = #expect(throws: TrainingError.self) { try run(both) }
      #expect(refused?.kind == .usage && refused?.facts.place == "resume_from_checkpoint")
      // A wrong figure is found late.
      let late = request(folder + "/late") {
        $0.validationSplit = 0.4
        $0.metricForBestModel = "f2"
      }
      #expect(throws: TrainingError.self) { try run(late) }
      #expect(!FileBytes.exists(folder + "/late"))
      let adapted = request(folder + "/adapter") { $0.loraR = 2 }
      _ = try Trainer(adapted, source: Fixtures.path("program/causal"), baseName: "tales").run(report: { _ in })
      let configuration = try JSONValue(contentsOfFile: folder + "/adapter/adapter_config.json")
      #expect(configuration["base_model_name_or_path"] == "tales")
    }
  }

  @Test("a checkpoint with a changed byte in any of its files is not continued")
  func damagedCheckpoint() throws {
    try Fixtures.withScratchFolder { folder in
      let first = request(folder + "/out")
      try run(first)
      var resumed = first
      resumed.options.resume = true
      let checkpoint = folder + "/out/checkpoint-2"
      for name in try FileManager.default.contentsOfDirectory(atPath: checkpoint) {
        let url = URL(fileURLWithPath: "\(checkpoint)/\(name)")
        let whole = try Data(contentsOf: url)
        var damaged = whole
        damaged[damaged.count - 2] ^= 1
        try damaged.write(to: url)
        let error = #expect(throws: TrainingError.self, "\(name)") { try run(resumed) }
        #expect(error?.kind == .model)
        try whole.write(to: url)
      }
      try FileManager.default.removeItem(atPath: checkpoint + "/optimizer.safetensors")
      #expect(throws: TrainingError.self) { try run(resumed) }
    }
  }

  @Test("a folder that can't be listed is an error of resuming; without a checkpoint a note says that the run begins")
  func unlistable() throws {
    try Fixtures.withScratchFolder { folder in
      var resumed = request(folder + "/out")
      resumed.options.resume = true
      // A file in place of the folder.
      try Data("a".utf8).write(to: URL(fileURLWithPath: folder + "/out"))
      #expect(throws: TrainingError.self) { try run(resumed) }
      resumed.output = folder + "/new"
      var notices: [String] = []
      try run(resumed) { if case .notice(let text) = $0 { notices.append(text) } }
      #expect(notices.contains { $0.contains("begins anew") })
    }
  }

  @Test("an option that the run has no use for is named")
  func unusedOptions() throws {
    for (objective, names) in [
      (TrainingObjective.classify, ["mlm_probability=0.2", "line_by_line=true", "source_prefix=a"]),
      (.causal, ["label_column=a", "whole_word_masking=true", "momentum=0.5", "eval_steps=2"]),
      (.masked, ["target_column=a", "metric_for_best_model=loss", "lora_alpha=8"]),
      (.seq2seq, ["text_column=a", "mlm_probability=0.2"]),
    ] {
      for name in names {
        let parts = name.split(separator: "=").map(String.init)
        let request = request("out", objective) { options in
          #expect(TrainingOption.named(parts[0])?.set(parts[1], in: &options) == true)
        }
        let error = #expect(throws: TrainingError.self, "\(objective) \(name)") { try OptionCheck.check(request) }
        #expect(error?.facts.place == parts[0] && error?.kind == .usage)
      }
    }
    let used = request("out", .seq2seq) { options in
      #expect(TrainingOption.named("span_corruption")?.set("true", in: &options) == true)
      #expect(TrainingOption.named("mlm_probability")?.set("0.2", in: &options) == true)
    }
    #expect(throws: Never.self) { try OptionCheck.check(used) }
  }

  @Test("a freeze option that matches no weight is refused and named")
  func freeze() throws {
    try Fixtures.withScratchFolder { folder in
      let error = #expect(throws: TrainingError.self) {
        try run(request(folder + "/out") { $0.freeze = ["wte", "emb"] })
      }
      #expect(error?.facts.found == "emb" && error?.facts.place == "freeze")
    }
  }

  @Test("a small share holds out at least one example, and a share that leaves none is refused")
  func smallSplit() throws {
    try Fixtures.withScratchFolder { folder in
      for share in [1e-9, 0.01, 0.3] {
        var counts: [Int] = []
        try run(request("\(folder)/\(share)") { $0.validationSplit = share }) { event in
          if case .start(let start) = event { counts = [start.trainExamples, start.evaluationExamples] }
        }
        #expect(counts.reduce(0, +) == 6 && counts.allSatisfy { $0 > 0 }, "\(share)")
      }
      let file = folder + "/one.jsonl"
      try Data(#"{"text": "the only text"}"#.utf8).write(to: URL(fileURLWithPath: file))
      var request = request(folder + "/out") { $0.validationSplit = 0.1 }
      request.trainFiles = [file]
      let error = #expect(throws: TrainingError.self) { try run(request) }
      #expect(error?.facts.place?.contains("validation_split") == true)
    }
  }

  /// The ids of the held-out examples of a run over two files.
  private func heldOut(_ seed: UInt64) throws -> [[Int]] {
    var request = request("out", .masked) {
      $0.validationSplit = 0.5
      $0.seed = seed
    }
    request.trainFiles += request.trainFiles
    let plan = try TrainingPlan(
      request, source: Fixtures.path("program/masked"), checkpoint: nil, freeMemory: nil)
    let held = try #require(plan.evaluation)
    return (0..<held.count).map { held.ids($0) }
  }

  @Test("the held-out examples do not depend on the seed, also with several files and span corruption")
  func heldOutExamples() throws {
    let held = try heldOut(1)
    #expect(!held.isEmpty)
    #expect(try held == heldOut(2))
    for seed in 1...3 as ClosedRange<UInt64> {
      let spans = CorruptedSpans(
        sequences: [Array(1...20), Array(2...30)], sentinels: [90, 91, 92], start: 0, end: 1, probability: 0.15,
        seed: seed)
      #expect(spans.ids(1) == Array(2...30) && JoinedExamples(parts: [spans, spans]).ids(2) == Array(1...20))
    }
  }

  @Test("a kept step with targets that the model does not have is refused, not a crash")
  func damagedStep() throws {
    try Fixtures.withScratchFolder { folder in
      let spike = request(folder + "/out") {
        $0.maxSteps = 40
        $0.learningRate = 30
        $0.optim = .sgd
        $0.warmupSteps = 12
        $0.maxLossSpike = 1.5
      }
      #expect(throws: TrainingError.self) { try run(spike) }
      let name = try #require(
        FileManager.default.contentsOfDirectory(atPath: folder + "/out").first { $0.hasPrefix("stopped") })
      let path = "\(folder)/out/\(name)/step.json"
      let whole = try String(decoding: FileBytes.read(path), as: UTF8.self)
      #expect(try ReplayBundle.replay("\(folder)/out/\(name)").isSame)
      let value = try JSONValue(parsing: Array(whole.utf8))
      let target = try #require(value["batches"]?[0]?[0]?["targets"]?[0]?.int)
      for (old, new) in [
        ("\"kind\": \"classes\"", "\"kind\": \"labels\""), ("\"kind\": \"classes\"", "\"kind\": \"numbers\""),
        ("\"targets\": [\n", "\"targets\": [\n-1,\n"), ("\(target)", "\(target)000000"),
      ] {
        let damaged = whole.replacingOccurrences(of: old, with: new)
        #expect(damaged != whole)
        try Data(damaged.utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: TrainingError.self, "\(new)") { try ReplayBundle.replay("\(folder)/out/\(name)") }
      }
    }
  }

  @Test("a matrix with one row gets random values, a bias with two axes zeros")
  func oneRow() {
    let initializer = WeightInitializer(configuration: ["model_type": "roberta"], seed: 1)
    let table = initializer.values("roberta.embeddings.token_type_embeddings.weight", [1, 64])
    #expect(Set(table.scalars).count > 60)
    #expect(initializer.values("final_logits_bias", [1, 64]).scalars.allSatisfy { $0 == 0 })
    #expect(initializer.values("norm.weight", [64]).scalars.allSatisfy { $0 == 1 })
  }

  @Test("a state is written as transformers writes it")
  func state() throws {
    var state = RunState()
    state.step = 3
    state.best = (2, 2.25)
    state.log = [
      ["step": 1, "epoch": 0.5, "loss": 2.5, "learning_rate": 5e-5, "grad_norm": 1.0],
      ["step": 2, "epoch": 1.0, "eval_loss": 2.25],
    ]
    var options = TrainingOptions()
    options.perDeviceTrainBatchSize = 4
    options.evalSteps = 2
    let found = state.json(steps: 5, stepsPerEpoch: 2, options: options, bestCheckpoint: "out/checkpoint-2")
    let expected = try JSONValue(contentsOfFile: Fixtures.path("training/trainer_state.json"))
    #expect(JSONValue.object(found).serialized(pretty: true) == expected.serialized(pretty: true))
  }

  @Test("the order of an epoch is that of its permutation at every step")
  func order() throws {
    let plan = try TrainingPlan(
      request("out") { $0.perDeviceTrainBatchSize = 2 }, source: Fixtures.path("program/causal"), checkpoint: nil,
      freeMemory: nil)
    let epoch = (0..<3).flatMap { plan.batches($0).joined().map(\.ids) }
    // Another step in between, of another epoch.
    _ = plan.batches(4)
    #expect(epoch == (0..<3).flatMap { plan.batches($0).joined().map(\.ids) })
    #expect(Set(epoch).count == 6 && epoch != (3..<6).flatMap { plan.batches($0).joined().map(\.ids) })
  }
}
