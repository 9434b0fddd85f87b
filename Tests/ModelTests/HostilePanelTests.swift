import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Models

@Suite("Invalid files of packed weights")
struct HostilePanelTests {
  /// The error of opening a packed fixture after replacing one string of its header by another.
  private func error(_ format: NumberFormat, replacing text: String, by other: String) throws -> ModelError? {
    try PackedFolderTests.withPacked("gpt2", format) { folder in
      let path = URL(fileURLWithPath: folder + "/model.safetensors")
      var bytes = [UInt8](try Data(contentsOf: path))
      let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
      #expect(header.contains(text), "\(text) is not in \(header)")
      let changed = Array(header.replacingOccurrences(of: text, with: other).utf8)
      bytes.replaceSubrange(
        0..<8 + length, with: withUnsafeBytes(of: UInt64(changed.count).littleEndian, Array.init) + changed)
      try Data(bytes).write(to: path)
      return opening(folder)
    }
  }

  private func opening(_ folder: String) -> ModelError? {
    do throws(ModelError) {
      _ = try ModelLoader.open(folder: folder)
      return nil
    } catch {
      return error
    }
  }

  private static let formats = NumberFormat.uniform.map(\.rawValue).joined(separator: ", ")

  @Test(
    "an unknown version, format, lane count or block size is refused",
    arguments: [
      (#""version":"1""#, #""version":"2""#, "packed weights of another version"),
      (#""version":"1""#, #""edition":"1""#, "expected version 1, found none"),
      (#""number_format":"q8""#, #""number_format":"q5""#, "expected one of \(formats), found q5"),
      (#""lanes":"16""#, #""lanes":"8""#, "expected 16, found 8"),
      (#""block":"32""#, #""block":"64""#, "expected 32, found 64"),
      (#""matrices":"{"#, #""matrices":"{{"#, "expected a JSON object of sizes"),
      (#""matrices":"{"#, #""matricen":"{"#, "expected a JSON object of sizes, found none"),
      (#"[37,10]"#, #"[37,10,1]"#, "expected two sizes above 0"),
      (#"[37,10]"#, #"[37,-10]"#, "expected two sizes above 0"),
      (#"[37,10]"#, #"[0,10]"#, "expected two sizes above 0"),
    ])
  func metadata(_ text: String, _ other: String, _ says: String) throws {
    let error = try error(.q8, replacing: text, by: other)
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    #expect(error?.hint != nil)
  }

  @Test(
    "matrix sizes that do not match the panels are refused",
    arguments: [
      "[37,11111]", "[370,10]", "[9223372036854775807,9223372036854775807]", "[9223372036854775807,1]",
      "[1,9223372036854775807]", "[36893488147419103232,1]",
    ])
  func sizes(_ size: String) throws {
    for format in NumberFormat.uniform {
      let error = try error(format, replacing: "[37,10]", by: size)
      guard case .checkpoint(.invalidHeader(_, let tensor?, _, _))? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(tensor.contains("wte.weight") || tensor.contains("matrices"))
    }
  }

  @Test("a matrix size that matches the panels but not the model is refused")
  func otherModel() throws {
    // 33 and 37 outputs both need three panels.
    let error = try error(.q8, replacing: "[37,10]", by: "[33,10]")
    let problem = TensorProblem.shape(name: "transformer.wte.weight", expected: [37, 10], found: [33, 10])
    guard case .checkpoint(.unfitTensors(_, [problem]))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("unlisted matrices, missing matrices and panels of another type are refused")
  func otherTensors() throws {
    let forgotten = try error(.q8, replacing: #"\"transformer.wte.weight\":[37,10],"#, by: "")
    guard case .checkpoint(.unfitTensors(_, [.notPacked(name: "transformer.wte.weight")]))? = forgotten else {
      Issue.record("\(String(describing: forgotten))")
      return
    }
    let invented = try error(
      .q8, replacing: #"{\"transformer.wte.weight\""#, by: #"{\"x\":[1,1],\"transformer.wte.weight\""#)
    #expect(invented?.description.contains("tensor x: expected panels of 1 × 1 in q8, found no such tensor") == true)
    let typed = try error(.q8, replacing: #""dtype":"U8""#, by: #""dtype":"I8""#)
    #expect(typed?.description.contains(", found i8 ") == true, "\(String(describing: typed))")
    let unmarked = try error(.q8, replacing: "triptych-panels", by: "pt")
    #expect(unmarked?.description.contains("expected packed weights in the folder") == true)
  }

  @Test("a file truncated at many places is refused")
  func cuts() throws {
    try PackedFolderTests.withPacked("bert", .q4) { folder in
      let path = URL(fileURLWithPath: folder + "/model.safetensors")
      let whole = try Data(contentsOf: path)
      for count in Array(stride(from: 0, to: 600, by: 7)) + Array(stride(from: 600, to: whole.count, by: 997)) + [
        whole.count - 1
      ] {
        try whole.prefix(count).write(to: path)
        guard case .checkpoint? = opening(folder) else {
          Issue.record("a file cut at \(count) was opened")
          continue
        }
      }
    }
  }
}
