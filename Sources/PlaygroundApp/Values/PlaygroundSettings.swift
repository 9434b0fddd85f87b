import EngineAPI
import TerminalUI

/// The user's settings. The runtime assembles them from the configuration file, the environment and the command line.
/// The members of ``display`` and ``texts`` can be accessed directly, as in `settings.seed`.
@dynamicMemberLookup
public struct PlaygroundSettings: Sendable, Equatable {
  /// The themes to choose from, in the order of the picker.
  public var themes: [Theme]
  /// The theme, the colors of tokens and the mouse at the start. An unknown theme means the first one.
  public var display: DisplaySettings
  /// The sampler, the lengths and the first seed of texts, used if a model's files do not override them.
  public var texts: TextDefaults
  /// Keys by the name of an action, in place of the default ones: `["prompt.send": ["ctrl-s"]]`. An empty list unbinds
  /// the action.
  public var keys: [String: [String]]
  /// Whether the terminal may have a clipboard that text can be sent to.
  public var hasClipboard = true
  /// Whether the texts are kept in a session file.
  public var keepsSession = false
  /// Whether there are lines in place of a screen.
  public var isLinear = false
  /// The folder that `~` stands for.
  public var home: String?
  /// Prompts sent in earlier sessions, oldest first.
  public var history: [TabID: [String]]
  /// The prompts of an earlier session that ended unexpectedly, used as initial prompts.
  public var drafts: [TabID: String] = [:]

  /// Creates settings; parameters have the documented defaults.
  public init(
    themes: [Theme] = [], display: DisplaySettings = DisplaySettings(), texts: TextDefaults = TextDefaults(),
    keys: [String: [String]] = [:], history: [TabID: [String]] = [:], drafts: [TabID: String] = [:]
  ) {
    self.themes = themes
    self.display = display
    self.texts = texts
    self.keys = keys
    self.history = history
    self.drafts = drafts
  }

  /// Access to a member of ``display``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<DisplaySettings, Value>) -> Value {
    get { display[keyPath: path] }
    set { display[keyPath: path] = newValue }
  }

  /// Access to a member of ``texts``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<TextDefaults, Value>) -> Value {
    get { texts[keyPath: path] }
    set { texts[keyPath: path] = newValue }
  }
}
