import Checkpoints
import TestSupport
import Testing

/// Tables of reference values in a safetensors file.
struct SafetensorsTable {
  private let file: SafetensorsFile

  init(_ folder: String) throws {
    file = try SafetensorsFile(path: Fixtures.path("models/\(folder)/reference.safetensors"))
  }

  var names: [String] { file.names.sorted() }

  func scalars(_ name: String) throws -> [Float] { try #require(file[name]).tensor().scalars }
}
