import EngineAPI
import Sampling
import TerminalUI

/// What a person's configuration says; the runtime makes it of files, environment and command line.
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
  /// The longest completion, in tokens, where the model's own configuration is silent.
  public var maxTokens: Int
  /// Beams of a translation, where the model's own configuration is silent.
  public var beams: Int
  /// The seed of the first stream.
  public var seed: UInt64
  /// What the colors of tokens stand for at first.
  public var heat: HeatMeasure
  /// The scale of these colors at first.
  public var heatKind: HeatScale.Kind
  /// Whether the tokens of a prompt are colored at first, as those of a stream are.
  public var colorsPrompt = true
  /// Whether the mouse is followed.
  public var mouse: Bool
  /// Whether the terminal may have a clipboard that text can be sent to.
  public var hasClipboard = true
  /// The folder that `~` stands for.
  public var home: String?
  /// Prompts sent in earlier sessions, oldest first.
  public var history: [TabID: [String]]
  /// What stood in the prompts when an earlier session was cut off: the prompts begin with it.
  public var drafts: [TabID: String] = [:]

  /// Settings with the defaults of the contract.
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
