import Sampling
/// What a model learns from its examples.
public enum TrainingObjective: String, Sendable, Hashable, CaseIterable {
  /// Predict each next token.
  case causal
  /// Predict masked tokens.
  case masked
  /// Predict a target text from a source text.
  case seq2seq
  /// Give texts labels.
  case classify
  /// Give words labels.
  case tag
  /// Prefer one of two answers to the other.
  case preference
}

/// The rule that changes the weights.
public enum OptimizerKind: String, Sendable, Hashable, CaseIterable {
  /// Adam with decoupled weight decay.
  case adamw
  /// Gradient descent with momentum.
  case sgd
  /// Adafactor, which keeps second moments of rows and columns.
  case adafactor
  /// Muon for matrices of layers, AdamW for others.
  case muon
}

/// How the learning rate changes over a run, after the warmup.
public enum LearningRateSchedule: String, Sendable, Hashable, CaseIterable {
  /// Falls to 0 in a line.
  case linear
  /// Falls to 0 along half a cosine.
  case cosine
  /// The same rate, without a warmup.
  case constant
  /// The same rate after the warmup.
  case constantWithWarmup = "constant_with_warmup"
  /// Falls with the inverse square root of the step.
  case inverseSquareRoot = "inverse_sqrt"
  /// Stays, and falls along a cosine in the last fifth.
  case warmupStableDecay = "warmup_stable_decay"
}

/// When something is done during a run.
public enum TrainingInterval: String, Sendable, Hashable, CaseIterable {
  /// Never.
  case no
  /// After a number of steps.
  case steps
  /// At the end of each epoch.
  case epoch
}

/// The options of a training run. Names and defaults are those of transformers' `TrainingArguments`, in Swift's
/// spelling; ``TrainingOption/all`` has the names for command line and files.
public struct TrainingOptions: Sendable, Hashable {
  // Data.
  /// The column with the texts.
  public var textColumn: String?
  /// The column with the labels.
  public var labelColumn: String?
  /// The column with the source texts.
  public var sourceColumn: String?
  /// The column with the target texts.
  public var targetColumn: String?
  /// The column with second texts, read together with the first.
  public var pairColumn: String?
  /// The names of the columns of tables and CoNLL files, in order; `nil` to take them from the file.
  public var columnNames: [String]?
  /// Leave out lines that are not UTF-8, which otherwise are an error.
  public var skipInvalidLines = false
  /// Put before each source text.
  public var sourcePrefix = ""
  /// Tokens of a block of running text, and the limit of an example's length; `nil` for the model's limit, at most 512.
  public var blockSize: Int?
  /// Tokens of a target text at most.
  public var maxTargetLength: Int?
  /// Each line of a text file is an example of its own.
  public var lineByLine = false
  /// The share of examples that are held out if there is no validation file.
  public var validationSplit = 0.0
  /// The share of tokens that are masked.
  public var mlmProbability = 0.15
  /// Mask whole words.
  public var wholeWordMasking = false
  /// Learn to fill corrupted spans of running text (T5) instead of reading pairs.
  public var spanCorruption = false
  /// `single_label_classification`, `multi_label_classification` or `regression`; `nil` to decide by the labels.
  public var problemType: String?

  // The course of the run.
  /// Passes over all examples.
  public var numTrainEpochs = 3.0
  /// Steps of the optimizer, instead of epochs.
  public var maxSteps: Int?
  /// Examples that are read at once.
  public var perDeviceTrainBatchSize = 8
  /// The same for evaluations.
  public var perDeviceEvalBatchSize = 8
  /// Batches in a step.
  public var gradientAccumulationSteps = 1
  /// Keep only the inputs of layers, and compute each layer again in the backward pass: less memory, the same weights.
  public var gradientCheckpointing = false
  /// The seed of order, masks and new weights.
  public var seed: UInt64 = 42

  // The optimizer.
  /// The highest learning rate.
  public var learningRate = 5e-5
  /// linear, cosine, constant, constant_with_warmup, inverse_sqrt or warmup_stable_decay.
  public var lrSchedulerType = LearningRateSchedule.linear
  /// Steps; below 1 a share of all steps.
  public var warmupSteps = 0.0
  /// adamw, sgd, adafactor or muon.
  public var optim = OptimizerKind.adamw
  /// Weight decay, except of biases and norms. It is decoupled; sgd adds it to the gradient, as PyTorch's SGD does.
  public var weightDecay = 0.0
  /// AdamW's decay of the mean.
  public var adamBeta1 = 0.9
  /// AdamW's decay of the squares.
  public var adamBeta2 = 0.999
  /// AdamW's epsilon.
  public var adamEpsilon = 1e-8
  /// The momentum of sgd and muon.
  public var momentum = 0.9
  /// 0 for no clipping.
  public var maxGradNorm = 1.0
  /// DPO's beta: how strongly preference training keeps the model close to the initial one.
  public var beta = 0.1
  /// The probability of every dropout of the model; `nil` for those of its configuration.
  public var dropout: Double?
  /// The weight of all classes in the loss.
  public var labelSmoothingFactor = 0.0
  /// Weights whose names contain one of these words are not trained.
  public var freeze: [String] = []
  /// The decay of a moving average of the weights, which is evaluated and saved; 0 for none.
  public var emaDecay = 0.0
  /// The loss may be this many times the median of the last ones; otherwise the run stops. 0 for no limit.
  public var maxLossSpike = 10.0

  // Adapters.
  /// The rank of low-rank adapters; 0 for training the weights themselves.
  public var loraR = 0
  /// Adapters are scaled by this, divided by the rank.
  public var loraAlpha = 16.0
  /// The probability with which an element of an adapter's input is dropped.
  public var loraDropout = 0.0
  /// Names of the adapted matrices; empty for all matrices of the layers.
  public var loraTargetModules: [String] = []
  /// Give each output of an adapted matrix a trained magnitude (DoRA).
  public var useDora = false
  /// Write an ordinary model with the adapted weights beside the adapters.
  public var mergeAdapter = false

  // What is watched.
  /// Prompts whose continuations or labels are written at every evaluation.
  public var samplePrompts: [String] = []
  /// A file with such prompts, one a line.
  public var samplePromptsFile: String?
  /// The number of tokens of a sample at most.
  public var sampleTokens = 32
  /// A file of examples on which evaluations compare the model with the one that the run started from.
  public var klFile: String?

  // Evaluations and checkpoints.
  /// Steps between lines of log.jsonl.
  public var loggingSteps = 1
  /// no, steps or epoch.
  public var evalStrategy: TrainingInterval?
  /// Steps between evaluations.
  public var evalSteps: Int?
  /// no, steps or epoch.
  public var saveStrategy = TrainingInterval.steps
  /// Steps between checkpoints.
  public var saveSteps = 500
  /// The number of checkpoints to keep.
  public var saveTotalLimit: Int?
  /// Write the model of the best evaluation.
  public var loadBestModelAtEnd = false
  /// The figure that tells the best evaluation.
  public var metricForBestModel = "loss"
  /// Generate texts with a seq2seq model at evaluations, and score them against the targets by BLEU, chrF and ROUGE.
  public var predictWithGenerate = false
  /// The number of tokens of such a text at most.
  public var generationMaxLength = 128
  /// Stop after so many evaluations without gain.
  public var earlyStoppingPatience: Int?
  /// Continue the run in the output folder from its last checkpoint.
  public var resume = false
  /// Continue from this checkpoint instead of the last one.
  public var resumeFromCheckpoint: String?
  /// Write into a folder that is not empty.
  public var overwriteOutputDir = false

  /// The names of the options that ``TrainingOption/set(_:in:)`` has set. One of them that the run has no use for is an
  /// error.
  public var given: Set<String> = []

  /// The defaults.
  public init() {}

  /// Whether an earlier run is continued.
  public var continues: Bool { resume || resumeFromCheckpoint != nil }

  /// When evaluations are made: by default at the end of each epoch.
  public var evaluations: TrainingInterval { evalStrategy ?? (evalSteps == nil ? .epoch : .steps) }
}

/// An option of a training run: its name on the command line and in files, and how its value is read.
public struct TrainingOption: Sendable {
  /// The name with underscores, as `TrainingArguments` has it.
  public let name: String
  /// What values it takes, for errors.
  public let expected: String
  private let read: @Sendable (inout TrainingOptions, String) -> Bool

  /// Sets the option.
  /// - Returns: false if the value is not one that the option takes.
  public func set(_ value: String, in options: inout TrainingOptions) -> Bool {
    guard read(&options, value) else { return false }
    options.given.insert(name)
    return true
  }

  private static func whole(
    _ name: String, _ range: ClosedRange<Int>, _ path: @escaping @Sendable (inout TrainingOptions, Int) -> Void
  ) -> TrainingOption {
    TrainingOption(name: name, expected: NumberBounds.whole(range).words) { options, text in
      guard let value = Int(text), range.contains(value) else { return false }
      path(&options, value)
      return true
    }
  }

  private static func number(
    _ name: String, _ range: ClosedRange<Double>, _ path: @escaping @Sendable (inout TrainingOptions, Double) -> Void
  ) -> TrainingOption {
    TrainingOption(name: name, expected: NumberBounds.range(range).words) { options, text in
      guard let value = Double(text), value.isFinite, range.contains(value) else { return false }
      path(&options, value)
      return true
    }
  }

  private static func text(
    _ name: String, _ path: @escaping @Sendable (inout TrainingOptions, String) -> Void
  ) -> TrainingOption {
    TrainingOption(name: name, expected: "a text") { options, text in
      path(&options, text)
      return true
    }
  }

  private static func flag(
    _ name: String, _ path: @escaping @Sendable (inout TrainingOptions, Bool) -> Void
  ) -> TrainingOption {
    TrainingOption(name: name, expected: "true or false") { options, text in
      guard let value = ["true": true, "false": false][text.lowercased()] else { return false }
      path(&options, value)
      return true
    }
  }

  private static func choice<T: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ type: T.Type, _ path: @escaping @Sendable (inout TrainingOptions, T) -> Void
  ) -> TrainingOption {
    TrainingOption(name: name, expected: "one of \(T.allCases.map(\.rawValue).joined(separator: ", "))") {
      options, text in
      guard let value = T(rawValue: text) else { return false }
      path(&options, value)
      return true
    }
  }

  private static func words(
    _ name: String, _ path: @escaping @Sendable (inout TrainingOptions, [String]) -> Void
  ) -> TrainingOption {
    TrainingOption(name: name, expected: "names, separated by commas") { options, text in
      let parts = text.split(separator: ",").map(String.init)
      guard !parts.isEmpty else { return false }
      path(&options, parts)
      return true
    }
  }

  /// The names of options and files that may be given several times, each time with a further value.
  public static let repeated: Set<String> = ["sample_prompt", "train_file"]

  /// The option of a name.
  public static func named(_ name: String) -> TrainingOption? { all.first { $0.name == name } }

  /// All options.
  public static let all = data + course + optimizer + adapters + watching + checkpoints

  private static let data = [
    text("text_column") { $0.textColumn = $1 }, text("label_column") { $0.labelColumn = $1 },
    text("source_column") { $0.sourceColumn = $1 }, text("target_column") { $0.targetColumn = $1 },
    text("pair_column") { $0.pairColumn = $1 },
    TrainingOption(name: "column_names", expected: "different names, separated by commas") { options, text in
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ !$0.isEmpty }), Set(names).count == names.count else { return false }
      options.columnNames = names
      return true
    },
    flag("skip_invalid_lines") { $0.skipInvalidLines = $1 }, text("source_prefix") { $0.sourcePrefix = $1 },
    whole("block_size", 2...1 << 20) { $0.blockSize = $1 },
    whole("max_target_length", 1...1 << 20) { $0.maxTargetLength = $1 },
    flag("line_by_line") { $0.lineByLine = $1 }, number("validation_split", 0...0.9) { $0.validationSplit = $1 },
    number("mlm_probability", 0.01...1) { $0.mlmProbability = $1 },
    flag("whole_word_masking") { $0.wholeWordMasking = $1 }, flag("span_corruption") { $0.spanCorruption = $1 },
    TrainingOption(
      name: "problem_type",
      expected: "one of single_label_classification, multi_label_classification, regression"
    ) { options, text in
      guard ["single_label_classification", "multi_label_classification", "regression"].contains(text) else {
        return false
      }
      options.problemType = text
      return true
    },
  ]

  private static let course = [
    number("num_train_epochs", 0...1e6) { $0.numTrainEpochs = $1 },
    TrainingOption(name: "max_steps", expected: "a whole number of at least 1, or -1 for all epochs") { options, text in
      guard let value = Int(text), value == -1 || value > 0 else { return false }
      options.maxSteps = value > 0 ? value : nil
      return true
    },
    whole("per_device_train_batch_size", 1...65_536) { $0.perDeviceTrainBatchSize = $1 },
    whole("per_device_eval_batch_size", 1...65_536) { $0.perDeviceEvalBatchSize = $1 },
    whole("gradient_accumulation_steps", 1...65_536) { $0.gradientAccumulationSteps = $1 },
    flag("gradient_checkpointing") { $0.gradientCheckpointing = $1 },
    TrainingOption(name: "seed", expected: "a whole number from 0 to \(Limits.seeds.upperBound)") { options, text in
      guard let value = UInt64(text), Limits.seeds.contains(value) else { return false }
      options.seed = value
      return true
    },
  ]

  private static let optimizer = [
    number("learning_rate", 0...1e3) { $0.learningRate = $1 },
    choice("lr_scheduler_type", LearningRateSchedule.self) { $0.lrSchedulerType = $1 },
    number("warmup_steps", 0...1e9) { $0.warmupSteps = $1 }, choice("optim", OptimizerKind.self) { $0.optim = $1 },
    number("weight_decay", 0...100) { $0.weightDecay = $1 }, number("adam_beta1", 0...0.999_999) { $0.adamBeta1 = $1 },
    number("adam_beta2", 0...0.999_999_9) { $0.adamBeta2 = $1 }, number("adam_epsilon", 0...1) { $0.adamEpsilon = $1 },
    number("momentum", 0...0.999_999) { $0.momentum = $1 }, number("max_grad_norm", 0...1e9) { $0.maxGradNorm = $1 },
    number("beta", 1e-6...1e3) { $0.beta = $1 },
    number("dropout", 0...0.99) { $0.dropout = $1 },
    number("label_smoothing_factor", 0...0.99) { $0.labelSmoothingFactor = $1 }, words("freeze") { $0.freeze = $1 },
    number("ema_decay", 0...0.999_999_9) { $0.emaDecay = $1 },
    number("max_loss_spike", 0...1e9) { $0.maxLossSpike = $1 },
  ]

  private static let adapters = [
    whole("lora_r", 0...65_536) { $0.loraR = $1 }, number("lora_alpha", 0.001...1e6) { $0.loraAlpha = $1 },
    number("lora_dropout", 0...0.99) { $0.loraDropout = $1 },
    words("lora_target_modules") { $0.loraTargetModules = $1 }, flag("use_dora") { $0.useDora = $1 },
    flag("merge_adapter") { $0.mergeAdapter = $1 },
  ]

  private static let watching = [
    text("sample_prompt") { $0.samplePrompts.append($1) }, text("sample_prompts") { $0.samplePromptsFile = $1 },
    whole("sample_tokens", 1...4096) { $0.sampleTokens = $1 }, text("kl_file") { $0.klFile = $1 },
  ]

  private static let checkpoints = [
    whole("logging_steps", 1...Limits.most) { $0.loggingSteps = $1 },
    choice("eval_strategy", TrainingInterval.self) { $0.evalStrategy = $1 },
    whole("eval_steps", 1...Limits.most) { $0.evalSteps = $1 },
    choice("save_strategy", TrainingInterval.self) { $0.saveStrategy = $1 },
    whole("save_steps", 1...Limits.most) { $0.saveSteps = $1 },
    whole("save_total_limit", 1...Limits.most) { $0.saveTotalLimit = $1 },
    flag("load_best_model_at_end") { $0.loadBestModelAtEnd = $1 },
    flag("predict_with_generate") { $0.predictWithGenerate = $1 },
    whole("generation_max_length", 1...65_536) { $0.generationMaxLength = $1 },
    text("metric_for_best_model") { $0.metricForBestModel = $1 },
    whole("early_stopping_patience", 1...Limits.most) { $0.earlyStoppingPatience = $1 },
    flag("resume") { $0.resume = $1 },
    text("resume_from_checkpoint") { $0.resumeFromCheckpoint = $1 },
    flag("overwrite_output_dir") { $0.overwriteOutputDir = $1 },
  ]
}
