import Checkpoints
import JSONText
import Sampling
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
  ///   - format: the number format of the packed weights; `nil` means the format of stored panels, `stored` for a GGUF
  ///     file with types that panels hold unchanged, otherwise f32.
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
      description: ModelDescription(plan, store, parameters: checked.elementCount, memory),
      generation: try plan.generation(), source: source)
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
  private let source: ModelSource

  init(
    model: AnyLanguageModel, format: NumberFormat, description: ModelDescription, generation: GenerationConfiguration,
    source: ModelSource
  ) {
    self.model = model
    self.format = format
    self.description = description
    self.generation = generation
    self.source = source
  }

  /// The same model with changes in every forward pass.
  public func changed(by changes: PassChanges) -> OpenedModel {
    OpenedModel(
      model: model.changed(by: changes), format: format, description: description, generation: generation,
      source: source)
  }

  /// The decoding defaults for an entry of `task_specific_params`: those of the model's files, overridden by the
  /// entry's values.
  /// - Returns: the defaults, and the keys of the entry without effect.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)`` for a wrong value.
  public func decoding(
    for task: TaskDefaults
  ) throws(ModelError) -> (decoding: DecodingDefaults, withoutEffect: [String]) {
    let key = "task_specific_params"
    var members = (source.generation ?? source.configuration).members
    for member in source.configuration.members[key]?[task.name]?.object?.members ?? [] {
      members.setValue(member.value, forKey: member.key)
    }
    let file = try ConfigurationReader(.object(members), path: "\(source.configuration.path), \(key).\(task.name)")
    let (decoding, leftOut) = try GenerationReader(file: file).decoding()
    return (decoding, task.otherKeys.filter { !GenerationKey.concernsDecoding($0) || leftOut.contains($0) })
  }
}
