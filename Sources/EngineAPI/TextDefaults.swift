import Sampling

/// The user's settings for new texts, used if neither the request nor the model's files override them.
public struct TextDefaults: Sendable, Hashable {
  /// Sampler settings in place of a model's own; `nil` for the model's.
  public var sampling: SamplingSettings?
  /// The maximum length of a completion, in tokens.
  public var maxTokens: Int
  /// The number of beams of a translation.
  public var beams: Int
  /// The seed of the first stream.
  public var seed: UInt64
  /// Sampler settings by name, in the order of the configuration file.
  public var presets: [SamplerPreset] = []

  /// Settings of these values.
  public init(
    sampling: SamplingSettings? = nil, maxTokens: Int = Limits.defaultTokens, beams: Int = Limits.defaultBeams,
    seed: UInt64 = 7
  ) {
    self.sampling = sampling
    self.maxTokens = maxTokens
    self.beams = beams
    self.seed = seed
  }
}

/// Sampler settings with a name.
public struct SamplerPreset: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The chain. What it does not set is neutral, whatever a model's files say.
  public var settings: SamplingSettings

  /// Settings with a name.
  public init(_ name: String, _ settings: SamplingSettings) {
    self.name = name
    self.settings = settings
  }

  /// The longest name, in characters.
  public static let longestName = 40

  /// Whether a text can be a name: letters, digits, spaces, dots, dashes and underscores, with a letter or digit at
  /// both ends.
  public static func isName(_ text: String) -> Bool {
    let isWord = { (character: Character) in character.isLetter || character.isNumber }
    guard text.count <= longestName, let first = text.first, let last = text.last else { return false }
    return isWord(first) && isWord(last) && text.allSatisfy { isWord($0) || " .-_".contains($0) }
  }
}
