import EngineAPI
import Sampling

/// What the user's configuration file says. A value that the file leaves out, or gets wrong, is `nil` or empty: the default holds.
public struct Configuration: Sendable, Equatable {
  /// The theme's name.
  public var theme: String?
  /// When colours are used.
  public var color: ColorChoice?
  /// Whether the mouse is followed.
  public var mouse: Bool?
  /// What the colour of a token stands for: `probability`, `rank` or `surprise`.
  public var heat: String?
  /// The keys of actions.
  public var keys: [KeySetting] = []
  /// The model of each task, by the task's name: `generate`, `fill-mask`, `translate`.
  public var models: [String: ModelReference] = [:]
  /// The sampler settings, the neutral ones changed by what the file says; `nil` where it says nothing.
  public var sampling: SamplingSettings?
  /// The longest completion, in tokens.
  public var maxTokens: Int?
  /// The beams of a translation.
  public var beams: Int?
  /// The seed of the first stream.
  public var seed: UInt64?
  /// How many threads compute.
  public var threads: Int?

  /// The configuration of an empty file.
  public init() {}
}

/// When colours are used.
public enum ColorChoice: String, Sendable, Hashable, CaseIterable {
  /// Where the terminal has them and `NO_COLOR` is not set.
  case auto
  /// Always.
  case always
  /// Never.
  case never
}

/// The keys that the file gives to an action. Whether action and keys exist is for the app to say, hence the place.
public struct KeySetting: Sendable, Hashable {
  /// The action's name.
  public var action: String
  /// The keys; none means that the action has no key.
  public var keys: [String]
  /// Where the file says so.
  public var place: ConfigurationPlace

  /// A setting at a place.
  public init(action: String, keys: [String], place: ConfigurationPlace) {
    self.action = action
    self.keys = keys
    self.place = place
  }
}
