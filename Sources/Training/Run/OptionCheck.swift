import EngineAPI

/// Checks that the options of a run go together.
enum OptionCheck {
  /// Refuses a request whose options contradict each other, or have no effect on the run.
  static func check(_ request: TrainRequest) throws(TrainingError) {
    guard !request.trainFiles.isEmpty else {
      throw TrainingError(.usage, "no examples", at: "train_file", expected: "a file", found: "none")
    }
    try checkPairs(request)
    try checkUses(request)
  }

  private static func contradiction(_ what: String, _ expected: String, _ found: String) -> TrainingError {
    TrainingError(.usage, "options that do not go together", at: what, expected: expected, found: found)
  }

  private static func checkPairs(_ request: TrainRequest) throws(TrainingError) {
    let options = request.options
    let hasEvaluation = request.validationFile != nil || options.validationSplit > 0
    if request.validationFile != nil, options.validationSplit > 0 {
      throw contradiction("validation_split", "no file of held-out examples", "validation_file")
    }
    if options.loadBestModelAtEnd || options.earlyStoppingPatience != nil {
      let name = options.loadBestModelAtEnd ? "load_best_model_at_end" : "early_stopping_patience"
      guard hasEvaluation, options.evaluations != .no else {
        throw contradiction(name, "held-out examples (validation_file or validation_split)", "none")
      }
    }
    if options.resume, options.resumeFromCheckpoint != nil {
      throw contradiction("resume_from_checkpoint", "the last checkpoint (resume) or a named one", "both")
    }
    if options.loraR == 0 {
      let unused = [
        ("use_dora", options.useDora), ("merge_adapter", options.mergeAdapter),
        ("lora_target_modules", !options.loraTargetModules.isEmpty),
        ("lora_alpha", options.given.contains("lora_alpha")), ("lora_dropout", options.loraDropout > 0),
      ].first { $0.1 }
      if let unused { throw contradiction(unused.0, "lora_r, the rank of adapters", "none") }
    }
    if options.loraDropout > 0, options.useDora {
      throw contradiction("lora_dropout", "adapters without magnitudes", "use_dora")
    }
    if options.spanCorruption, request.objective != .seq2seq {
      throw contradiction("span_corruption", "the objective seq2seq", request.objective.rawValue)
    }
    if options.problemType != nil, request.objective != .classify {
      throw contradiction("problem_type", "the objective classify", request.objective.rawValue)
    }
    if request.objective == .preference, request.fromScratch {
      throw contradiction("from_scratch", "a trained model to start from", "random weights")
    }
    if options.klFile != nil, request.objective == .preference {
      throw contradiction("kl_file", "an objective whose margins do not already compare with the start", "preference")
    }
    if options.klFile != nil,
      ["regression", "multi_label_classification"].contains(options.problemType)
    {
      throw contradiction("kl_file", "an objective with one distribution at each position", options.problemType ?? "")
    }
    if options.predictWithGenerate, !isPairs(request) || !hasEvaluation {
      throw contradiction(
        "predict_with_generate", "held-out examples, and the objective seq2seq without span_corruption",
        request.objective.rawValue)
    }
    if options.evalSteps != nil, options.evaluations != .steps {
      throw contradiction("eval_steps", "eval_strategy steps", options.evaluations.rawValue)
    }
  }

  /// An option that some runs have no use for.
  private struct Use: Sendable {
    let name: String
    /// Which runs use it.
    let runs: String
    let isUsed: @Sendable (TrainRequest) -> Bool

    init(_ name: String, _ runs: String, _ isUsed: @escaping @Sendable (TrainRequest) -> Bool) {
      self.name = name
      self.runs = runs
      self.isUsed = isUsed
    }

    init(_ name: String, of objectives: TrainingObjective...) {
      self.name = name
      runs = "the objective " + objectives.map(\.rawValue).joined(separator: " or ")
      isUsed = { objectives.contains($0.objective) }
    }
  }

  @Sendable private static func isPairs(_ request: TrainRequest) -> Bool {
    request.objective == .seq2seq && !request.options.spanCorruption
  }

  @Sendable private static func isEvaluated(_ request: TrainRequest) -> Bool {
    request.validationFile != nil || request.options.validationSplit > 0
  }

  @Sendable private static func isWatched(_ request: TrainRequest) -> Bool {
    let options = request.options
    return isEvaluated(request) || options.klFile != nil || options.samplePromptsFile != nil
      || !options.samplePrompts.isEmpty
  }

  private static let uses: [Use] = {
    let pairs = "the objective seq2seq without span_corruption"
    let adam = "the optimizer adamw or muon"
    let usesAdam: @Sendable (TrainRequest) -> Bool = { $0.options.optim == .adamw || $0.options.optim == .muon }
    return [
      Use("text_column", "an objective other than seq2seq with pairs") { !isPairs($0) },
      Use("label_column", of: .classify, .tag), Use("pair_column", of: .classify), Use("problem_type", of: .classify),
      Use("source_column", pairs, isPairs), Use("target_column", pairs, isPairs), Use("source_prefix", pairs, isPairs),
      Use("max_target_length", pairs, isPairs), Use("line_by_line", of: .causal, .masked),
      Use("whole_word_masking", of: .masked), Use("beta", of: .preference),
      Use("mlm_probability", "the objective masked, or span_corruption") {
        $0.objective == .masked || $0.options.spanCorruption
      },
      Use("label_smoothing_factor", "an objective with one right class at each position") {
        $0.objective != .preference
          && !["regression", "multi_label_classification"].contains($0.options.problemType)
      },
      Use("momentum", "the optimizer sgd or muon") { [.sgd, .muon].contains($0.options.optim) },
      Use("adam_beta1", adam, usesAdam), Use("adam_beta2", adam, usesAdam), Use("adam_epsilon", adam, usesAdam),
      Use("warmup_steps", "a schedule with a warmup") {
        $0.options.lrSchedulerType != .constant || $0.options.warmupSteps == 0
      },
      Use("sample_tokens", "sample_prompt, and an objective that writes texts") {
        (!$0.options.samplePrompts.isEmpty || $0.options.samplePromptsFile != nil)
          && [.causal, .seq2seq, .preference].contains($0.objective)
      },
      Use("eval_steps", "held-out examples, sample_prompt or kl_file", isWatched),
      Use("eval_strategy", "held-out examples, sample_prompt or kl_file") {
        isWatched($0) || $0.options.evalStrategy == TrainingInterval.no
      },
      Use("per_device_eval_batch_size", "held-out examples", isEvaluated),
      Use("predict_with_generate", "held-out examples, and the objective seq2seq without span_corruption") {
        isPairs($0) && isEvaluated($0)
      },
      Use("generation_max_length", "predict_with_generate") { $0.options.predictWithGenerate },
      Use("metric_for_best_model", "held-out examples", isEvaluated),
    ]
  }()

  /// Refuses an option that was given and has no effect.
  private static func checkUses(_ request: TrainRequest) throws(TrainingError) {
    guard let unused = uses.first(where: { request.options.given.contains($0.name) && !$0.isUsed(request) }) else {
      return
    }
    throw TrainingError(
      .usage, "an option that has no effect", at: unused.name, expected: unused.runs,
      found: "\(request.objective.rawValue)\(request.options.spanCorruption ? " with span_corruption" : ""), "
        + "\(request.options.optim.rawValue), \(request.options.lrSchedulerType.rawValue)",
      hint: "leave it out")
  }
}
