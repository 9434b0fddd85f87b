/// What a key can do. The raw value is the action's stable name in the configuration file: `keys: {prompt.send:
/// [ctrl-s]}`. A tab declares the actions of its own in its folder.
struct Action: RawRepresentable, Sendable, Hashable {
  let rawValue: String

  /// The action of a name.
  init(rawValue: String) { self.rawValue = rawValue }

  /// The action of a name.
  init(_ name: String) { rawValue = name }

  /// Opens a tab.
  static func open(_ tab: TabID) -> Action { Action("task.\(tab.rawValue)") }

  static let send = Action("prompt.send")
  static let newline = Action("prompt.newline")
  static let earlierPrompt = Action("prompt.history-previous")
  static let laterPrompt = Action("prompt.history-next")
  static let editor = Action("prompt.editor")
  static let example = Action("prompt.example")

  static let up = Action("move.up")
  static let down = Action("move.down")
  static let left = Action("move.left")
  static let right = Action("move.right")
  static let pageUp = Action("move.page-up")
  static let pageDown = Action("move.page-down")
  static let first = Action("move.first")
  static let last = Action("move.last")
  static let nextHit = Action("move.next-hit")
  static let previousHit = Action("move.previous-hit")

  static let take = Action("candidates.take")
  static let search = Action("candidates.search")
  static let chain = Action("candidates.chain")
  static let waterfall = Action("candidates.waterfall")
  static let stepsLeft = Action("candidates.earlier-stage")
  static let stepsRight = Action("candidates.later-stage")
  static let bars = Action("candidates.bars")

  static let copy = Action("stream.copy")
  static let stop = Action("stream.stop")
  static let heat = Action("view.heat")
  static let promptColors = Action("view.prompt-colors")
  static let heatScale = Action("view.heat-scale")

  static let undo = Action("edit.undo")
  static let redo = Action("edit.redo")

  static let sampler = Action("sampler.open")
  static let stageEarlier = Action("sampler.stage-earlier")
  static let stageLater = Action("sampler.stage-later")
  static let neutral = Action("sampler.neutral")
  static let presets = Action("sampler.presets")
  static let savePreset = Action("sampler.save-preset")
  static let modelDefaults = Action("sampler.model-defaults")

  static let model = Action("model.choose")
  static let card = Action("model.card")
  static let theme = Action("theme.choose")

  static let zoom = Action("view.zoom")
  static let nextPane = Action("focus.next")
  static let previousPane = Action("focus.previous")
  static let nextTask = Action("task.next")
  static let previousTask = Action("task.previous")

  static let palette = Action("app.palette")
  static let help = Action("app.help")
  static let accept = Action("overlay.accept")
  static let close = Action("overlay.close")
  static let mouse = Action("app.mouse")
  static let interrupt = Action("app.interrupt")
  static let quit = Action("app.quit")

  static let readText = Action("reading.open")
  static let readingUnit = Action("reading.unit")
  static let editHere = Action("reading.edit-here")

  static let saveScreen = Action("screen.save")
  static let export = Action("session.export")
  static let sessions = Action("sessions.open")
  static let removeSession = Action("sessions.remove")

  static let lessons = Action("lesson.choose")
  static let nextStep = Action("lesson.next")
  static let previousStep = Action("lesson.previous")

  /// Whether the action is available only while a lesson is open.
  var isStep: Bool { self == .nextStep || self == .previousStep }
}
