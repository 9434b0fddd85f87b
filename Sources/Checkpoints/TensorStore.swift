import Tensors

/// The named tensors of a model, whatever container they lie in: a safetensors folder, a GGUF file, memory.
///
/// A container is added as a type that conforms to this protocol and a line in ``WeightContainer/all``.
public protocol TensorStore: Sendable {
  /// Where the tensors lie, for messages: the path of a folder or file.
  var location: String { get }

  /// The tensors' names, sorted.
  var names: [String] { get }

  /// Bytes of the whole store, headers included.
  var byteCount: Int { get }

  /// The number format of the matrices where they lie packed in panels; `nil` where all tensors are ordinary ones.
  var packedFormat: NumberFormat? { get }

  /// What the store says about a tensor, without reading it; `nil` where there is none of this name.
  func entry(_ name: String) -> TensorEntry?

  /// A part of a tensor's bytes.
  /// - Parameter range: in bytes, counted from the tensor's first.
  /// - Returns: the bytes; `nil` where there is no such tensor, or the range leaves it.
  func bytes(of name: String, _ range: Range<Int>) -> StoredBytes?

  /// Makes sure that what was read is what the store held when it was opened.
  /// - Throws: ``CheckpointError/fileChanged(path:expected:found:)``.
  func checkUnchanged() throws(CheckpointError)
}

extension TensorStore {
  /// Ordinary tensors only.
  public var packedFormat: NumberFormat? { nil }

  /// Does nothing: the bytes of a store in memory cannot change.
  public func checkUnchanged() throws(CheckpointError) {}

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { entry(name) != nil }

  /// The tensor of this name; `nil` where there is none, or the engine cannot convert its elements.
  public subscript(name: String) -> StoredTensor? {
    guard let entry = entry(name), let type = entry.layout.elementType,
      let stored = bytes(of: name, 0..<entry.byteCount)
    else { return nil }
    return try? StoredTensor(type: type, shape: entry.shape, bytes: stored.bytes, owner: stored.owner)
  }

  /// The number of elements in each element type, by its name in lower case: `["bf16": 124439808]`.
  public var elementCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for entry in names.lazy.compactMap(entry) {
      counts[entry.layout.name.lowercased(), default: 0] += entry.elementCount
    }
    return counts
  }
}

/// What a store says about one tensor.
public struct TensorEntry: Sendable, Equatable {
  /// The shape, outermost axis first. Of panels: `[panels, elements of a panel]`.
  public let shape: [Int]
  /// How its elements lie.
  public let layout: ElementLayout
  /// Bytes that it takes in the store.
  public let byteCount: Int
  /// Outputs and inputs of a matrix that lies packed in panels; `nil` for an ordinary tensor.
  public let panels: MatrixSize?

  /// An entry of a tensor.
  public init(shape: [Int], layout: ElementLayout, byteCount: Int, panels: MatrixSize? = nil) {
    self.shape = shape
    self.layout = layout
    self.byteCount = byteCount
    self.panels = panels
  }

  /// The number of elements.
  public var elementCount: Int { byteCount / layout.bytes * layout.elements }
}

/// The size of a weight matrix.
public struct MatrixSize: Sendable, Hashable {
  /// Numbers that a product with it gives for each row.
  public let outputs: Int
  /// Numbers that it takes for each row.
  public let inputs: Int

  /// A size.
  public init(outputs: Int, inputs: Int) {
    self.outputs = outputs
    self.inputs = inputs
  }
}

/// Bytes of a store, and what keeps them valid.
///
/// Sendable although it holds a pointer: the bytes are never written.
public struct StoredBytes: @unchecked Sendable {
  /// The bytes, valid as long as the owner lives.
  public let bytes: UnsafeRawBufferPointer
  /// Keeps them valid.
  public let owner: any StoredBytesOwner

  /// Bytes of an owner.
  public init(_ bytes: UnsafeRawBufferPointer, owner: any StoredBytesOwner) {
    self.bytes = bytes
    self.owner = owner
  }

  /// A part of them; `nil` where the range leaves them.
  public subscript(range: Range<Int>) -> StoredBytes? {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
    return StoredBytes(UnsafeRawBufferPointer(rebasing: bytes[range]), owner: owner)
  }
}

/// A kind of file that weights may lie in: how a folder that holds it is recognized and opened.
public struct WeightContainer: Sendable {
  /// Opens the weights of a folder; `nil` where the folder holds no file of this kind.
  public let open: @Sendable (_ folder: String) throws(CheckpointError) -> (any TensorStore)?

  /// A container that is opened by this function.
  public init(open: @escaping @Sendable (_ folder: String) throws(CheckpointError) -> (any TensorStore)?) {
    self.open = open
  }

  /// The containers that are built in, the preferred one first.
  public static let all = [safetensors]

  /// Opens the weights of a folder with the first container that finds a file of its kind.
  /// - Throws: ``CheckpointError`` where there is no such folder, it holds no weights, or they are not what they should
  ///   be.
  public static func open(
    folder: String, among containers: [WeightContainer] = all
  ) throws(CheckpointError) -> any TensorStore {
    try checkFolder(folder)
    for container in containers {
      if let store = try container.open(folder) { return store }
    }
    throw .weightsNotFound(folder: folder, instead: foreignFiles.first { fileExists(folder + "/" + $0) })
  }

  /// Weight files that no container reads, to be named when they are all that a folder has.
  private static let foreignFiles = [
    "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.ckpt.index",
  ]
}
