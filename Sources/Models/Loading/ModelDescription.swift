import Checkpoints

/// What a model folder says about itself without a weight being read: its configuration and the headers of its files.
public struct ModelDescription: Sendable, Equatable {
  /// The folder.
  public let folder: String
  /// `model_type` of `config.json`: `gpt2`, `bert`, `t5`, or one that is not supported.
  public let architecture: String
  /// What the model is for; `nil` where the architecture is not supported.
  public let family: ArchitectureFamily?
  /// The longest sequence, or `nil` where there is no such limit or it is not known.
  public let contextLength: Int?
  /// The number of weights, tied ones counted once; of architectures that are not supported, of all floating-point
  /// tensors.
  public let parameterCount: Int
  /// The element type that most weights are stored in: `f32`, `bf16`; of packed weights their number format.
  public let dtype: String
  /// Bytes of the weight files.
  public let byteCount: Int

  /// Looks at a folder.
  /// - Throws: ``ModelError`` when it is no model folder, or its configuration or files are wrong. An architecture that
  ///   is not supported is no error here.
  public init(folder: String) throws(ModelError) {
    let file = try ArchitecturePlan.configuration(folder: folder)
    let name = try ArchitecturePlan.architectureName(file)
    guard Architecture(rawValue: name) != nil else {
      let store = try mapErrors { () throws(CheckpointError) in try WeightContainer.open(folder: folder) }
      self.init(store, architecture: name, family: nil, contextLength: nil, parameterCount: nil)
      return
    }
    let plan = try ArchitecturePlan(folder: folder)
    let store = try plan.store()
    self.init(plan, store, parameterCount: try plan.check(store).elementCount)
  }

  init(_ plan: ArchitecturePlan, _ store: any TensorStore, parameterCount: Int) {
    self.init(
      store, architecture: plan.architecture.rawValue, family: plan.architecture.family,
      contextLength: plan.contextLength, parameterCount: parameterCount)
  }

  private init(
    _ store: any TensorStore, architecture: String, family: ArchitectureFamily?, contextLength: Int?,
    parameterCount: Int?
  ) {
    let counts = store.elementCounts
    folder = store.location
    self.architecture = architecture
    self.family = family
    self.contextLength = contextLength
    self.parameterCount = parameterCount ?? counts.filter { Self.isFloat($0.key) }.values.reduce(0, +)
    dtype =
      store.packedFormat?.rawValue ?? counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "none"
    byteCount = store.byteCount
  }

  private static func isFloat(_ type: String) -> Bool { type.hasPrefix("f") || type.hasPrefix("bf") }
}
