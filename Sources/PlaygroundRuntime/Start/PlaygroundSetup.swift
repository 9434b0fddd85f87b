import EngineAPI
import LocalFiles
import PlaygroundApp
import TerminalUI

/// What the options, the configuration and the files come to: everything that the first frame needs, and no more.
struct PlaygroundSetup {
  /// The app's settings.
  let settings: PlaygroundSettings
  /// The models of each task.
  let models: [TabID: [ModelReference]]
  /// The tab to open on.
  let task: TabID
  /// The history file; `nil` where there is no folder for it.
  let history: HistoryFile?
  /// What was wrong, for one box; `nil` where nothing was.
  let failure: EngineError?

  init(_ options: PlaygroundOptions) {
    let configuration = options.configuration
    let folders = UserFolders(options.environment)
    var failures = options.problems.map { EngineError($0) }
    history = try? HistoryFile(folders)
    let themes = BundledThemes(
      ThemeFiles(BundledFolders(options.environment), user: folders), wish: options.theme ?? configuration.theme)
    failures += themes.failures

    var settings = PlaygroundSettings(themes: themes.all, theme: themes.chosen, sampling: configuration.sampling)
    for setting in configuration.keys {
      let problems = KeyBindings(overrides: [setting.action: setting.keys]).problems
      failures += problems.map { EngineError(.usage, $0.description, at: setting.place.description) }
      settings.keys[setting.action] = setting.keys
    }
    if let maxTokens = configuration.maxTokens { settings.maxTokens = maxTokens }
    if let beams = configuration.beams { settings.beams = beams }
    if let seed = configuration.seed { settings.seed = seed }
    if let heat = configuration.heat.flatMap(HeatMeasure.init) { settings.heat = heat }
    if let kind = configuration.heatScale.flatMap(HeatScale.Kind.init) { settings.heatKind = kind }
    settings.home = options.environment.home
    settings.hasClipboard = PlaygroundSetup.hasClipboard(options.environment["TERM"] ?? "")
    if let mouse = configuration.mouse { settings.mouse = mouse }
    for entry in (try? history?.load()) ?? [] {
      if let task = TabID(rawValue: entry.task) { settings.history[task, default: []].append(entry.prompt) }
    }
    self.settings = settings
    failure = Self.oneBox(failures)

    var models: [TabID: [ModelReference]] = [:]
    for (name, model) in configuration.models {
      if let task = TabID(rawValue: name) { models[task] = [model] }
    }
    let named = options.models.map { model in
      (task: options.family(model).flatMap { TabID(taking: $0) } ?? options.task ?? .first, model: model)
    }
    for task in Set(named.map(\.task)) { models[task] = named.filter { $0.task == task }.map(\.model) }
    self.models = models
    task = options.task ?? named.first?.task ?? .first
  }

  /// The prompts of an interrupted session, by task.
  func drafts(_ claimed: [String: String]?) -> [TabID: String] {
    var drafts: [TabID: String] = [:]
    for (name, prompt) in claimed ?? [:] {
      if let task = TabID(rawValue: name) { drafts[task] = prompt }
    }
    return drafts
  }

  /// Whether a terminal of this type may support OSC 52 (copying to the clipboard); consoles and old terminals do not.
  static func hasClipboard(_ terminal: String) -> Bool {
    !["linux", "dumb", "ansi", "cons25"].contains(terminal) && !terminal.hasPrefix("vt")
  }

  /// The first failure, with the others named in its hint.
  private static func oneBox(_ failures: [EngineError]) -> EngineError? {
    guard var first = failures.first else { return nil }
    let others = failures.dropFirst().prefix(4).map { "\($0.what), \($0.place ?? "")" }
    guard !others.isEmpty else { return first }
    let rest = failures.count - 1 - others.count
    let list = others.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    first.hint = [first.hint, "Also: \(list)"].compactMap(\.self).joined(separator: ". ")
    return first
  }
}
