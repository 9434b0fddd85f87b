import Checkpoints
import Tensors
import Terms

/// A model whose weights can be opened in several number formats, also with single matrices in another one.
public struct MixedFormats {
  private let plan: ModelPlan
  private let store: any TensorStore
  private let bytes: Int

  /// Reads the configuration at a path and checks the weights.
  /// - Throws: ``ModelError``, as when opening the model.
  public init(path: String) throws(ModelError) {
    plan = try ModelPlan(ModelSource(path: path))
    store = try plan.source.tensors()
    bytes = try plan.check(store).byteCount
  }

  /// Opens the model.
  /// - Parameters:
  ///   - format: the number format; `nil` for the file's own.
  ///   - exceptions: the formats of single matrices, by name.
  /// - Returns: the model, and the names of its matrices in the order in which they were loaded.
  /// - Throws: ``ModelError``; one for weights that are stored packed, which have one format only.
  public func open(
    _ format: NumberFormat?, except exceptions: [String: NumberFormat] = [:]
  ) throws(ModelError) -> (model: AnyLanguageModel, matrices: [String]) {
    let formats = MatrixFormats(exceptions)
    let model = try plan.load(
      store, format: try plan.format(format, of: store), totalBytes: bytes, formats: formats)
    // A file that was truncated in the meantime reads as zeros.
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    return (model, formats.names)
  }
}
