/// The role of converting models to other number formats.
public protocol Quantizing: Engine {
  /// Converts a model and writes it to a folder that opens without conversion. The folder is replaced atomically: on
  /// failure it is unchanged.
  func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult
}

/// A request to convert a model and write it to a folder.
public struct QuantizeRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// The number format to write.
  public var format: NumberFormat
  /// The path of the output folder.
  public var output: String
  /// True to replace an existing model folder at this path.
  public var replaces: Bool

  /// A request with these values.
  public init(model: ModelReference, format: NumberFormat, output: String, replaces: Bool = false) {
    self.model = model
    self.format = format
    self.output = output
    self.replaces = replaces
  }
}

/// The result of a conversion.
public struct QuantizeResult: Sendable, Hashable {
  /// The number format of the weights.
  public var format: NumberFormat
  /// Bytes of the weights written.
  public var bytes: Int
  /// Bytes of the weight files read.
  public var sourceBytes: Int
  /// The path of the output folder.
  public var path: String

  /// A result with these values.
  public init(format: NumberFormat, bytes: Int, sourceBytes: Int, path: String) {
    self.format = format
    self.bytes = bytes
    self.sourceBytes = sourceBytes
    self.path = path
  }
}
