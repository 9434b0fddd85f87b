import Sampling

/// The role of summarizing: finding the settings that a model's files have for summaries.
public protocol Summarizing: Engine {
  /// The settings with which an encoder-decoder model summarizes.
  ///
  /// The model's own settings, overridden by those of `task_specific_params.summarization`.
  /// - Parameter prefix: what to put before a text; `nil` for the model's own prefix.
  /// - Throws: an error of kind `.usage` if `prefix` is `nil` and the configuration lists tasks, but not that of
  ///   summaries.
  func summarySettings(prefix: String?, model: ModelReference) async throws(EngineError) -> SummarySettings
}

/// How a model summarizes a text.
public struct SummarySettings: Sendable, Hashable {
  /// What is put before the text.
  public var prefix: String
  /// Length, beams and sampler of a summary.
  public var decoding: DecodingDefaults
  /// The keys of the model's task that have no effect.
  public var keysWithoutEffect: [String]

  /// Settings of these values.
  public init(prefix: String, decoding: DecodingDefaults, keysWithoutEffect: [String] = []) {
    self.prefix = prefix
    self.decoding = decoding
    self.keysWithoutEffect = keysWithoutEffect
  }
}
