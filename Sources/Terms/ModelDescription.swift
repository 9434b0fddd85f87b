/// The maximum length of a model's input.
public enum ContextLength: Sendable, Hashable {
  /// At most this many tokens.
  case tokens(Int)
  /// No limit (T5's relative positions).
  case unlimited
  /// Not known to the engine.
  case unknown

  /// A limit in tokens; `nil` for no limit.
  public init(_ limit: Int?) { self = limit.map(ContextLength.tokens) ?? .unlimited }

  /// The limit in tokens; `nil` if there is none or it is unknown.
  public var limit: Int? { if case .tokens(let limit) = self { limit } else { nil } }
}

/// What is known about a model without reading its weights: from its configuration and the headers of its files.
public struct ModelDescription: Sendable, Hashable {
  /// `model_type` in the configuration: `gpt2`, `bert`, `t5`, or one that is not supported; empty if it cannot be read.
  public var architecture: String
  /// The family of the model; `nil` if the architecture is not supported.
  public var family: ModelFamily?
  /// The maximum input length.
  public var context: ContextLength
  /// The number of weights; tied weights count once. For an unsupported architecture, the elements of all
  /// floating-point tensors. `nil` if the engine does not know it.
  public var parameters: Int?
  /// The most frequent element type of the stored weights (`f32`, `bf16`); for packed weights, their number format.
  /// `nil` if the engine does not know it.
  public var dtype: String?
  /// The size of the weight files in bytes; `nil` if the engine does not know it.
  public var bytes: Int?
  /// The memory that the model takes; `nil` if the engine does not know it, or for an unsupported architecture.
  public var memory: MemoryEstimate?

  /// A description with these values.
  public init(
    architecture: String, family: ModelFamily?, context: ContextLength, parameters: Int? = nil, dtype: String? = nil,
    bytes: Int? = nil, memory: MemoryEstimate? = nil
  ) {
    self.architecture = architecture
    self.family = family
    self.context = context
    self.parameters = parameters
    self.dtype = dtype
    self.bytes = bytes
    self.memory = memory
  }
}
