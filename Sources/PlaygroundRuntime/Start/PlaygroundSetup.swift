import EngineAPI
import LocalFiles
import PlaygroundApp
import Sessions
import TerminalUI

/// The result of the options, the configuration and the files: everything that the first frame needs.
struct PlaygroundSetup {
  /// The app's settings.
  let settings: PlaygroundSettings
  /// The models of each task.
  let models: [TabID: [ModelReference]]
  /// The tab to open on.
  let task: TabID
  /// The history file; `nil` if there is no folder for it.
  let history: HistoryFile?
  /// All problems as one error, for one message box; `nil` if there are none.
  let failure: EngineError?

  init(_ options: PlaygroundOptions) {
    let configuration = options.configuration
    let folders = UserFolders(options.environment)
    var failures = options.problems.map { EngineError($0) }
    history = try? HistoryFile(folders)
    let themes = ThemeChoice(
      ThemeFiles(BundledFolders(options.environment), user: folders), wish: options.theme ?? configuration.theme)
    failures += themes.failures

    var settings = PlaygroundSettings(
      themes: themes.all, display: configuration.display, texts: configuration.texts)
    settings.theme = themes.chosen
    for setting in configuration.keys {
      let problems = KeyBindings(overrides: [setting.action: setting.keys]).problems
      failures += problems.map { EngineError(.usage, $0.description, at: setting.place.description, hint: $0.hint) }
      settings.keys[setting.action] = setting.keys
    }
    settings.home = options.environment.home
    settings.hasClipboard = PlaygroundSetup.hasClipboard(options.environment["TERM"] ?? "")
    for entry in (try? history?.load()) ?? [] {
      if let task = TabID(rawValue: entry.task) { settings.history[task, default: []].append(entry.prompt) }
    }
    self.settings = settings
    failure = Self.combined(failures)

    var models: [TabID: [ModelReference]] = [:]
    for (name, model) in configuration.models {
      if let task = TabID(rawValue: name) { models[task] = [model] }
    }
    // A model opens in every tab that takes its family; one of an unknown family in the tab that is opened.
    let named = options.models.map { model in
      (tabs: options.family(model).map(TabID.all(taking:)) ?? [options.task ?? .first], model: model)
    }
    for tab in TabID.allCases {
      var own = named.filter { $0.tabs.contains(tab) }.map(\.model)
      if tab.isOfOneFamily,
        let family = tab.families.first(where: { family in own.contains { options.family($0) == family } })
      {
        own.removeAll { options.family($0) != family }
      }
      if !own.isEmpty { models[tab] = own }
    }
    self.models = models
    task = options.task ?? named.first?.tabs.first ?? .first
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
  private static func combined(_ failures: [EngineError]) -> EngineError? {
    guard var first = failures.first else { return nil }
    let others = failures.dropFirst().prefix(4).map { "\($0.what), \($0.place ?? "")" }
    guard !others.isEmpty else { return first }
    let rest = failures.count - 1 - others.count
    let list = others.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    first.hint = [first.hint, "Also: \(list)"].compactMap(\.self).joined(separator: ". ")
    return first
  }
}

/// The options of a playground: those of the command line, and its environment.
@dynamicMemberLookup
public struct PlaygroundOptions: Sendable {
  /// The options of the command line.
  public var request: PlayRequest
  /// Returns the family of a model, read from its configuration only; `nil` if it can't be read. Called before the
  /// first frame.
  public var family: @Sendable (ModelReference) -> ModelFamily?
  /// The environment: folders, variables.
  public var environment: ProcessEnvironment
  /// The configuration file's values; read by `init`.
  public var configuration: Configuration
  /// The problems of the configuration file, shown after the start.
  public var problems: [ConfigurationProblem]
  /// The clock of the loop.
  public var clock: any RuntimeClock
  /// The time of day, for the names of sessions.
  public var time: @Sendable () -> SessionTime = { .now }

  /// Creates options and reads the configuration file of the environment.
  public init(
    _ request: PlayRequest = PlayRequest(),
    family: @escaping @Sendable (ModelReference) -> ModelFamily? = { _ in nil },
    environment: ProcessEnvironment = .current(), clock: any RuntimeClock = MonotonicClock()
  ) {
    self.request = request
    self.family = family
    self.environment = environment
    self.clock = clock
    let file = UserFolders(environment).configurationFile
    (configuration, problems) =
      file.map { ConfigurationFile.read($0, tabs: TabID.allCases.map(\.rawValue)) } ?? (Configuration(), [])
  }

  /// A member of ``request``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<PlayRequest, Value>) -> Value {
    get { request[keyPath: path] }
    set { request[keyPath: path] = newValue }
  }
}

/// The available themes, read from their files.
struct ThemeChoice {
  /// All themes that could be read; at least one.
  let all: [Theme]
  /// The name of the theme to begin with.
  let chosen: String
  /// The errors of themes that could not be read or found.
  let failures: [EngineError]

  init(_ files: ThemeFiles, wish: String?) {
    var failures: [EngineError] = []
    var themes: [Theme] = []
    for file in files.list() {
      do {
        themes.append(try Theme(yaml: Array(ThemeFiles.read(file).utf8), name: file.name, file: file.path))
      } catch let error as ThemeError {
        failures.append(EngineError(.usage, error.description, hint: error.hint))
      } catch let error as LocalFilesError {
        failures.append(EngineError(error))
      } catch {
        failures.append(
          EngineError(.usage, "cannot read the theme", at: file.path, expected: "a readable file", found: "\(error)"))
      }
    }
    var chosen = wish ?? Theme.standard.name
    if let wish {
      do {
        chosen = try files.find(wish).name
      } catch {
        failures.insert(EngineError(error), at: 0)
        chosen = Theme.standard.name
      }
    }
    self.failures = failures
    all = themes.isEmpty ? [Theme.standard] : themes
    self.chosen = chosen
  }
}
