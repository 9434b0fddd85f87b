import EngineAPI
import Sampling

/// What the user's configuration file says. A value that the file leaves out, or gets wrong, is `nil` or empty: the
/// default holds.
public struct Configuration: Sendable, Equatable {
  /// The theme's name.
  public var theme: String?
  /// When colours are used.
  public var color: ColorChoice?
  /// Whether the mouse is followed.
  public var mouse: Bool?
  /// What the colour of a token stands for: `probability`, `rank` or `surprise`.
  public var heat: String?
  /// The scale of that colour: `sequential` or `diverging`.
  public var heatScale: String?
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
