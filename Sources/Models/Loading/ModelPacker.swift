import Checkpoints
import JSONText
import Tensors

/// A model whose weights have been packed in memory, ready to be written to a folder that opens without packing.
public struct ModelPacker: Sendable {
  /// The description of the original folder.
  public let source: ModelDescription
  /// The number format of the matrices.
  public let format: NumberFormat
  private let weights: PackedWeights
  private let configuration: JSONObject
  private let store: any TensorStore

  /// The name of the weight file.
  public static let weightsFile = "model.safetensors"
  /// The name of the configuration file.
  public static let configurationFile = ModelSource.configurationFile

  /// Reads a model and packs its weights.
  ///
  /// Needs memory for the packed weights; file pages are released as soon as they are packed.
  /// - Parameters:
  ///   - format: one of ``NumberFormat/uniform``.
  ///   - progress: called with the fraction of the weights packed so far, 0…1.
  /// - Throws: ``ModelError``, as when opening the folder in this format.
  public init(
    folder: String, format: NumberFormat, progress: @escaping (Double) -> Void
  ) throws(ModelError) {
    let plan = try ModelPlan(ModelSource(folder: folder))
    let store = try plan.source.tensors()
    let (checked, memory) = try plan.checkWithMemory(store)
    self.format = try plan.format(format, of: store)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    let recorder = WeightRecorder(format: format)
    _ = try plan.load(
      store, format: format, totalBytes: checked.byteCount, recorder: recorder, progress: progress)
    try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
    self.store = store
    source = ModelDescription(plan, store, parameters: checked.elementCount, memory)
    weights = recorder.weights
    configuration = plan.source.configuration.members
  }

  /// Writes the weight file into a folder.
  /// - Parameter shouldContinue: called with the fraction written so far; returns whether to continue.
  /// - Returns: whether the file is complete; `false` if `shouldContinue` stopped the writing.
  public func writeWeights(to folder: String, shouldContinue: (Double) -> Bool) throws(ModelError) -> Bool {
    do throws(CheckpointError) {
      let isWhole = try weights.write(to: folder + "/" + Self.weightsFile, shouldContinue: shouldContinue)
      // Tensors that are not packed are written from the mapped files, so check those.
      try store.checkUnchanged()
      return isWhole
    } catch {
      // If a source file was truncated, `write` fails with EFAULT. Report the truncated source instead.
      try mapErrors { () throws(CheckpointError) in try store.checkUnchanged() }
      throw .checkpoint(error)
    }
  }

  /// The text of the folder's `config.json`: the original's, with a `quantization_config` that names the format, so
  /// that other programs do not read the weights as ordinary tensors.
  public var configurationText: String {
    var members = configuration
    members[ModelPlan.quantizationKey] = [
      "quant_method": JSONValue(ModelPlan.quantizationMethod), "dtype": JSONValue(format.rawValue),
      "block": .integer(format.blockInputs), "version": .integer(PackedMatrix.arrangement),
    ]
    return JSONValue.object(members).serialized(pretty: true) + "\n"
  }
}
