import JSONText
import Tensors

/// The description of the panels in a file of packed weights, checked against the file's tensors.
///
/// Such a file is a valid safetensors file. Each weight matrix is one tensor of panels,
/// `[panels, elements of a panel]`, in the number format's own element type (bytes where codes and scales are
/// interleaved). `__metadata__` describes their layout:
///
/// | key | value |
/// | --- | --- |
/// | `format` | `triptych-panels` |
/// | `version` | the arrangement of the panels, ``PackedMatrix/arrangement`` |
/// | `number_format` | `f32`, `bf16`, `q8`, `q4` |
/// | `lanes`, `block` | outputs per panel; inputs per block |
/// | `matrices` | JSON: each matrix's outputs and inputs, `{"h.0.attn.c_attn.weight":[2304,768]}` |
///
/// All other tensors (biases, norms, positions) are ordinary ones.
struct PanelDirectory: Sendable {
  /// The format of all matrices.
  let format: NumberFormat
  /// The size of each matrix, by name.
  let sizes: [String: MatrixSize]

  /// The value of `format` in a file of panels.
  static let mark = "triptych-panels"

  /// Reads the metadata of a header; `nil` if the file has only ordinary tensors.
  init?(_ header: SafetensorsHeader, path: String) throws(CheckpointError) {
    let metadata = header.metadata
    guard metadata["format"] == Self.mark else { return nil }
    let version = String(PackedMatrix.arrangement)
    guard metadata["version"] == version else {
      throw .panelsOfAnotherVersion(path: path, expected: version, found: Self.excerpt(metadata["version"]))
    }
    guard let format = NumberFormat.uniform.first(where: { $0.rawValue == metadata["number_format"] }) else {
      let known = NumberFormat.uniform.map(\.rawValue).joined(separator: ", ")
      throw Self.failure(path, "number_format", "one of \(known)", Self.excerpt(metadata["number_format"]))
    }
    for (key, expected) in [("lanes", PackedMatrix.panelOutputs), ("block", format.blockInputs)]
    where metadata[key] != String(expected) {
      throw Self.failure(path, key, String(expected), Self.excerpt(metadata[key]))
    }
    self.format = format
    sizes = try Self.sizes(metadata["matrices"], path: path)
    for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
      try Self.check(header.entries[name], name, size, format, path: path)
    }
  }

  private static func sizes(_ text: String?, path: String) throws(CheckpointError) -> [String: MatrixSize] {
    let value = text.flatMap { try? JSONValue(parsing: Array($0.utf8), limits: JSONLimits(depth: 4)) }
    guard let object = value?.object else {
      throw failure(path, "matrices", "a JSON object of sizes", excerpt(text))
    }
    var sizes: [String: MatrixSize] = [:]
    for (key, value) in object.members {
      guard let pair = value.array, pair.count == 2, let outputs = pair[0].int, let inputs = pair[1].int,
        outputs > 0, inputs > 0
      else {
        throw failure(
          path, "matrices, \(excerpt(key.description))", "two sizes above 0", excerpt(value.serialized()))
      }
      sizes[key.description] = MatrixSize(outputs: outputs, inputs: inputs)
    }
    return sizes
  }

  private static func check(
    _ entry: SafetensorsHeader.Entry?, _ name: String, _ size: MatrixSize, _ format: NumberFormat, path: String
  ) throws(CheckpointError) {
    let words = "panels of \(size.outputs) × \(size.inputs) in \(format.rawValue)"
    guard let bytes = PackedMatrix.byteCount(outputs: size.outputs, inputs: size.inputs, format: format) else {
      throw .invalidHeader(path: path, tensor: excerpt(name), expected: "a valid size", found: words)
    }
    guard let entry else {
      throw .invalidHeader(path: path, tensor: excerpt(name), expected: words, found: "no such tensor")
    }
    let shape = shape(size, format, byteCount: bytes)
    guard entry.layout.elementType == format.panelElementType, entry.shape == shape, entry.range.count == bytes else {
      throw .invalidHeader(
        path: path, tensor: excerpt(name),
        expected: "\(words), \(format.panelElementType.rawValue) \(shape)",
        found: "\(entry.layout.name.lowercased()) \(excerpt("\(entry.shape)"))")
    }
  }

  /// The shape of the tensor of panels.
  private static func shape(_ size: MatrixSize, _ format: NumberFormat, byteCount: Int) -> [Int] {
    let panels = PackedMatrix.panelCount(outputs: size.outputs)
    return [panels, byteCount / panels / format.panelElementType.blockBytes]
  }

  private static func failure(
    _ path: String, _ key: String, _ expected: String, _ found: String
  ) -> CheckpointError {
    .invalidHeader(path: path, tensor: "__metadata__, \(key)", expected: expected, found: found)
  }

  private static func excerpt(_ text: String?) -> String {
    guard let text else { return "none" }
    return text.count > 80 ? text.prefix(80) + "…" : text
  }
}

extension PanelDirectory {
  /// The `__metadata__` of a file with these matrices.
  static func metadata(format: NumberFormat, _ matrices: [(name: String, size: MatrixSize)]) -> [(String, String)] {
    let sizes = JSONObject(
      matrices.map {
        (key: ByteString($0.name), value: JSONValue.array([.integer($0.size.outputs), .integer($0.size.inputs)]))
      })
    return [
      ("format", mark), ("version", String(PackedMatrix.arrangement)), ("number_format", format.rawValue),
      ("lanes", String(PackedMatrix.panelOutputs)), ("block", String(format.blockInputs)),
      ("matrices", JSONValue.object(sizes).serialized()),
    ]
  }
}
