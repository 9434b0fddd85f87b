import Checkpoints
import EngineAPI
import JSONText
import Models
import Tensors
import Terms

/// A training run.
///
/// Weights after a step are a function of the starting weights, the examples, the options and the seed: they have the
/// same bits for every number of threads and instruction set, however a step is cut into passes, and if the run is
/// interrupted and continued.
public final class Trainer {
  private let request: TrainRequest
  private let source: String
  /// The name of the model to start from, as adapters have it.
  private let baseName: String
  private let folder: RunFolder
  private let plan: TrainingPlan
  private let gradients: ParameterGradients
  private let optimizer: any Optimizer
  private var rate: LearningRate
  private let adapters: Adapters?
  /// The parameters that the optimizer changes.
  private let trained: [Parameter]
  private var average: MovingAverage?
  private var state = RunState()
  private var metrics: [TrainingMetric] = []
  private var lastLoss: Double?
  private let freeMemory: Int?
  private let events: EventFile
  private var wallTime: () -> Double = { 0 }
  /// How far the model has moved; `nil` if it is not watched.
  private var drift: StartDrift?
  /// Changes of the learning rate that an interrupted run has recorded after its last checkpoint.
  private var plannedRates: [(step: Int, peak: Double)] = []

  private var options: TrainingOptions { request.options }

  /// Reads model and examples, or the last checkpoint of a run that is continued.
  /// - Parameters:
  ///   - source: the folder of the model to start from.
  ///   - baseName: the name of that model on every machine; `nil` if it is known by its folder only.
  ///   - freeMemory: bytes that the run may use; `nil` if unknown.
  ///   - isInterrupted: whether the run is to end. Checked while new weights are made.
  /// - Throws: ``TrainingError``
  public init(
    _ request: TrainRequest, source: String, baseName: String? = nil, freeMemory: Int? = nil,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(TrainingError) {
    self.request = request
    self.source = source
    self.baseName = baseName ?? source
    self.freeMemory = freeMemory
    folder = RunFolder(path: request.output)
    events = EventFile(folder: folder)
    let options = request.options
    try OptionCheck.check(request)
    try folder.check(overwrites: options.overwriteOutputDir, resumes: options.continues)
    let last = options.resume ? try folder.checkpoints().last : nil
    let checkpoint = options.resumeFromCheckpoint ?? last.map { [folder] step in folder.checkpoint(step) }
    if let checkpoint {
      try CheckpointSums.check(checkpoint)
      state = try RunState(checkpoint: checkpoint)
    }
    let known = state.identity.flatMap { identity in
      checkpoint.map { (identity: identity, path: "\($0)/\(RunState.ownFile)") }
    }
    // A run with adapters starts from the model's own weights, and its checkpoints hold the adapters.
    plan = try TrainingPlan(
      request, source: source, checkpoint: options.loraR > 0 ? nil : checkpoint, known: known,
      freeMemory: freeMemory, isInterrupted: isInterrupted)
    adapters =
      options.loraR > 0
      ? try Adapters(
        plan.trainable.parameters, options, new: Set(plan.trainable.initialized)) : nil
    gradients = ParameterGradients(plan.trainable.parameters)
    optimizer = makeOptimizer(options)
    rate = LearningRate(options, steps: plan.steps)
    trained = adapters?.trained ?? plan.trainable.parameters.all.filter { !$0.isFrozen }
    if options.emaDecay > 0 { average = MovingAverage(trained, decay: options.emaDecay) }
    if let checkpoint { try restore(checkpoint) }
  }

  private func restore(_ checkpoint: String) throws(TrainingError) {
    rate.changes = state.log.compactMap(RunLog.rateChange)
    // A run that is continued ends with the bits of one that was not interrupted.
    plannedRates = try folder.lines(RunLog.file).compactMap(RunLog.rateChange).filter {
      [step = state.step, known = rate.changes] change in
      change.step >= step && !known.contains { $0 == change }
    }
    if let adapters {
      let path = "\(checkpoint)/\(Self.adapterFile)"
      let values = try RunFolder(path: checkpoint).read(Self.adapterFile)
      try adapters.restore({ values[$0] }, path: path)
    }
    do throws(CheckpointError) {
      let file = try SafetensorsFile(path: "\(checkpoint)/optimizer.safetensors")
      optimizer.restore({ file[$0]?.tensor() }, for: trained)
      if average != nil {
        let file = try SafetensorsFile(path: "\(checkpoint)/average.safetensors")
        average?.restore { file[$0]?.tensor() }
      }
    } catch {
      throw TrainingError(.model, error)
    }
  }

  // MARK: - The run

  /// Runs to the end, or until it is interrupted.
  ///
  /// Commands are followed between two steps. An interruption without ``TrainingCommand/stop`` saves a checkpoint and
  /// ends the run.
  /// - Parameters:
  ///   - report: receives every event.
  ///   - conditions: commands and interruptions.
  /// - Throws: ``TrainingError``, also if the loss is not finite or rises suddenly; the last weights are kept.
  public func run(
    report: (TrainingEvent) -> Void, _ conditions: RunConditions = RunConditions()
  ) throws(TrainingError) -> TrainResult {
    wallTime = conditions.wallTime
    let start = try describe()
    try folder.prepare(overwrites: options.overwriteOutputDir, resumes: options.continues)
    for notice in plan.notices { report(.notice(notice)) }
    if options.resume, state.step == 0 { report(.notice("no checkpoint in \(folder.path): the run begins anew")) }
    if options.continues, state.step > plan.steps {
      report(.notice("the run has \(state.step) steps, more than the \(plan.steps) of these options: none is added"))
    }
    report(.start(start))
    try beginLog()
    try beginWatching(report)
    var pace = RunPace(conditions.now, firstStep: state.step)
    while state.step < plan.steps {
      if try follow(conditions, report, &pace) {
        try save(report)
        break
      }
      let begin = conditions.now()
      guard let (loss, norm, tokens) = try step(conditions.isInterrupted) else {
        if try follow(conditions, report, &pace) {
          try save(report)
          break
        }
        try save(report)
        return result()
      }
      lastLoss = loss
      let done = TrainingStep(
        step: state.step, steps: plan.steps, epoch: plan.epoch(state.step), loss: loss,
        learningRate: rate.rate(state.step - 1), gradientNorm: norm, tokens: tokens,
        seconds: conditions.now() - begin, memory: conditions.memory(),
        secondsLeft: pace.secondsLeft(step: state.step, of: plan.steps))
      report(.step(done))
      if state.step % options.loggingSteps == 0 || state.step == plan.steps { try log(done) }
      if try evaluateAndSave(report) { break }
    }
    try finish(report)
    return result()
  }

  /// Does what commands say. Waits while the run is paused.
  /// - Returns: whether the run ends here.
  private func follow(
    _ conditions: RunConditions, _ report: (TrainingEvent) -> Void, _ pace: inout RunPace
  ) throws(TrainingError) -> Bool {
    for planned in plannedRates where planned.step == state.step {
      try setRate(planned.peak, report, isRecorded: true)
    }
    var pausedSince: Double?
    defer { if let pausedSince { pace.leaveOut(since: pausedSince) } }
    repeat {
      for command in conditions.commands(pausedSince != nil) {
        switch command {
        case .pause:
          guard pausedSince == nil else { continue }
          pausedSince = conditions.now()
          report(.paused(step: state.step))
        case .resume:
          guard let since = pausedSince else { continue }
          pace.leaveOut(since: since)
          pausedSince = nil
          report(.resumed(step: state.step))
        case .setLearningRate(let peak): try setRate(peak, report, isRecorded: false)
        case .save: try save(report)
        case .stop: return true
        }
      }
    } while pausedSince != nil && !conditions.isInterrupted()
    return false
  }

  /// Uses another highest learning rate from the next step on.
  /// - Parameter isRecorded: whether the log already has the change.
  private func setRate(
    _ peak: Double, _ report: (TrainingEvent) -> Void, isRecorded: Bool
  ) throws(TrainingError) {
    rate.changes.append((state.step, peak))
    let line = RunLog.rateChange(step: state.step, epoch: plan.epoch(state.step), peak: peak)
    // The change must outlive an interruption of the step that it is for.
    if isRecorded { state.log.append(line) } else { try write(line) }
    report(.learningRate(step: state.step, peak: peak))
  }

  private func result() -> TrainResult {
    TrainResult(path: folder.path, step: state.step, loss: lastLoss, metrics: metrics)
  }

  /// Computes one step and changes the weights.
  /// - Returns: the mean loss, the norm of the gradients and the tokens; `nil` if the run was canceled before the
  ///   weights changed.
  private func step(_ isCancelled: () -> Bool) throws(TrainingError) -> (Double, Double, Int)? {
    let batches = plan.batches(state.step)
    guard let (loss, norm) = try compute(batches, isCancelled) else { return nil }
    try checkLoss(loss, norm, batches)
    let limit = options.maxGradNorm
    let factor = limit > 0 ? min(1, limit / (norm + 1e-6)) : 1
    let step = OptimizerStep(number: state.step + 1, rate: rate.rate(state.step), factor: Float(factor))
    if batches.contains(where: { $0.contains { $0.targets.count > 0 } }) {
      for parameter in trained { optimizer.update(parameter, step) }
      average?.add(trained)
    }
    state.step += 1
    state.add(loss: loss)
    return (loss, norm, batches.reduce(0) { $0 + $1.reduce(0) { $0 + $1.tokens } })
  }

  /// The key of the current step's dropout.
  private var dropout: RandomKey { RandomKey(seed: options.seed).with(6).with(UInt64(state.step)) }

  private func compute(
    _ batches: [[TrainingExample]], _ isCancelled: () -> Bool
  ) throws(TrainingError) -> (loss: Double, norm: Double)? {
    let computed = try StepComputation(
      trainable: plan.trainable, gradients: gradients, smoothing: Float(options.labelSmoothingFactor),
      adapters: adapters, beta: options.beta, dropout: dropout,
      recomputesLayers: options.gradientCheckpointing
    ).run(batches, isCancelled)
    return computed.map { ($0, gradientNorm(trained)) }
  }

  /// Stops the run before the weights change if the loss or a gradient is not finite, or if the loss rises suddenly.
  private func checkLoss(_ loss: Double, _ norm: Double, _ batches: [[TrainingExample]]) throws(TrainingError) {
    let targets = batches.reduce(0) { $0 + $1.reduce(0) { $0 + $1.targets.count } }
    let largest = state.largestLoss(factor: options.maxLossSpike, targets: targets) ?? .infinity
    let isSpike = options.maxLossSpike > 0 && loss > largest
    guard !loss.isFinite || !norm.isFinite || isSpike else { return }
    let step = state.step + 1
    let bundle = ReplayBundle(
      step: step, loss: loss, norm: norm, options: options, batches: batches, hasAdapters: adapters != nil,
      dropout: dropout)
    let name = "stopped-at-step-\(step)"
    try folder.write(name) { folder throws(TrainingError) in
      try writeModel(folder, values: nil)
      try folder.write(bundle.json, to: ReplayBundle.file)
    }
    let place = NonFinitePlace.find(plan.trainable, batches, dropout: dropout) ?? NonFinitePlace.gradient(trained)
    throw TrainingError(
      .data, isSpike ? "the loss rose suddenly" : "the loss is not a finite number",
      at: "step \(step)" + (place.map { ", \($0)" } ?? ""),
      expected: isSpike
        ? "at most \(largest), from \(options.maxLossSpike) times the median of recent losses and the first losses"
        : "finite numbers",
      found: "loss \(loss), norm of the gradients \(norm)",
      hint: "no weight was changed; the step is kept in \(folder.path)/\(name) and can be replayed")
  }

  // MARK: - Evaluation and checkpoints

  /// Evaluates and saves if it is time.
  /// - Returns: whether the run ends early.
  private func evaluateAndSave(_ report: (TrainingEvent) -> Void) throws(TrainingError) -> Bool {
    func isDue(_ interval: TrainingInterval, _ steps: Int) -> Bool {
      switch interval {
      case .no: false
      case .steps: state.step % steps == 0
      case .epoch: state.step % plan.stepsPerEpoch == 0 || state.step == plan.steps
      }
    }
    var ends = false
    var isBest = false
    if plan.isWatched, isDue(options.evaluations, options.evalSteps ?? options.loggingSteps) {
      isBest = try evaluate(report)
      if let patience = options.earlyStoppingPatience { ends = state.evaluationsWithoutGain >= patience }
    }
    // A best model must be saved to be loaded at the end.
    if isDue(options.saveStrategy, options.saveSteps) || (options.loadBestModelAtEnd && isBest) { try save(report) }
    return ends
  }

  /// Evaluates the model, and writes what it makes of the prompts.
  /// - Returns: whether it is the best one so far.
  private func evaluate(_ report: (TrainingEvent) -> Void) throws(TrainingError) -> Bool {
    let kept = average.map { average in trained.map { average.exchange($0) } }
    defer { if let kept { for (parameter, value) in zip(trained, kept) { parameter.set(value) } } }
    let model = try presentModel()
    var figures: [TrainingMetric] = []
    if let examples = plan.evaluation {
      figures = try Evaluation(
        objective: request.objective, labels: plan.labels, batchSize: options.perDeviceEvalBatchSize,
        beta: options.beta, writer: plan.writer
      ).run(examples, model)
    }
    if let drift { figures.append(TrainingMetric("kl", try drift.divergence(model))) }
    if !figures.isEmpty {
      metrics = figures
      report(.evaluation(step: state.step, epoch: plan.epoch(state.step), metrics: metrics))
      var line: JSONObject = ["step": .integer(state.step), "epoch": .double(plan.epoch(state.step))]
      for metric in metrics { line["eval_\(metric.name)"] = .double(metric.value) }
      try write(line)
    }
    try sample(model, report)
    return plan.evaluation == nil ? false : try judge()
  }

  private func presentModel() throws(TrainingError) -> AnyLanguageModel {
    adapters?.apply()
    do throws(ModelError) { return try plan.trainable.model() } catch { throw TrainingError(.model, error) }
  }

  private func sample(_ model: AnyLanguageModel, _ report: (TrainingEvent) -> Void) throws(TrainingError) {
    guard let samples = try plan.sampler?.samples(state.step, model) else { return }
    report(.samples(samples))
    try folder.append(RunLog.line(samples), to: RunLog.samples)
  }

  /// Stores the initial model's distributions, and writes its outputs for the prompts.
  private func beginWatching(_ report: (TrainingEvent) -> Void) throws(TrainingError) {
    if plan.sampler != nil {
      let kept = options.continues ? try folder.lines(RunLog.samples) : []
      let lines = kept.filter { ($0["step"]?.int ?? 0) <= state.step }
      try folder.write(RunLog.bytes(lines), to: RunLog.samples)
    }
    guard state.step == 0 else {
      if !plan.fixedExamples.isEmpty { drift = try StartDrift(plan.fixedExamples, folder: folder) }
      return
    }
    guard plan.sampler != nil || !plan.fixedExamples.isEmpty else { return }
    let model = try presentModel()
    if !plan.fixedExamples.isEmpty {
      let start = try StartDrift(plan.fixedExamples, model)
      try start.write(to: folder)
      drift = start
    }
    try sample(model, report)
  }

  private static func noFigure(_ wanted: String, among metrics: [TrainingMetric]) -> TrainingError {
    TrainingError(
      .usage, "no such figure", at: "metric_for_best_model",
      expected: "one of \(metrics.map(\.name).joined(separator: ", "))", found: wanted)
  }

  /// Refuses a figure that no evaluation will have, before the first step.
  private func checkFigure() throws(TrainingError) {
    guard plan.evaluation != nil else { return }
    let possible = Evaluation.names(request.objective, options).map { TrainingMetric($0, 0) }
    guard Evaluation.figure(options.metricForBestModel, among: possible) == nil else { return }
    throw Self.noFigure(options.metricForBestModel, among: possible)
  }

  private func judge() throws(TrainingError) -> Bool {
    let wanted = options.metricForBestModel
    guard let metric = Evaluation.figure(wanted, among: metrics) else { throw Self.noFigure(wanted, among: metrics) }
    let value = metric.value
    let fewerIsBetter = ["loss", "perplexity", "mse", "mae", "kl"].contains(metric.name)
    let isBest = state.best.map { fewerIsBetter ? value < $0.value : value > $0.value } ?? true
    state.evaluationsWithoutGain = isBest ? 0 : state.evaluationsWithoutGain + 1
    if isBest { state.best = (state.step, value) }
    return isBest
  }

  private func save(_ report: (TrainingEvent) -> Void) throws(TrainingError) {
    let name = "checkpoint-\(state.step)"
    try folder.write(name) { folder throws(TrainingError) in
      if adapters == nil { try writeModel(folder, values: nil) }
      try writeAdapters(folder)
      try folder.write(optimizer.state, to: "optimizer.safetensors")
      if let average { try folder.write(average.state, to: "average.safetensors") }
      try writeState(folder)
      try folder.write(state.ownJSON(plan.identity), to: RunState.ownFile)
      try CheckpointSums.write(to: folder)
    }
    report(.saved(path: folder.checkpoint(state.step)))
    guard let limit = options.saveTotalLimit else { return }
    let best = options.loadBestModelAtEnd ? state.best?.step : nil
    for step in try folder.checkpoints().dropLast(limit) where step != best {
      RunFolder(path: folder.checkpoint(step)).remove()
    }
  }

  /// Writes the state that transformers reads too.
  private func writeState(_ folder: RunFolder) throws(TrainingError) {
    let best = state.best.map { self.folder.checkpoint($0.step) }.flatMap { FileBytes.exists($0) ? $0 : nil }
    try folder.write(
      state.json(steps: plan.steps, stepsPerEpoch: plan.stepsPerEpoch, options: options, bestCheckpoint: best),
      to: RunState.file)
  }

  /// Writes the model that a folder's reader opens: weights, configuration and the files of the tokenizer.
  private func writeModel(_ folder: RunFolder, values: [String: Tensor]?) throws(TrainingError) {
    try folder.write(
      plan.trainable.parameters.all.map { ($0.name, values?[$0.name] ?? $0.value) }, to: "model.safetensors")
    try folder.write(plan.configuration, to: "config.json")
    try folder.copyFiles(from: source)
  }

  /// The name of PEFT's file of adapters.
  private static let adapterFile = "adapter_model.safetensors"

  private func writeAdapters(_ folder: RunFolder) throws(TrainingError) {
    guard let adapters else { return }
    try folder.write(adapters.tensors, to: Self.adapterFile)
    try folder.write(adapters.configuration(request.objective, base: baseName), to: "adapter_config.json")
    // PEFT does not read it; it has the labels of a new head.
    try folder.write(plan.configuration, to: "config.json")
    try folder.copyFiles(from: source)
  }

  /// Writes the adapters of the best or the last step, and the model with their values if it is wanted.
  private func finishAdapters(_ adapters: Adapters, best: Int?) throws(TrainingError) {
    if let best, average != nil {
      // The evaluation scored the average.
      let values = try RunFolder(path: folder.checkpoint(best)).read("average.safetensors")
      for parameter in trained {
        guard let value = values[parameter.name], value.shape == parameter.shape else { continue }
        parameter.update { target in value.withUnsafeScalars { _ = target.update(fromContentsOf: $0) } }
      }
    } else if let best {
      let path = "\(folder.checkpoint(best))/\(Self.adapterFile)"
      let values = try RunFolder(path: folder.checkpoint(best)).read(Self.adapterFile)
      try adapters.restore({ values[$0] }, path: path)
    }
    try writeAdapters(folder)
    guard options.mergeAdapter else { return }
    adapters.apply()
    // In a folder of its own: beside adapters, PEFT would apply them to the merged weights again.
    try folder.write(RunFolder.merged) { folder throws(TrainingError) in try writeModel(folder, values: nil) }
  }

  private func finish(_ report: (TrainingEvent) -> Void) throws(TrainingError) {
    var values: [String: Tensor]?
    let wanted = options.loadBestModelAtEnd ? state.best?.step : nil
    let kept = try folder.checkpoints()
    let best = wanted.flatMap { kept.contains($0) ? $0 : nil }
    if let adapters {
      if best == nil, let average { for parameter in trained { _ = average.exchange(parameter) } }
      try finishAdapters(adapters, best: best)
    } else if let best {
      let name = average == nil ? "model" : "average"
      values = try RunFolder(path: folder.checkpoint(best)).read("\(name).safetensors")
    } else if let average {
      values = Dictionary(average.state.map { ($0.name, $0.value) }) { $1 }
    }
    if adapters == nil { try writeModel(folder, values: values) }
    try writeState(folder)
    report(.saved(path: folder.path))
  }

  // MARK: - The log

  /// A continued run keeps the lines of the steps that its checkpoint has, and changes of the learning rate that are
  /// still to come.
  private func beginLog() throws(TrainingError) {
    let planned = plannedRates.map { RunLog.rateChange(step: $0.step, epoch: plan.epoch($0.step), peak: $0.peak) }
    try folder.write(RunLog.bytes(state.log + planned), to: RunLog.file)
    try events.begin(keepingUpTo: options.continues ? state.step : nil, wallTime: wallTime())
  }

  private func log(_ step: TrainingStep) throws(TrainingError) {
    try write([
      "step": .integer(step.step), "epoch": .double(step.epoch), "loss": .double(step.loss),
      "learning_rate": .double(step.learningRate), "grad_norm": .double(step.gradientNorm),
      "tokens_per_s": .double(step.tokensPerSecond),
    ])
  }

  private func write(_ line: JSONObject) throws(TrainingError) {
    state.log.append(line)
    try folder.append(line, to: RunLog.file)
    try events.append(line, wallTime: wallTime())
  }

  // MARK: - Before the first step

  private func describe() throws(TrainingError) -> TrainingStart {
    try checkFigure()
    let memory = try MemoryNeed(plan, trained: trained, options: options)
    try memory.check(freeMemory, options)
    let shown = plan.batches(state.step).joined().prefix(10)
    return TrainingStart(
      examples: shown.map { ExampleView(tokenizer: plan.tokenizer, labels: plan.labels).show($0, request.objective) },
      trainExamples: plan.training.count, evaluationExamples: plan.evaluation?.count ?? 0,
      trainedParameters: trained.reduce(0) { $0 + $1.count },
      parameters: plan.trainable.parameters.all.reduce(0) { $0 + $1.count }, steps: plan.steps, firstStep: state.step,
      memory: memory.total)
  }
}
