import Checkpoints
import Tensors
import Terms

/// A model in training: its parameters, and a way to build a model from their current values.
///
/// Models stay immutable during training. After parameters have changed, ``model()`` builds a new model; earlier ones
/// keep their values and can still generate text. A matrix is repacked only if its values have changed, and reuses the
/// memory of the previous model if that has been released.
public final class TrainableModel {
  /// The parameters by their names in the checkpoint.
  public let parameters = ParameterSet()
  private let plan: ModelPlan
  private let format: NumberFormat
  private let location: String

  /// Reads a model's weights as parameters.
  ///
  /// Holds the weights in memory twice: as f32 master values and as packed panels.
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

  /// Builds a model from the current values of the parameters.
  ///
  /// ``ParameterSet/parts(ofMemory:)`` refers to the newest model only.
  public func model() throws(ModelError) -> AnyLanguageModel {
    parameters.beginModel()
    let store = parameters.store(location: location)
    return try plan.load(store, format: format, totalBytes: store.byteCount, parameters: parameters)
  }
}
