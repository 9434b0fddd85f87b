import EngineAPI
import TerminalUI

/// A line of the form that starts a run.
struct TrainField: Sendable, Hashable {
  /// How its value is entered.
  enum Kind: Sendable, Hashable {
    /// Typed.
    case text
    /// One of these; the first is the default.
    case choice([String])
  }

  /// Its name: that of the training option, where it is one.
  let name: String
  /// The words before the value.
  let label: String
  /// What it means.
  let help: String
  /// How its value is entered.
  var kind = Kind.text
  /// The value that is used if the line is empty, as it is shown.
  var initial = ""
  /// Whether a run can't start without it.
  var isNeeded = false

  /// The choices; empty for a typed value.
  var choices: [String] { if case .choice(let choices) = kind { choices } else { [] } }

  /// The options as they are without a value.
  private static let standard = TrainingOptions()

  /// The lines in their order.
  static let all: [TrainField] = [
    TrainField(
      name: "objective", label: "task",
      help: "what is learned from the examples",
      kind: .choice(TrainingObjective.allCases.map(\.rawValue))),
    TrainField(
      name: "model", label: "model", help: "the model to start from: its name or its folder; F2 lists the models",
      isNeeded: true),
    TrainField(
      name: "train_file", label: "examples",
      help: "text, JSON lines, CSV, TSV or CoNLL, gzip-compressed too; several files are separated by commas",
      isNeeded: true),
    TrainField(
      name: "validation_file", label: "held out", help: "examples to evaluate with, which are not learned",
      initial: "none"),
    TrainField(
      name: "validation_split", label: "share held out",
      help: "the share of the examples that is held out if no file is given",
      initial: NumberText.fixed(standard.validationSplit, decimals: 0)),
    TrainField(
      name: "output_dir", label: "folder", help: "a new folder for the model, the log and the checkpoints",
      isNeeded: true),
    TrainField(
      name: "from_scratch", label: "weights",
      help: "begin with the model's weights, or with new ones: then only its configuration and tokenizer are used",
      kind: .choice(["of the model", "new"])),
    TrainField(
      name: "num_train_epochs", label: "epochs", help: "how often all examples are read",
      initial: NumberText.fixed(standard.numTrainEpochs, decimals: 0)),
    TrainField(name: "max_steps", label: "steps", help: "steps of the optimizer, in place of epochs", initial: "-"),
    TrainField(
      name: "per_device_train_batch_size", label: "batch", help: "examples that are read at once",
      initial: "\(standard.perDeviceTrainBatchSize)"),
    TrainField(
      name: "gradient_accumulation_steps", label: "batches in a step",
      help: "batches whose gradients are added before the weights change",
      initial: "\(standard.gradientAccumulationSteps)"),
    TrainField(
      name: "learning_rate", label: "learning rate", help: "the highest learning rate",
      initial: FigureText.scientific(standard.learningRate)),
    TrainField(
      name: "lr_scheduler_type", label: "schedule", help: "how the learning rate changes after the warmup",
      kind: .choice(LearningRateSchedule.allCases.map(\.rawValue))),
    TrainField(
      name: "warmup_steps", label: "warmup",
      help: "steps in which the learning rate rises; below 1 a share of all steps",
      initial: NumberText.fixed(standard.warmupSteps, decimals: 0)),
    TrainField(
      name: "optim", label: "optimizer", help: "the rule that changes the weights",
      kind: .choice(OptimizerKind.allCases.map(\.rawValue))),
    TrainField(
      name: "lora_r", label: "LoRA rank",
      help: "train low-rank adapters of this rank in place of the weights; 0 trains the weights",
      initial: "\(standard.loraR)"),
    TrainField(
      name: "eval_steps", label: "evaluate every",
      help: "steps between evaluations; without a number they are made at the end of each epoch", initial: "epoch"),
    TrainField(
      name: "save_steps", label: "save every", help: "steps between checkpoints", initial: "\(standard.saveSteps)"),
    TrainField(
      name: "sample_prompt", label: "prompts",
      help: "prompts whose continuations or labels are shown at every evaluation; several are separated by |",
      initial: "none"),
    TrainField(
      name: "kl_file", label: "KL text",
      help: "a text on which evaluations measure how far the model has moved from the one it began as", initial: "none"
    ),
    TrainField(
      name: "seed", label: "seed", help: "the seed of the order, of masks and of new weights",
      initial: "\(standard.seed)"),
    TrainField(
      name: "more", label: "more options",
      help: "other options by the names of TrainingArguments: weight_decay=0.01 label_column=label", initial: "none"),
  ]

  /// What the choices of the first line mean.
  static let meanings = [
    "causal": "to predict each next token", "masked": "to predict masked tokens",
    "seq2seq": "to write a target text for a source text", "classify": "to give texts labels",
    "tag": "to give words labels", "preference": "to prefer one of two answers",
  ]

  /// The index of a line by its name.
  static func index(_ name: String) -> Int? { all.firstIndex { $0.name == name } }
}
