import JSONText
import Tensors

/// Writes tensors as a safetensors file.
public enum SafetensorsWriter {
  /// Writes the file, in the order of the tensors. An existing file is overwritten.
  /// - Parameters:
  ///   - tensors: names and values, stored in single precision.
  ///   - metadata: texts for the header. Readers of transformers need `format`.
  /// - Throws: ``CheckpointError/unwritable(path:reason:)``.
  public static func write(
    _ tensors: [(name: String, value: Tensor)], metadata: [(String, String)] = [("format", "pt")], to path: String
  ) throws(CheckpointError) {
    let file = try OutputFile(path: path)
    var members = JSONObject()
    members["__metadata__"] = .object(
      JSONObject(metadata.map { (key: ByteString($0.0), value: JSONValue($0.1)) }))
    var end = 0
    for (name, value) in tensors {
      let begin = end
      end += value.count * MemoryLayout<Float>.stride
      members[name] = [
        "dtype": "F32", "shape": .array(value.shape.map(JSONValue.integer)),
        "data_offsets": [.integer(begin), .integer(end)],
      ]
    }
    var text = Array(JSONValue.object(members).serialized().utf8)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    try file.append(withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text)
    for (_, value) in tensors {
      guard let stored = try? StoredTensor(value) else { preconditionFailure("a tensor of shape \(value.shape)") }
      try file.append(stored.bytes)
    }
    try file.finish()
  }
}
