import Checkpoints
import Tensors

/// Opens model folders in Hugging Face layout.
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
    let plan = try ArchitecturePlan(folder: folder)
    let store = try plan.store()
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
