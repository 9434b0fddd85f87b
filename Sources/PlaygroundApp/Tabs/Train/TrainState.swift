import EngineAPI
import TerminalUI

extension TabID {
  /// The tab that trains models and shows runs.
  public static let train = TabID("train")
}

extension Slot {
  /// The run that is being trained.
  public static let training = Slot(.train, "training")
  /// The commands to it.
  static let steering = Slot(.train, "steering")
  /// A run that is read from its files.
  static let opening = Slot(.train, "opening")
  /// A run whose files are read again while they grow.
  static func watching(_ run: Int) -> Slot { Slot(.train, "watching", run) }
}

/// The Train tab: starts runs and steers them; shows the loss, what the model says to fixed prompts, and how far it has
/// moved. Runs that were recorded elsewhere can be opened beside it.
public struct TrainState: Sendable, Equatable {
  /// Not shown: the form has the fields of a run.
  public internal(set) var prompt: PromptState
  /// The form that starts a run.
  var form = TrainForm()
  /// Whether the form is shown in place of the runs.
  var showsForm = true
  /// The runs, in the order in which they were opened.
  var runs: [WatchedRun] = []
  /// The index of the run whose figures and samples are shown.
  var chosen = 0
  /// The number of the run that is being trained, and the version of its request.
  var training: (run: Int, version: Int)? {
    get { trained.map { ($0.run, $0.version) } }
    set { trained = newValue.map { TrainedRun(run: $0.run, version: $0.version) } }
  }
  private var trained: TrainedRun?
  /// The number of the last run.
  var lastNumber = 0
  /// A value that is being typed.
  var entry: TrainEntry?
  /// The version of the request that reads a run's files.
  var openingVersion: Int?
  /// Runs whose files will be read again, with the versions of the requests once they are sent.
  var watched: [Int: Int?] = [:]
  /// Whether the model is opened in its tab once it is saved.
  var opensWhenSaved = false
  /// The pane with the focus.
  var focus = Focus.trainForm
  /// What the chart shows.
  var figure = "loss"
  /// How its values are placed.
  var scale = ChartScale.linear
  /// The factor of the moving average; 0 for the values themselves.
  var smoothing = 0.9
  /// The step that is looked back at; `nil` follows the run.
  var place: Int?
  /// The prompts on the screen and the chosen one.
  var promptWindow = ListWindow()
  /// The candidates on the screen.
  var candidateWindow = ListWindow()

  /// A request to train.
  private struct TrainedRun: Sendable, Equatable {
    var run: Int
    var version: Int
  }

  /// The run whose figures and samples are shown.
  var run: WatchedRun? { runs.indices.contains(chosen) ? runs[chosen] : nil }

  /// The index of the run that is being trained.
  var trainingIndex: Int? { trained.flatMap { trained in runs.firstIndex { $0.number == trained.run } } }

  /// What charts can show: the figures of all runs, the best known first.
  var figures: [String] {
    var seen: Set<String> = []
    let all = runs.flatMap(\.figures).map(\.name.base).filter { seen.insert($0).inserted }
    return FigureName.known.filter(all.contains) + all.filter { !FigureName.known.contains($0) }
  }

  /// The steps that can be looked back at.
  var places: [Int] { run?.places ?? [] }

  /// The samples at the chosen step.
  var samplesNow: TrainingSamples? { run?.samples(at: place) }

  /// The first samples.
  var samplesBefore: TrainingSamples? { run?.samples.first }
}

extension TrainState: Tab {
  static let id = TabID.train
  static let title = "Train"
  static let families = ModelFamily.allCases
  static let defaultModel = ModelReference.none

  init(models: [ModelReference], settings: PlaygroundSettings) {
    prompt = PromptState(.train, isContinued: true, settings: settings)
    if models[0] != .none { form["model"] = models[0].description }
  }

  // MARK: Models

  var model: ModelReference { form["model"].isEmpty ? .none : ModelReference(parsing: form["model"]) }
  /// None: the engine opens the model when the run starts.
  var models: [ModelReference] { [] }
  var modelTitle: String { "Model to start from" }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    form["model"] = model.description
    if !showsForm { shell.notice = "the form of the next run starts from \(model.shortName)" }
    return []
  }

  // MARK: Focus

  var focusOrder: [Focus] {
    if entry != nil { return [.trainEntry] }
    if showsForm { return [.trainForm] }
    return [.trainChart] + (samplesNow == nil ? [] : [.trainSays, .trainCandidates]) + [.trainRuns]
  }

  mutating func setFocus(_ focus: Focus) {
    if focusOrder.contains(focus) { self.focus = focus }
  }

  /// Keeps the focus in a pane that is shown.
  mutating func fixFocus() {
    if !focusOrder.contains(focus) { focus = focusOrder[0] }
  }

  // MARK: Messages

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .training(let ticket, let event):
      if ticket.slot == .training, ticket.version == training?.version { receive(event, &shell) }
    case .trained(let ticket, let result):
      if ticket.slot == .training, ticket.version == training?.version { end(result, &shell) }
    case .steered(_, let failure): if let failure { refuse(failure, &shell) }
    case .runRead(let ticket, let result): receive(result, ticket, &shell)
    default: break
    }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] {
    fixFocus()
    form.fitting = TrainingObjective(family(of: model, shell))
    promptWindow.update(count: samplesNow?.samples.count ?? 0)
    candidateWindow.update(count: TrainCandidates(self)?.rows.count ?? 0)
    return watch(&shell)
  }

  /// The family of a model, if it is open or listed.
  private func family(of model: ModelReference, _ shell: Shell) -> ModelFamily? {
    shell.information(model)?.family ?? shell.models.first { $0.name == model.name }?.family
  }

  mutating func askAgain() {
    openingVersion = nil
    watched = watched.mapValues { _ in Int?.none }
  }

  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    guard let index = trainingIndex, runs[index].status != .stopping else { return nil }
    runs[index].status = .stopping
    return [.steer(Ticket(.steering, version: shell.nextVersion()), output: runs[index].path, .stop)]
  }

  var isBusy: Bool { trainingIndex.map { runs[$0].status != .paused } ?? false }
  var begun: [Int?] { [training?.version] }
}

extension TrainingObjective {
  /// What a model of a family already does.
  fileprivate init?(_ family: ModelFamily?) {
    switch family {
    case .causal: self = .causal
    case .masked: self = .masked
    case .seq2seq: self = .seq2seq
    case .classifier: self = .classify
    case .tagger: self = .tag
    case nil: return nil
    }
  }
}
