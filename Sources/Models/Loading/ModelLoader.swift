import Checkpoints
import Tensors

/// Opens models.
public enum ModelLoader {
  /// Opens a model: reads `config.json`, finds the architecture by its `model_type`, checks that all weights are there
  /// in the right shapes, and packs them.
  ///
  /// Takes time and memory in proportion to the weights; the files' own pages are given back as packing goes. Weights
  /// that lie packed in the folder are copied as they are.
  /// - Parameters:
  ///   - folder: the folder's path.
  ///   - format: the number format of the packed weights; `nil`: the folder's own where its weights lie packed, else
  ///     f32.
  ///   - cache: what the model's sequences keep keys and values as.
  ///   - progress: hears the share of the weights that has been packed, 0…1.
  /// - Throws: ``ModelError``, with all missing and misshapen tensors at once.
  public static func open(
    folder: String, format: NumberFormat? = nil, cache: KeyValueFormat = .f32,
    progress: @escaping (Double) -> Void = { _ in }
  ) throws(ModelError) -> OpenedModel {
    try open(ModelSource(folder: folder), format: format, cache: cache, progress: progress)
  }

  /// Opens a model of any source; the rest as ``open(folder:format:cache:progress:)``.
  public static func open(
    _ source: ModelSource, format: NumberFormat? = nil, cache: KeyValueFormat = .f32,
    progress: @escaping (Double) -> Void = { _ in }
  ) throws(ModelError) -> OpenedModel {
    let plan = try ModelPlan(source)
    let store = try source.tensors()
    let format = try plan.format(format, of: store)
    let checked = try plan.check(store)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    let model = try plan.load(
      store, format: format, cache: cache, totalBytes: checked.byteCount, progress: progress)
    // What was read of a file that was cut meanwhile is zeros.
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    return OpenedModel(
      model: model, format: format,
      description: ModelDescription(plan, store, parameterCount: checked.elementCount),
      generation: try plan.generation())
  }
}

/// Runs work on a checkpoint, its errors as this module's.
func mapErrors<R>(_ work: () throws(CheckpointError) -> R) throws(ModelError) -> R {
  do throws(CheckpointError) { return try work() } catch { throw .checkpoint(error) }
}

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
  public init(folder: String) throws(ModelError) { try self.init(ModelSource(folder: folder)) }

  /// Looks at a source.
  /// - Throws: as ``init(folder:)``.
  public init(_ source: ModelSource) throws(ModelError) {
    let name = try ModelPlan.architectureName(source.configuration)
    guard Architectures.named(name) != nil else {
      self.init(try source.tensors(), architecture: name, family: nil, contextLength: nil, parameterCount: nil)
      return
    }
    let plan = try ModelPlan(source)
    let store = try source.tensors()
    self.init(plan, store, parameterCount: try plan.check(store).elementCount)
  }

  init(_ plan: ModelPlan, _ store: any TensorStore, parameterCount: Int) {
    self.init(
      store, architecture: plan.architecture.name, family: plan.architecture.family,
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
