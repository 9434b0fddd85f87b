import Checkpoints
import JSONText
import Tensors

/// A model on its way into a folder that opens without packing: everything in memory is as it will be on the disk.
public struct ModelPacker: Sendable {
  /// What the folder that is read says about itself.
  public let source: ModelDescription
  /// The number format of the matrices.
  public let format: NumberFormat
  private let weights: PackedWeights
  private let configuration: JSONObject
  private let store: any TensorStore

  /// The file of weights.
  public static let weightsFile = "model.safetensors"
  /// The file of the configuration.
  public static let configurationFile = ModelSource.configurationFile

  /// Reads a model and packs its weights.
  ///
  /// Takes the memory of the packed weights; the files' own pages are given back as packing goes.
  /// - Parameter progress: hears the share of the weights that has been packed, 0…1.
  /// - Throws: ``ModelError``, as opening the folder in this format does.
  public init(
    folder: String, format: NumberFormat, progress: @escaping (Double) -> Void
  ) throws(ModelError) {
    let plan = try ModelPlan(ModelSource(folder: folder))
    let store = try plan.source.tensors()
    let checked = try plan.check(store)
    self.format = try plan.format(format, of: store)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    let recorder = WeightRecorder(format: format)
    _ = try plan.load(
      store, format: format, totalBytes: checked.byteCount, recorder: recorder, progress: progress)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    self.store = store
    source = ModelDescription(plan, store, parameterCount: checked.elementCount)
    weights = recorder.weights
    configuration = plan.source.configuration.members
  }

  /// Writes the weights into a folder.
  /// - Parameter goesOn: hears the share that is written, and says whether to go on.
  /// - Returns: whether the file is whole; `false` where it was not to go on.
  public func writeWeights(to folder: String, goesOn: (Double) -> Bool) throws(ModelError) -> Bool {
    do throws(CheckpointError) {
      let isWhole = try weights.write(to: folder + "/" + Self.weightsFile, goesOn: goesOn)
      // Tensors that are not packed are written from the files as they lie.
      try store.checkUnchanged()
      return isWhole
    } catch {
      // The system calls lost bytes of a source a bad address of the target.
      try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
      throw .checkpoint(error)
    }
  }

  /// The text of the folder's `config.json`: that of the source, with the format named where other programs look for it
  /// before they take the weights for ordinary ones.
  public var configurationText: String {
    var members = configuration
    members[ModelPlan.quantizationKey] = [
      "quant_method": JSONValue(ModelPlan.quantizationMethod), "dtype": JSONValue(format.rawValue),
      "block": .integer(format.blockInputs), "version": .integer(PackedMatrix.arrangement),
    ]
    return JSONValue.object(members).serialized(pretty: true) + "\n"
  }
}

/// Collects what a model is made of while it is loaded, so that it can be written with its matrices packed.
final class WeightRecorder {
  private(set) var weights: PackedWeights

  init(format: NumberFormat) { weights = PackedWeights(format: format) }

  func add(_ name: String?, _ matrix: PackedMatrix) {
    if let name { weights.add(name, matrix) }
  }

  func add(_ name: String?, _ tensor: StoredTensor) {
    if let name { weights.add(name, tensor) }
  }
}
