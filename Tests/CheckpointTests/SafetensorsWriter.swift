import Foundation

/// Writes valid and invalid safetensors files.
struct SafetensorsWriter {
  /// The header's text.
  var header: String
  /// The bytes after the header.
  var data: [UInt8]
  /// The value of the length field, if it differs from the length of the header.
  var length: UInt64?

  init(header: String, data: [UInt8] = [], length: UInt64? = nil) {
    self.header = header
    self.data = data
    self.length = length
  }

  /// A file with one f32 vector `x`.
  static func vector(_ scalars: [Float]) -> SafetensorsWriter {
    let size = scalars.count * 4
    return SafetensorsWriter(
      header: #"{"x":{"dtype":"F32","shape":[\#(scalars.count)],"data_offsets":[0,\#(size)]}}"#,
      data: scalars.flatMap { scalar in withUnsafeBytes(of: scalar.bitPattern.littleEndian, Array.init) })
  }

  var bytes: [UInt8] {
    let text = Array(header.utf8)
    return withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian, Array.init) + text + data
  }

  func write(to path: String) throws { try writeFile(bytes, to: path) }
}

/// Writes bytes to a file.
func writeFile(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
