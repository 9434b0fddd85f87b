import ArgumentParser
import EngineAPI

/// The options of a training run. Their values are read by ``EngineAPI/TrainingOption``, as those of a file are.
struct TrainingOptionGroup: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The column with the texts.", valueName: "name"),
    transform: OptionValue.text("--text-column"))
  var textColumn: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The column with the labels.", valueName: "name"),
    transform: OptionValue.text("--label-column"))
  var labelColumn: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The column with second texts, read together with the first.", valueName: "name"),
    transform: OptionValue.text("--pair-column"))
  var pairColumn: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The columns of tables and CoNLL files, if the file has no line of names.", valueName: "names"),
    transform: OptionValue.text("--column-names"))
  var columnNames: String?

  @Flag(help: "Leave out lines that are not UTF-8, which otherwise are an error.")
  var skipInvalidLines = false

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The column with the source texts.", valueName: "name"),
    transform: OptionValue.text("--source-column"))
  var sourceColumn: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The column with the target texts.", valueName: "name"),
    transform: OptionValue.text("--target-column"))
  var targetColumn: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Put before each source text.", valueName: "text"),
    transform: OptionValue.text("--source-prefix"))
  var sourcePrefix: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of a block of running text, and the longest example (default: the model's context, at most 512).",
      valueName: "n"), transform: OptionValue.text("--block-size"))
  var blockSize: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The longest target text, in tokens.", valueName: "n"),
    transform: OptionValue.text("--max-target-length"))
  var maxTargetLength: String?

  @Flag(help: "Each line of a text file is an example of its own.")
  var lineByLine = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The share of examples to hold out, by a hash of each (default: 0).", valueName: "share"),
    transform: OptionValue.text("--validation-split"))
  var validationSplit: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The share of tokens that are masked (default: 0.15).", valueName: "p"),
    transform: OptionValue.text("--mlm-probability"))
  var mlmProbability: String?

  @Flag(help: "Mask whole words.")
  var wholeWordMasking = false

  @Flag(help: "Learn to fill spans of running text, as T5 does, instead of pairs.")
  var spanCorruption = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("single_label_classification, multi_label_classification or regression.", valueName: "name"),
    transform: OptionValue.text("--problem-type"))
  var problemType: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Passes over all examples (default: 3).", valueName: "n"),
    transform: OptionValue.text("--num-train-epochs"))
  var numTrainEpochs: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Steps of the optimizer, instead of epochs.", valueName: "n"),
    transform: OptionValue.text("--max-steps"))
  var maxSteps: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Examples that are read at once (default: 8).", valueName: "n"),
    transform: OptionValue.text("--per-device-train-batch-size"))
  var perDeviceTrainBatchSize: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The same for evaluations (default: 8).", valueName: "n"),
    transform: OptionValue.text("--per-device-eval-batch-size"))
  var perDeviceEvalBatchSize: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Batches in a step (default: 1).", valueName: "n"),
    transform: OptionValue.text("--gradient-accumulation-steps"))
  var gradientAccumulationSteps: String?

  @Flag(help: "Compute each layer again in the backward pass: less memory, more time, the same weights.")
  var gradientCheckpointing = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of order, masks and new weights (default: 42).", valueName: "n"),
    transform: OptionValue.text("--seed"))
  var seed: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The highest learning rate (default: 5e-5).", valueName: "rate"),
    transform: OptionValue.text("--learning-rate"))
  var learningRate: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "linear, cosine, constant, constant_with_warmup, inverse_sqrt or warmup_stable_decay (default: linear).",
      valueName: "name"), transform: OptionValue.text("--lr-scheduler-type"))
  var lrSchedulerType: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Steps in which the rate rises; below 1 a share of all (default: 0).", valueName: "n"),
    transform: OptionValue.text("--warmup-steps"))
  var warmupSteps: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("adamw, sgd, adafactor or muon (default: adamw).", valueName: "name"),
    transform: OptionValue.text("--optim"))
  var optim: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Weight decay, not of biases and norms: decoupled, with sgd added to the gradient (default: 0).",
      valueName: "n"),
    transform: OptionValue.text("--weight-decay"))
  var weightDecay: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("AdamW's decay of the mean (default: 0.9).", valueName: "n"),
    transform: OptionValue.text("--adam-beta1"))
  var adamBeta1: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("AdamW's decay of the squares (default: 0.999).", valueName: "n"),
    transform: OptionValue.text("--adam-beta2"))
  var adamBeta2: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("AdamW's epsilon (default: 1e-8).", valueName: "n"),
    transform: OptionValue.text("--adam-epsilon"))
  var adamEpsilon: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The momentum of sgd and muon (default: 0.9).", valueName: "n"),
    transform: OptionValue.text("--momentum"))
  var momentum: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Clip the gradients' norm to this; 0 for no clipping (default: 1).", valueName: "n"),
    transform: OptionValue.text("--max-grad-norm"))
  var maxGradNorm: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The weight of all classes in the loss (default: 0).", valueName: "n"),
    transform: OptionValue.text("--label-smoothing-factor"))
  var labelSmoothingFactor: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The probability of every dropout of the model (default: those of its configuration).", valueName: "p"),
    transform: OptionValue.text("--dropout"))
  var dropout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How strongly a run on preferences holds to the model that it starts from (default: 0.1).", valueName: "n"),
    transform: OptionValue.text("--beta"))
  var beta: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Do not train weights whose names contain one of these.", valueName: "names"),
    transform: OptionValue.text("--freeze"))
  var freeze: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep a moving average of the weights, and evaluate and write it (default: 0).", valueName: "n"),
    transform: OptionValue.text("--ema-decay"))
  var emaDecay: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop if the loss is this many times the median of the last ones, and above the first ones; 0 for never (default: 10).",
      valueName: "n"),
    transform: OptionValue.text("--max-loss-spike"))
  var maxLossSpike: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Train low-rank adapters of this rank instead of the weights (LoRA).", valueName: "rank"),
    transform: OptionValue.text("--lora-r"))
  var loraR: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Adapters are scaled by this, divided by the rank (default: 16).", valueName: "n"),
    transform: OptionValue.text("--lora-alpha"))
  var loraAlpha: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The probability of dropout of the adapters' input (default: 0).", valueName: "p"),
    transform: OptionValue.text("--lora-dropout"))
  var loraDropout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The matrices to adapt (default: all of the layers).", valueName: "names"),
    transform: OptionValue.text("--lora-target-modules"))
  var loraTargetModules: String?

  @Flag(help: "Train a magnitude for each output of an adapted matrix too (DoRA).")
  var useDora = false

  @Flag(help: "Also write an ordinary model with the adapted weights, into OUTPUT/merged.")
  var mergeAdapter = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A prompt whose continuation or label is shown at every evaluation; may be given several times.",
      valueName: "text"), transform: OptionValue.text("--sample-prompt"))
  var samplePrompt: [String] = []

  @Option(
    help: ArgumentHelp("A file with such prompts, one a line.", valueName: "file"), completion: .file(),
    transform: OptionValue.text("--sample-prompts"))
  var samplePrompts: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The longest sample, in tokens (default: 32).", valueName: "n"),
    transform: OptionValue.text("--sample-tokens"))
  var sampleTokens: String?

  @Option(
    help: ArgumentHelp(
      "A file of examples: evaluations give the KL divergence from the model at the start on them.",
      valueName: "file"), completion: .file(), transform: OptionValue.text("--kl-file"))
  var klFile: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Steps between lines of log.jsonl (default: 1).", valueName: "n"),
    transform: OptionValue.text("--logging-steps"))
  var loggingSteps: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("no, steps or epoch (default: epoch).", valueName: "when"),
    transform: OptionValue.text("--eval-strategy"))
  var evalStrategy: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Steps between evaluations.", valueName: "n"),
    transform: OptionValue.text("--eval-steps"))
  var evalSteps: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("no, steps or epoch (default: steps).", valueName: "when"),
    transform: OptionValue.text("--save-strategy"))
  var saveStrategy: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Steps between checkpoints (default: 500).", valueName: "n"),
    transform: OptionValue.text("--save-steps"))
  var saveSteps: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of checkpoints to keep.", valueName: "n"),
    transform: OptionValue.text("--save-total-limit"))
  var saveTotalLimit: String?

  @Flag(help: "Write the model of the best evaluation.")
  var loadBestModelAtEnd = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The figure that tells the best evaluation, such as f1 or accuracy (default: loss).", valueName: "name"),
    transform: OptionValue.text("--metric-for-best-model"))
  var metricForBestModel: String?

  @Flag(help: "Evaluate seq2seq models by BLEU, chrF and ROUGE of the texts that they write.")
  var predictWithGenerate = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The longest of these texts, in tokens (default: 128).", valueName: "n"),
    transform: OptionValue.text("--generation-max-length"))
  var generationMaxLength: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Stop after so many evaluations without gain.", valueName: "n"),
    transform: OptionValue.text("--early-stopping-patience"))
  var earlyStoppingPatience: String?

  @Flag(help: "Continue the run in the output folder from its last checkpoint.")
  var resume = false

  @Option(
    help: ArgumentHelp("Continue from this checkpoint of the run.", valueName: "folder"), completion: .directory,
    transform: OptionValue.text("--resume-from-checkpoint"))
  var resumeFromCheckpoint: String?

  @Flag(help: "Write into a folder that is not empty.")
  var overwriteOutputDir = false

  /// Names and values of the options that were given.
  var given: [(name: String, value: String)] {
    let all: [(String, String?)] = [
      ("text_column", textColumn),
      ("label_column", labelColumn),
      ("pair_column", pairColumn),
      ("column_names", columnNames),
      ("skip_invalid_lines", skipInvalidLines ? "true" : nil),
      ("source_column", sourceColumn),
      ("target_column", targetColumn),
      ("source_prefix", sourcePrefix),
      ("block_size", blockSize),
      ("max_target_length", maxTargetLength),
      ("line_by_line", lineByLine ? "true" : nil),
      ("validation_split", validationSplit),
      ("mlm_probability", mlmProbability),
      ("whole_word_masking", wholeWordMasking ? "true" : nil),
      ("span_corruption", spanCorruption ? "true" : nil),
      ("problem_type", problemType),
      ("num_train_epochs", numTrainEpochs),
      ("max_steps", maxSteps),
      ("per_device_train_batch_size", perDeviceTrainBatchSize),
      ("per_device_eval_batch_size", perDeviceEvalBatchSize),
      ("gradient_accumulation_steps", gradientAccumulationSteps),
      ("gradient_checkpointing", gradientCheckpointing ? "true" : nil),
      ("seed", seed),
      ("learning_rate", learningRate),
      ("lr_scheduler_type", lrSchedulerType),
      ("warmup_steps", warmupSteps),
      ("optim", optim),
      ("weight_decay", weightDecay),
      ("adam_beta1", adamBeta1),
      ("adam_beta2", adamBeta2),
      ("adam_epsilon", adamEpsilon),
      ("momentum", momentum),
      ("max_grad_norm", maxGradNorm),
      ("label_smoothing_factor", labelSmoothingFactor),
      ("dropout", dropout),
      ("beta", beta),
      ("freeze", freeze),
      ("ema_decay", emaDecay),
      ("max_loss_spike", maxLossSpike),
      ("lora_r", loraR),
      ("lora_alpha", loraAlpha),
      ("lora_dropout", loraDropout),
      ("lora_target_modules", loraTargetModules),
      ("use_dora", useDora ? "true" : nil),
      ("merge_adapter", mergeAdapter ? "true" : nil),
      ("sample_prompts", samplePrompts),
      ("sample_tokens", sampleTokens),
      ("kl_file", klFile),
      ("logging_steps", loggingSteps),
      ("eval_strategy", evalStrategy),
      ("eval_steps", evalSteps),
      ("save_strategy", saveStrategy),
      ("save_steps", saveSteps),
      ("save_total_limit", saveTotalLimit),
      ("load_best_model_at_end", loadBestModelAtEnd ? "true" : nil),
      ("predict_with_generate", predictWithGenerate ? "true" : nil),
      ("generation_max_length", generationMaxLength),
      ("metric_for_best_model", metricForBestModel),
      ("early_stopping_patience", earlyStoppingPatience),
      ("resume", resume ? "true" : nil),
      ("resume_from_checkpoint", resumeFromCheckpoint),
      ("overwrite_output_dir", overwriteOutputDir ? "true" : nil),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } } + samplePrompt.map { ("sample_prompt", $0) }
  }
}
