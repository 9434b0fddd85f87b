import EngineAPI
import Sampling
import TerminalUI

/// Everything that the playground knows: one value, changed only by `update(_:_:)`, shown by `view(_:glyphs:colors:)`.
public struct PlaygroundState: Sendable, Equatable {
  /// Columns and rows of the terminal.
  public internal(set) var size: Size
  /// What the configuration said.
  public internal(set) var settings: PlaygroundSettings
  /// The keys, after the configuration's changes.
  public internal(set) var keys: KeyBindings
  /// The open tab.
  public internal(set) var task: PlaygroundTask
  /// The models that can be opened.
  public internal(set) var models: [ModelSummary] = []
  /// How far each model that was asked for is.
  public internal(set) var opened: [ModelReference: ModelStatus] = [:]
  /// The Generate tab.
  public internal(set) var generate: GenerateState
  /// The Fill mask tab.
  public internal(set) var fillMask: FillMaskState
  /// The Translate tab.
  public internal(set) var translate: TranslateState
  /// What lies over the panes, if anything does.
  public internal(set) var overlay: Overlay?
  /// One line in place of the key hints, until the next key.
  public internal(set) var notice: String?
  /// What the colours of tokens stand for.
  public internal(set) var heat: HeatMeasure
  /// The scale of these colours.
  public internal(set) var heatKind: HeatScale.Kind
  /// Whether the bars of candidates are relative to the first one, and not on the scale from 0 to 100 %.
  public internal(set) var hasRelativeBars = false
  /// Whether mouse reports are on.
  public internal(set) var mouse: Bool
  /// The name of the chosen theme.
  public internal(set) var themeName: String
  /// A model that is opened by its path: it takes its place once its family is known.
  var pendingModel: PendingModel?
  /// Whether a second Ctrl-C leaves.
  var isLeaving = false
  /// Whether a second `q` leaves.
  var isQuitting = false
  /// The version of the latest request.
  var lastVersion = 0

  /// The theme to draw with.
  public var theme: Theme? {
    (settings.themes.first { $0.name == themeName } ?? settings.themes.first)?.with(heatKind)
  }

  /// A fresh version for a request.
  mutating func nextVersion() -> Int {
    lastVersion += 1
    return lastVersion
  }
}

extension PlaygroundState {
  /// The models that the playground opens on where none is named.
  public static let defaultModels: [PlaygroundTask: ModelReference] = [
    .generate: ModelReference("storyteller"), .fillMask: ModelReference("cloze"),
    .translate: ModelReference("interpreter"),
  ]

  /// The playground at its start, ready to be shown, and the work that brings it to life.
  ///
  /// - Parameters:
  ///   - models: models to open in place of the default ones, by task; several of the Generate tab open as streams side
  ///     by side.
  ///   - task: the tab to begin with.
  ///   - size: the terminal's size.
  public static func initial(
    models: [PlaygroundTask: [ModelReference]] = [:], task: PlaygroundTask = .generate,
    settings: PlaygroundSettings = PlaygroundSettings(), size: Size
  ) -> (state: PlaygroundState, effects: [Effect]) {
    let first = { (task: PlaygroundTask) in
      models[task]?.first ?? defaultModels[task] ?? ModelReference("storyteller")
    }
    let generating = models[.generate].flatMap { $0.isEmpty ? nil : $0 } ?? [first(.generate)]
    var state = PlaygroundState(
      size: size, settings: settings, keys: KeyBindings(overrides: settings.keys), task: task,
      generate: GenerateState(models: Array(generating.prefix(StreamState.most)), settings: settings),
      fillMask: FillMaskState(model: first(.fillMask), settings: settings),
      translate: TranslateState(model: first(.translate), settings: settings), overlay: nil, notice: nil,
      heat: settings.heat, heatKind: settings.heatKind, mouse: settings.mouse, themeName: settings.theme)
    if let draft = settings.drafts[.generate] { state.generate.prompt.editor.setText(draft) }
    if let draft = settings.drafts[.fillMask] { state.fillMask.prompt.editor.setText(draft) }
    if let draft = settings.drafts[.translate] { state.translate.prompt.editor.setText(draft) }
    var effects: [Effect] = [.listModels]
    if settings.mouse { effects.append(.captureMouse(true)) }
    effects += state.settle()
    return (state, effects)
  }
}
