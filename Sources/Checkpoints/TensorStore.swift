import Tensors

/// The named tensors of a model in any container: a safetensors folder, a GGUF file, memory.
///
/// To add a container, write a type that conforms to this protocol and add a line to ``WeightContainer/all``.
public protocol TensorStore: Sendable {
  /// The path of the folder or file, for error messages.
  var location: String { get }

  /// The names of the tensors, sorted.
  var names: [String] { get }

  /// The size of the whole store including headers, in bytes.
  var byteCount: Int { get }

  /// The number format of the matrices if they are stored as packed panels; `nil` if all tensors are ordinary ones.
  var packedFormat: NumberFormat? { get }

  /// The layout of all layer matrices, if the container has a single one; `nil` if it depends on the architecture.
  var matrixLayout: WeightLayout? { get }

  /// The number format to open the weights in if they are not packed and no format is requested.
  var ownFormat: NumberFormat { get }

  /// Whether norms are stored as they are applied, in architectures whose own files store their weights minus 1.
  var holdsWholeNorms: Bool { get }

  /// A tensor's type, shape and size, without reading it; `nil` if there is no tensor of this name.
  func entry(_ name: String) -> TensorEntry?

  /// A range of a tensor's bytes.
  /// - Parameter range: in bytes, counted from the tensor's first byte.
  /// - Returns: the bytes; `nil` if there is no such tensor or the range is outside it.
  func bytes(of name: String, _ range: Range<Int>) -> StoredBytes?

  /// Throws if the store has changed since it was opened.
  /// - Throws: ``CheckpointError/fileChanged(path:expected:found:)``.
  func checkUnchanged() throws(CheckpointError)
}

extension TensorStore {
  /// The default: ordinary tensors only.
  public var packedFormat: NumberFormat? { nil }

  /// The default: single precision.
  public var ownFormat: NumberFormat { .f32 }

  /// The default: the layout of each architecture's files.
  public var matrixLayout: WeightLayout? { nil }

  /// The default: as the architecture's own files.
  public var holdsWholeNorms: Bool { false }

  /// The default: does nothing, as for a store in memory, which cannot change.
  public func checkUnchanged() throws(CheckpointError) {}

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { entry(name) != nil }

  /// The tensor of this name; `nil` if there is none or its element type is not supported.
  public subscript(name: String) -> StoredTensor? {
    guard let entry = entry(name), let type = entry.layout.elementType,
      let stored = bytes(of: name, 0..<entry.byteCount)
    else { return nil }
    return try? StoredTensor(
      type: type, shape: entry.shape, bytes: stored.bytes, owner: stored.owner, rowOrder: entry.rowOrder)
  }

  /// The number of elements by element type, in lower case: `["bf16": 124439808]`.
  public var elementCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for entry in names.lazy.compactMap(entry) {
      counts[entry.layout.name.lowercased(), default: 0] += entry.elementCount
    }
    return counts
  }
}

/// The type, shape and size of a stored tensor.
public struct TensorEntry: Sendable, Equatable {
  /// The shape, outermost axis first. For packed panels: `[panels, elements per panel]`.
  public let shape: [Int]
  /// The layout of its elements.
  public let layout: ElementLayout
  /// The size in the store, in bytes.
  public let byteCount: Int
  /// Outputs and inputs of a matrix stored as packed panels; `nil` for an ordinary tensor.
  public let panels: MatrixSize?
  /// The stored order of the rows (steps along the first axis).
  public var rowOrder = RowOrder.plain

  /// Creates an entry.
  public init(shape: [Int], layout: ElementLayout, byteCount: Int, panels: MatrixSize? = nil) {
    self.shape = shape
    self.layout = layout
    self.byteCount = byteCount
    self.panels = panels
  }

  /// Outputs and inputs of an ordinary tensor of two axes, in the order of the axes; `nil` for others.
  public var matrix: MatrixSize? {
    shape.count == 2 && panels == nil ? MatrixSize(outputs: shape[0], inputs: shape[1]) : nil
  }

  /// The number of elements.
  public var elementCount: Int { byteCount / layout.bytes * layout.elements }
}

/// The size and element type of a stored weight matrix, without its values.
public struct StoredMatrix: Sendable, Hashable {
  /// The size.
  public let size: MatrixSize
  /// The type of its elements; for packed panels, as the file has them.
  public let type: ElementType
}

/// The size of a weight matrix.
public struct MatrixSize: Sendable, Hashable {
  /// The number of outputs.
  public let outputs: Int
  /// The number of inputs.
  public let inputs: Int

  /// Creates a size.
  public init(outputs: Int, inputs: Int) {
    self.outputs = outputs
    self.inputs = inputs
  }
}

/// Bytes of a store, with the owner that keeps them valid.
///
/// `Sendable` although it contains a pointer, because the bytes are never written.
public struct StoredBytes: @unchecked Sendable {
  /// The bytes, valid as long as the owner lives.
  public let bytes: UnsafeRawBufferPointer
  /// Keeps the bytes valid.
  public let owner: any StoredBytesOwner

  /// Creates bytes with their owner.
  public init(_ bytes: UnsafeRawBufferPointer, owner: any StoredBytesOwner) {
    self.bytes = bytes
    self.owner = owner
  }

  /// A range of the bytes; `nil` if it is out of bounds.
  public subscript(range: Range<Int>) -> StoredBytes? {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
    return StoredBytes(UnsafeRawBufferPointer(rebasing: bytes[range]), owner: owner)
  }
}

/// A container format for weights: how a folder with such a file is recognized and opened.
public struct WeightContainer: Sendable {
  /// The names of the files that it looks for, for error messages. Weights have one of `WeightFileNames.endings`.
  public let files: [String]
  /// Opens the weights of a folder; returns `nil` if the folder has no file of this kind.
  public let open: @Sendable (_ folder: String) throws(CheckpointError) -> (any TensorStore)?

  /// Creates a container with the names of its files and the function that opens them.
  public init(
    files: [String], open: @escaping @Sendable (_ folder: String) throws(CheckpointError) -> (any TensorStore)?
  ) {
    self.files = files
    self.open = open
  }

  /// The supported containers, the preferred one first.
  public static let all = [safetensors]

  /// Opens the weights of a folder with the first container that finds a file of its kind.
  /// - Throws: ``CheckpointError`` if there is no such folder, it has no weights, or they are invalid.
  public static func open(
    folder: String, among containers: [WeightContainer] = all
  ) throws(CheckpointError) -> any TensorStore {
    try checkFolder(folder)
    for container in containers {
      if let store = try container.open(folder) { return store }
    }
    throw .weightsNotFound(folder: folder, instead: foreignFiles.first { fileExists(folder + "/" + $0) })
  }

  /// Weight files that no container reads. The error names them if the folder has no others.
  private static let foreignFiles = [
    "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.ckpt.index",
  ]
}
