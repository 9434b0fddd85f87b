import Foundation
import TestSupport
import Tensors
import Testing

@testable import Checkpoints

@Suite("Weight folders")
struct FolderTests {
  @Test("a single file is read with names, shapes and values")
  func single() throws {
    try Fixtures.withScratchFolder { folder in
      try SafetensorsWriter.vector([1, -2, 0.5]).write(to: folder + "/model.safetensors")
      let checkpoint = try WeightContainer.open(folder: folder)
      #expect(checkpoint.names == ["x"])
      #expect(checkpoint["x"]?.shape == [3])
      #expect(checkpoint["x"]?.tensor().scalars == [1, -2, 0.5])
      #expect(checkpoint["y"] == nil)
      #expect(checkpoint.elementCounts == ["f32": 3])
      if let x = checkpoint["x"] { x.owner.discard(x.bytes) }
      #expect(checkpoint["x"]?.tensor().scalars == [1, -2, 0.5])
    }
  }

  @Test("tensors stay valid after their checkpoint is released")
  func lifetime() throws {
    try Fixtures.withScratchFolder { folder in
      try SafetensorsWriter.vector([3, 4]).write(to: folder + "/model.safetensors")
      let tensor = try WeightContainer.open(folder: folder)["x"]
      #expect(tensor?.tensor().scalars == [3, 4])
    }
  }

  @Test("unaligned tensors are read correctly")
  func unaligned() throws {
    try Fixtures.withScratchFolder { folder in
      var file = SafetensorsWriter.vector([1.25, -7])
      for spaces in 0..<4 {
        file.header += spaces == 0 ? "" : " "
        try file.write(to: folder + "/model.safetensors")
        #expect(try WeightContainer.open(folder: folder)["x"]?.tensor().scalars == [1.25, -7])
      }
    }
  }

  /// Bit patterns and values according to IEEE 754 binary16 and bfloat16 (the upper half of binary32).
  static let halves: [(dtype: String, bits: [UInt16], values: [Float])] = [
    ("F16", [0x3C00, 0xC000, 0x7BFF, 0x0001, 0x0400, 0x8000], [1, -2, 65504, 0x1p-24, 0x1p-14, -0.0]),
    ("BF16", [0x3F80, 0xC000, 0x7F7F, 0x4049, 0x0080, 0x8000], [1, -2, 0x1.FEp127, 3.140625, 0x1p-126, -0.0]),
  ]

  @Test("16-bit floats are converted exactly", arguments: 0..<2)
  func sixteenBits(_ row: Int) throws {
    let (dtype, bits, values) = Self.halves[row]
    try Fixtures.withScratchFolder { folder in
      let data = bits.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
      let header = #"{"x":{"dtype":"\#(dtype)","shape":[\#(bits.count)],"data_offsets":[0,\#(data.count)]}}"#
      try SafetensorsWriter(header: header, data: data).write(to: folder + "/model.safetensors")
      let scalars = try #require(try WeightContainer.open(folder: folder)["x"]).tensor().scalars
      #expect(scalars.map(\.bitPattern) == values.map(\.bitPattern))
    }
  }

  @Test("shards form one checkpoint")
  func shards() throws {
    let checkpoint = try WeightContainer.open(folder: Fixtures.path("models/gpt2-sharded"))
    #expect(checkpoint.names.count == 40)
    #expect(checkpoint["transformer.wte.weight"]?.shape == [37, 10])
    #expect(checkpoint["transformer.h.2.mlp.c_fc.weight"]?.shape == [10, 40])
  }

  @Test("a missing folder, a file instead of a folder, and a folder without weights have distinct errors")
  func noFolder() throws {
    try Fixtures.withScratchFolder { folder in
      #expect(throws: CheckpointError.folderNotFound(path: folder + "/none")) {
        _ = try WeightContainer.open(folder: folder + "/none")
      }
      #expect(throws: CheckpointError.weightsNotFound(folder: folder, instead: nil)) {
        _ = try WeightContainer.open(folder: folder)
      }
      try writeFile([1, 2, 3], to: folder + "/pytorch_model.bin")
      let error = #expect(throws: CheckpointError.self) { _ = try WeightContainer.open(folder: folder) }
      #expect(error == .weightsNotFound(folder: folder, instead: "pytorch_model.bin"))
      #expect(error?.hint?.contains("convert it to safetensors") == true)
      #expect(throws: CheckpointError.notAFolder(path: folder + "/pytorch_model.bin")) {
        _ = try WeightContainer.open(folder: folder + "/pytorch_model.bin")
      }
      try FileManager.default.createDirectory(atPath: folder + "/model.safetensors", withIntermediateDirectories: false)
      #expect(throws: CheckpointError.unreadable(path: folder + "/model.safetensors", reason: "a folder")) {
        _ = try WeightContainer.open(folder: folder)
      }
    }
  }

  @Test("the truncation of an open file is detected")
  func changed() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/model.safetensors"
      let file = SafetensorsWriter.vector([1, 2])
      try file.write(to: path)
      let checkpoint = try WeightContainer.open(folder: folder)
      try checkpoint.checkUnchanged()
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 10)
      #expect(throws: CheckpointError.fileChanged(path: path, expected: file.bytes.count, found: 10)) {
        try checkpoint.checkUnchanged()
      }
    }
  }
}
