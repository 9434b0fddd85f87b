import TestSupport
import Testing

@testable import Checkpoints

@Suite("Tensor scopes")
struct TensorScopeTests {
  private func checkpoint(_ shapes: [(String, [Int])], dtype: String = "F32", _ body: (any TensorStore) throws -> Void)
    throws
  {
    try Fixtures.withScratchFolder { folder in
      var end = 0
      var entries: [String] = []
      for (name, shape) in shapes {
        let size = shape.reduce(4, *)
        entries.append(#""\#(name)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":[\#(end),\#(end + size)]}"#)
        end += size
      }
      let header = "{" + entries.joined(separator: ",") + "}"
      try SafetensorsWriter(header: header, data: [UInt8](repeating: 0, count: end)).write(
        to: folder + "/model.safetensors")
      try body(WeightContainer.open(folder: folder))
    }
  }

  @Test("names are found with and without the outer prefix, and under older names")
  func names() throws {
    try checkpoint([("bert.a.LayerNorm.gamma", [2]), ("head.weight", [3, 2])]) { checkpoint in
      let reader = TensorReader(checkpoint, onlyChecks: false)
      let root = reader.root(prefixes: ["bert.", ""])
      #expect(root("a")("LayerNorm").tensor("weight", "gamma", shape: [2]) != nil)
      #expect(root("head").tensor("weight", shape: [3, 2]) != nil)
      #expect(root("head").contains("weight"))
      #expect(!root("head").contains("bias"))
      #expect(reader.elementCount == 8)
      #expect(reader.byteCount == 32)
      try reader.throwProblems()
    }
  }

  @Test("one error lists all missing and misshapen tensors by this checkpoint's names")
  func problems() throws {
    try checkpoint([("transformer.h.0.w", [2, 3]), ("transformer.h.1.w", [2, 2])]) { checkpoint in
      let reader = TensorReader(checkpoint, onlyChecks: true)
      let root = reader.root(prefixes: ["transformer.", ""])
      for layer in 0..<3 { #expect(root("h", layer).tensor("w", shape: [2, 3]) == nil) }
      #expect(root.tensor("wte.weight", shape: [7]) == nil)
      let error = #expect(throws: CheckpointError.self) { try reader.throwProblems() }
      #expect(
        error
          == .unfitTensors(
            folder: checkpoint.location,
            [
              .shape(name: "transformer.h.1.w", expected: [2, 3], found: [2, 2]),
              .missing(name: "transformer.h.2.w", shape: [2, 3]), .missing(name: "transformer.wte.weight", shape: [7]),
            ]))
      #expect(error?.description.contains("transformer.h.1.w [2, 3], found [2, 2]") == true)
    }
  }

  @Test("integer tensors are rejected as weights")
  func elementType() throws {
    try checkpoint([("w", [2])], dtype: "I32") { checkpoint in
      let reader = TensorReader(checkpoint, onlyChecks: false)
      #expect(reader.root().tensor("w", shape: [2]) == nil)
      #expect(reader.problems == [.elementType(name: "w", found: "I32")])
    }
  }

  @Test("a thousand problems give a short error message")
  func flood() throws {
    try checkpoint([("w", [2])]) { checkpoint in
      let reader = TensorReader(checkpoint, onlyChecks: true)
      for index in 0..<1000 { _ = reader.root()("h", index).tensor("w", shape: [2]) }
      let error = #expect(throws: CheckpointError.self) { try reader.throwProblems() }
      #expect(error?.description.hasSuffix("and 960 more") == true)
    }
  }
}
