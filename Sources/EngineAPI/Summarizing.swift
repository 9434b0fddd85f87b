import Sampling

/// The role of summarizing: how a model's files want a text to be summarized.
public protocol Summarizing: Engine {
  /// The settings with which an encoder-decoder model summarizes.
  ///
  /// They are the model's own, with the values of `task_specific_params.summarization` in their place.
  /// - Parameter prefix: what to put before a text; `nil` for the model's own prefix.
  /// - Throws: an error of kind `.usage` where `prefix` is `nil` and the model names its tasks, but none of summaries.
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
