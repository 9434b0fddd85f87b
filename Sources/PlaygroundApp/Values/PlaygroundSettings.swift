import EngineAPI
import Sampling
import TerminalUI

/// The user's settings. The runtime assembles them from configuration files, environment and command line.
public struct PlaygroundSettings: Sendable, Equatable {
  /// The themes to choose from, in the order of the picker.
  public var themes: [Theme]
  /// The name of the theme to begin with; an unknown name means the first one.
  public var theme: String
  /// Keys by the name of an action, in place of the default ones: `["prompt.send": ["ctrl-s"]]`. An empty list unbinds
  /// the action.
  public var keys: [String: [String]]
  /// Sampler settings in place of a model's own defaults.
  public var sampling: SamplingSettings?
  /// The maximum length of a completion in tokens, if the model's configuration has none.
  public var maxTokens: Int
  /// The number of beams of a translation, if the model's configuration has none.
  public var beams: Int
  /// The seed of the first stream.
  public var seed: UInt64
  /// The initial measure that the colors of tokens show.
  public var heat: HeatMeasure
  /// The initial scale of these colors.
  public var heatKind: HeatScale.Kind
  /// Whether the tokens of a prompt are colored at first, as those of a stream are.
  public var colorsPrompt = true
  /// Whether mouse events are enabled.
  public var mouse: Bool
  /// Whether the terminal may have a clipboard that text can be sent to.
  public var hasClipboard = true
  /// The folder that `~` stands for.
  public var home: String?
  /// Prompts sent in earlier sessions, oldest first.
  public var history: [TabID: [String]]
  /// The prompts of an earlier session that ended unexpectedly, used as initial prompts.
  public var drafts: [TabID: String] = [:]

  /// Creates settings; parameters have the documented defaults.
  public init(
    themes: [Theme] = [], theme: String = "", keys: [String: [String]] = [:], sampling: SamplingSettings? = nil,
    maxTokens: Int = Limits.defaultTokens, beams: Int = Limits.defaultBeams, seed: UInt64 = 7,
    heat: HeatMeasure = .probability,
    heatKind: HeatScale.Kind = .sequential, mouse: Bool = false,
    history: [TabID: [String]] = [:], drafts: [TabID: String] = [:]
  ) {
    self.themes = themes
    self.theme = theme
    self.keys = keys
    self.sampling = sampling
    self.maxTokens = maxTokens
    self.beams = beams
    self.seed = seed
    self.heat = heat
    self.heatKind = heatKind
    self.mouse = mouse
    self.history = history
    self.drafts = drafts
  }
}
