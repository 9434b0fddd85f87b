/// The role of writing models in other number formats.
public protocol Quantizing: Engine {
  /// Writes a model into a folder that opens in the given number format without conversion. Afterwards the folder is
  /// complete, or as it was before.
  func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult
}

/// A model to be written into a folder that opens without conversion.
public struct QuantizeRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// The number format to write.
  public var format: NumberFormat
  /// The path of the folder to make.
  public var output: String
  /// Whether a model folder that stands there is replaced.
  public var replaces: Bool

  /// A request.
  public init(model: ModelReference, format: NumberFormat, output: String, replaces: Bool = false) {
    self.model = model
    self.format = format
    self.output = output
    self.replaces = replaces
  }
}

/// What was written.
public struct QuantizeResult: Sendable, Hashable {
  /// The number format of the weights.
  public var format: NumberFormat
  /// Bytes of the weights that were written.
  public var bytes: Int
  /// Bytes of the weight files that were read.
  public var sourceBytes: Int
  /// The path of the folder.
  public var path: String

  /// A result.
  public init(format: NumberFormat, bytes: Int, sourceBytes: Int, path: String) {
    self.format = format
    self.bytes = bytes
    self.sourceBytes = sourceBytes
    self.path = path
  }
}
