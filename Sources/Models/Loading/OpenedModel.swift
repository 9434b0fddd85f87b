import Tensors

/// A model that is open, with what its folder says about it.
public struct OpenedModel: Sendable {
  /// The model itself, by family.
  public let model: AnyLanguageModel
  /// The number format of its weights.
  public let format: NumberFormat
  /// What the folder says without reading weights.
  public let description: ModelDescription
  /// What `generation_config.json` and `config.json` say about decoding.
  public let generation: GenerationConfiguration
}
