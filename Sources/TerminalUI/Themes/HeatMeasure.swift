/// What the color of a token stands for, by its name in the configuration file.
public enum HeatMeasure: String, Sendable, Hashable, CaseIterable {
  /// The probability that the model gave it.
  case probability
  /// Its place in the model's distribution.
  case rank
  /// The bits of information in it: −log₂ of its probability.
  case surprise
}
