import Checkpoints
import Tensors
import Terms

/// Opens models.
public enum ModelLoader {
  /// Opens a model: reads `config.json`, finds the architecture by its `model_type`, checks that all weights are
  /// present in the right shapes, and packs them.
  ///
  /// Takes time and memory in proportion to the weights; file pages are released as soon as they are packed. Weights
  /// that the folder stores packed are copied unchanged.
  /// - Parameters:
  ///   - folder: the folder's path.
  ///   - format: the number format of the packed weights; `nil` means the folder's own format if its weights are stored
  ///     packed, otherwise f32.
  ///   - cache: the storage format of keys and values.
  ///   - progress: called with the fraction of the weights packed so far, 0…1.
  /// - Throws: ``ModelError``; one error lists all missing and misshapen tensors.
  public static func open(
    folder: String, format: NumberFormat? = nil, cache: CacheFormat = .f32,
    progress: @escaping (Double) -> Void = { _ in }
  ) throws(ModelError) -> OpenedModel {
    try open(ModelSource(folder: folder), format: format, cache: cache, progress: progress)
  }

  /// Opens a model from any source. See ``open(folder:format:cache:progress:)``.
  public static func open(
    _ source: ModelSource, format: NumberFormat? = nil, cache: CacheFormat = .f32,
    progress: @escaping (Double) -> Void = { _ in }
  ) throws(ModelError) -> OpenedModel {
    let plan = try ModelPlan(source)
    let store = try source.tensors()
    let format = try plan.format(format, of: store)
    let (checked, memory) = try plan.checkWithMemory(store)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    let model = try plan.load(
      store, format: format, cache: cache, totalBytes: checked.byteCount, progress: progress)
    // A file that was truncated in the meantime reads as zeros, so check again.
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    return OpenedModel(
      model: model, format: format,
      description: ModelDescription(plan, store, parameterCount: checked.elementCount, memory),
      generation: try plan.generation())
  }
}

/// An open model with its description and decoding defaults.
public struct OpenedModel: Sendable {
  /// The model itself, by family.
  public let model: AnyLanguageModel
  /// The number format of its weights.
  public let format: NumberFormat
  /// The folder's description, known without reading weights.
  public let description: ModelDescription
  /// The decoding defaults of `generation_config.json` and `config.json`.
  public let generation: GenerationConfiguration
}

/// What is known about a model without reading weights: from its configuration and the headers of its files.
public struct ModelDescription: Sendable, Equatable {
  /// The folder or file.
  public let path: String
  /// `model_type` of `config.json`: `gpt2`, `bert`, `t5`, or one that is not supported.
  public let architecture: String
  /// The model's family; `nil` if the architecture is not supported.
  public let family: ModelFamily?
  /// The maximum number of tokens of a sequence; `nil` if there is no limit or it is not known.
  public let contextLength: Int?
  /// The number of weights; tied weights count once. For an unsupported architecture, the elements of all
  /// floating-point tensors.
  public let parameterCount: Int
  /// The most frequent element type of the stored weights (`f32`, `bf16`); for packed weights, their number format.
  public let dtype: String
  /// The size of the weight files, in bytes.
  public let byteCount: Int
  /// What the model takes in memory; `nil` for an unsupported architecture.
  public let memory: MemoryEstimate?

  /// Describes a folder.
  /// - Throws: ``ModelError`` if it is not a model folder, or its configuration or files are invalid. An unsupported
  ///   architecture is not an error here.
  public init(folder: String) throws(ModelError) { try self.init(ModelSource(folder: folder)) }

  /// Describes a source.
  /// - Throws: as ``init(folder:)``.
  public init(_ source: ModelSource) throws(ModelError) {
    let name = try ModelPlan.architectureName(source.configuration)
    guard Architectures.named(name) != nil else {
      self.init(try source.tensors(), architecture: name, family: nil, contextLength: nil, parameterCount: nil)
      return
    }
    let plan = try ModelPlan(source)
    let store = try source.tensors()
    let (checked, memory) = try plan.checkWithMemory(store)
    self.init(plan, store, parameterCount: checked.elementCount, memory)
  }

  init(_ plan: ModelPlan, _ store: any TensorStore, parameterCount: Int, _ memory: MemoryEstimate) {
    self.init(
      store, architecture: plan.architecture.name, family: plan.family,
      contextLength: plan.contextLength, parameterCount: parameterCount, memory: memory)
  }

  private init(
    _ store: any TensorStore, architecture: String, family: ModelFamily?, contextLength: Int?,
    parameterCount: Int?, memory: MemoryEstimate? = nil
  ) {
    let counts = store.elementCounts
    path = store.location
    self.architecture = architecture
    self.family = family
    self.contextLength = contextLength
    self.parameterCount = parameterCount ?? counts.filter { Self.isFloat($0.key) }.values.reduce(0, +)
    dtype =
      store.packedFormat?.rawValue ?? counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "none"
    byteCount = store.byteCount
    self.memory = memory
  }

  /// Whether elements of a type can be weights: floating-point numbers and blocks, but not integers.
  private static func isFloat(_ type: String) -> Bool {
    !["i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8", "bool"].contains(type)
  }
}
