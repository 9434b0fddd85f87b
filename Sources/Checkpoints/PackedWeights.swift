import JSONText
import Platform
import Tensors

/// The weights of a model for a file that opens without packing: matrices as packed panels, all other tensors as
/// stored. Adding a weight copies no data.
public struct PackedWeights: Sendable {
  /// The number format of the matrices.
  public let format: NumberFormat
  private var items: [(name: String, content: PackedContent)] = []
  private var names: Set<String> = []

  /// Creates an empty collection.
  public init(format: NumberFormat) { self.format = format }

  /// Adds a matrix. A name that has already been added is ignored.
  public mutating func add(_ name: String, _ matrix: PackedMatrix) {
    precondition(matrix.format == format, "a matrix in \(matrix.format) among \(format)")
    if names.insert(name).inserted { items.append((name, .panels(matrix))) }
  }

  /// Adds an ordinary tensor. A name that has already been added is ignored.
  public mutating func add(_ name: String, _ tensor: StoredTensor) {
    // Convert block types of other containers, which safetensors cannot store.
    if names.insert(name).inserted { items.append((name, .stored(tensor.plain()))) }
  }

  /// Writes the file, in the order in which the weights were added.
  /// - Parameters:
  ///   - path: the file's path; an existing file is overwritten.
  ///   - shouldContinue: called before each tensor with the fraction written so far; returns whether to continue.
  /// - Returns: whether the file is complete; `false` if `shouldContinue` stopped the writing.
  /// - Throws: ``CheckpointError/unwritable(path:reason:)``.
  public func write(to path: String, shouldContinue: (Double) -> Bool) throws(CheckpointError) -> Bool {
    let file = try OutputFile(path: path)
    try file.append(header())
    let total = max(1, items.reduce(0) { $0 + $1.content.byteCount })
    var written = 0
    for item in items {
      guard shouldContinue(Double(written) / Double(total)) else { return false }
      switch item.content {
      case .panels(let matrix):
        try matrix.withUnsafeBytes { (bytes) throws(CheckpointError) in try file.append(bytes) }
      case .stored(let tensor):
        try file.append(tensor.bytes)
      }
      written += item.content.byteCount
    }
    try file.finish()
    return true
  }

  /// The length field and the JSON, padded with spaces to a multiple of 8 bytes as the format requires.
  private func header() -> [UInt8] {
    var members = JSONObject()
    let matrices = items.compactMap { item -> (name: String, size: MatrixSize)? in
      guard case .panels(let matrix) = item.content else { return nil }
      return (item.name, MatrixSize(outputs: matrix.outputs, inputs: matrix.inputs))
    }
    members["__metadata__"] = .object(
      JSONObject(
        PanelDirectory.metadata(format: format, matrices).map {
          (key: ByteString($0.0), value: JSONValue($0.1))
        }))
    var end = 0
    for item in items {
      let begin = end
      end += item.content.byteCount
      members[item.name] = [
        "dtype": JSONValue(item.content.type.rawValue.uppercased()),
        "shape": .array(item.content.shape.map(JSONValue.integer)),
        "data_offsets": [.integer(begin), .integer(end)],
      ]
    }
    var text = Array(JSONValue.object(members).serialized().utf8)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }
}

/// One tensor of a file of packed weights.
private enum PackedContent: Sendable {
  /// A matrix.
  case panels(PackedMatrix)
  /// An ordinary tensor.
  case stored(StoredTensor)

  /// The size in the file, in bytes.
  var byteCount: Int {
    switch self {
    case .panels(let matrix): matrix.byteCount
    case .stored(let tensor): tensor.bytes.count
    }
  }

  /// The element type for the header.
  var type: ElementType {
    switch self {
    case .panels(let matrix): matrix.format.panelElementType
    case .stored(let tensor): tensor.type
    }
  }

  /// The shape for the header.
  var shape: [Int] {
    switch self {
    case .panels(let matrix):
      let panels = PackedMatrix.panelCount(outputs: matrix.outputs)
      return [panels, matrix.byteCount / max(1, panels) / type.blockBytes]
    case .stored(let tensor): return tensor.shape
    }
  }
}

/// A file written sequentially; closed when the last reference is released.
final class OutputFile {
  private let path: String
  private let descriptor: Int32

  /// Opens a file for writing; an existing file is overwritten.
  init(path: String) throws(CheckpointError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: .last) }
  }

  deinit {
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// Appends bytes from an array.
  func append(_ bytes: [UInt8]) throws(CheckpointError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(CheckpointError) in try append(UnsafeRawBufferPointer(bytes)) }
  }

  /// Appends bytes from a buffer.
  func append(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    guard let start = bytes.baseAddress else { return }
    var written = 0
    while written < bytes.count {
      let count = write(descriptor, start + written, min(bytes.count - written, 1 << 26))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .unwritable(path: path, reason: .last) }
      written += count
    }
  }

  /// Flushes the file to disk.
  func finish() throws(CheckpointError) {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .unwritable(path: path, reason: .last) }
  }
}
