import Checkpoints
import Tensors
import Terms

/// A model whose weights can be changed: the parameters, and a model of their values for the asking.
///
/// A model is an immutable value here too. After the parameters have been changed, ``model()`` makes the next one; the
/// one before stays as it was, so a person can talk to it meanwhile. A matrix is packed again only if its values have
/// changed, and in the same memory if the model before is gone.
public final class TrainableModel {
  /// The parameters by their names in the checkpoint.
  public let parameters = ParameterSet()
  private let plan: ModelPlan
  private let format: NumberFormat
  private let location: String

  /// Reads a model's weights as parameters.
  ///
  /// Takes the memory of the weights twice: master values in single precision, and panels.
  /// - Parameters:
  ///   - format: the number format of the panels that forward passes read.
  ///   - progress: receives the share of the weights that has been read, 0…1.
  /// - Throws: ``ModelError``; packed weights cannot be trained.
  public init(
    _ source: ModelSource, format: NumberFormat = .f32, progress: @escaping (Double) -> Void = { _ in }
  ) throws(ModelError) {
    plan = try ModelPlan(source)
    self.format = format
    let store = try source.tensors()
    location = store.location
    if let stored = store.packedFormat {
      throw .packedForInference(folder: source.path, stored: stored)
    }
    let format = try plan.format(format, of: store)
    let checked = try plan.check(store)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    _ = try plan.load(
      store, format: format, totalBytes: checked.byteCount, parameters: parameters, progress: progress)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
  }

  /// A model of the parameters' values as they are now.
  ///
  /// What ``ParameterSet`` says about matrices and tensors holds for the newest model.
  public func model() throws(ModelError) -> AnyLanguageModel {
    parameters.beginModel()
    let store = parameters.store(location: location)
    return try plan.load(store, format: format, totalBytes: store.byteCount, parameters: parameters)
  }
}
