import EngineAPI

/// A run on the screen: one that is being trained here, or one that was read from its files.
struct WatchedRun: Sendable, Equatable {
  /// What the run is doing.
  enum Status: Sendable, Equatable {
    /// The examples are read; no step has been made.
    case starting
    /// Steps are computed.
    case running
    /// It will wait after the current step.
    case pausing
    /// It waits.
    case paused
    /// It writes a checkpoint and the model, then ends.
    case stopping
    /// It has ended.
    case ended
    /// It has ended with an error.
    case failed(String)
    /// It was read from files.
    case recorded
  }

  /// A figure over the steps.
  struct Figure: Sendable, Equatable {
    /// What it is.
    var name: FigureName
    /// Its values.
    var curve: Curve
  }

  /// The best evaluation.
  struct Best: Sendable, Equatable {
    /// The value.
    var value: Double
    /// The step.
    var step: Int
  }

  /// Distinguishes runs; grows with every run that is opened.
  let number: Int
  /// The folder, or the event file.
  var path: String
  /// The request, of a run that was started here.
  var request: TrainRequest?
  /// What it is doing.
  var status: Status
  /// The figures in the order in which they first occurred.
  private(set) var figures: [Figure] = []
  /// The samples in the order of their steps.
  private(set) var samples: [TrainingSamples] = []
  /// What is learned.
  private(set) var start: TrainingStart?
  /// The last step.
  private(set) var lastStep: TrainingStep?
  /// The folder that was saved last.
  private(set) var saved: String?
  /// The best evaluation.
  private(set) var best: Best?

  /// A run that starts.
  init(number: Int, request: TrainRequest) {
    (self.number, path, self.request, status) = (number, request.output, request, .starting)
  }

  /// A run that was read from files.
  init(number: Int, history: TrainingHistory) {
    (self.number, path, status) = (number, history.path, .recorded)
    take(history)
  }

  /// The last part of its path.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Whether it is being trained.
  var isGoing: Bool {
    switch status {
    case .starting, .running, .pausing, .paused, .stopping: true
    case .ended, .failed, .recorded: false
    }
  }

  /// The figure by which evaluations are judged.
  var judged: FigureName {
    let name = request?.options.metricForBestModel ?? "loss"
    return FigureName(name.hasPrefix("eval_") ? String(name.dropFirst(5)) : name, isHeldOut: true)
  }

  /// The curve of a figure.
  func curve(_ name: FigureName) -> Curve? { figures.first { $0.name == name }?.curve }

  /// The samples at a step: the last ones up to it; the newest for `nil`.
  func samples(at step: Int?) -> TrainingSamples? {
    guard let step else { return samples.last }
    return samples.last { $0.step <= step } ?? samples.first
  }

  /// The last step that is known.
  var reached: Int? {
    lastStep?.step ?? figures.compactMap { $0.curve.buckets.last?.end }.max().map { Int(min(max($0, -1e15), 1e15)) }
  }

  /// The steps at which there is something to look back at: those of the samples, or those of the evaluations.
  var places: [Int] {
    if samples.count > 1 { return samples.map(\.step) }
    let curve = figures.first { $0.name.isHeldOut }?.curve ?? figures.first?.curve
    return curve.map { $0.buckets.map { Int(min(max($0.end, -1e15), 1e15)) } } ?? []
  }

  /// The run that goes on from this one's checkpoint, with what was recorded so far.
  func resumed(as new: WatchedRun) -> WatchedRun {
    var run = new
    (run.figures, run.samples, run.best, run.start) = (figures, samples, best, start)
    return run
  }

  // MARK: Events

  /// Takes an event of the run.
  mutating func take(_ event: TrainingEvent) {
    switch event {
    case .start(let start): self.start = start
    case .step(let step): take(step)
    case .evaluation(let step, _, let metrics):
      for metric in metrics { record(FigureName(metric.name, isHeldOut: true), metric.value, at: step) }
    case .samples(let samples): take(samples)
    case .saved(let path): saved = path
    case .paused: if status != .stopping { status = .paused }
    case .resumed: if status != .stopping { status = .running }
    case .learningRate, .notice: break
    }
  }

  private mutating func take(_ step: TrainingStep) {
    if status == .starting { status = .running }
    lastStep = step
    record(FigureName("loss"), step.loss, at: step.step)
    record(FigureName("learning_rate"), step.learningRate, at: step.step)
    record(FigureName("grad_norm"), step.gradientNorm, at: step.step)
    if step.seconds > 0 { record(FigureName("tokens_per_second"), step.tokensPerSecond, at: step.step) }
    if let memory = step.memory { record(FigureName("memory"), Double(memory), at: step.step) }
  }

  /// The maximum number of samples. When it is exceeded, every other one is left out, but not the first and the last.
  static let mostSamples = 1024

  private mutating func take(_ new: TrainingSamples) {
    // A run that was resumed repeats the steps after its checkpoint.
    while let last = samples.last, last.step >= new.step { samples.removeLast() }
    samples.append(new)
    guard samples.count > WatchedRun.mostSamples else { return }
    samples = samples.enumerated().filter { $0.offset % 2 == 0 || $0.offset == samples.count - 1 }.map(\.element)
  }

  private mutating func record(_ name: FigureName, _ value: Double, at step: Int) {
    if let index = figures.firstIndex(where: { $0.name == name }) {
      figures[index].curve.append(ChartPoint(Double(step), value))
    } else {
      figures.append(Figure(name: name, curve: Curve([ChartPoint(Double(step), value)])))
    }
    guard name == judged, value.isFinite else { return }
    let isBest = best.map { name.isBetterBelow ? value < $0.value : value > $0.value } ?? true
    if isBest { best = Best(value: value, step: step) }
  }

  /// Takes everything that was read from the run's files in place of what is known.
  mutating func take(_ history: TrainingHistory) {
    (figures, samples, best) = ([], [], nil)
    for series in history.series {
      let name = FigureName(tag: series.name)
      for point in series.points { record(name, point.value, at: point.step) }
    }
    for samples in history.samples { take(samples) }
  }
}
