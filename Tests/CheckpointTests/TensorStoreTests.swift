import Tensors
import Terms
import TestSupport
import Testing

@testable import Checkpoints

/// A test container that holds tensors in memory.
struct MemoryStore: TensorStore {
  let location = "memory"
  private let tensors: [String: StoredTensor]

  init(_ tensors: [String: StoredTensor]) { self.tensors = tensors }

  var names: [String] { tensors.keys.sorted() }

  var byteCount: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }

  func entry(_ name: String) -> TensorEntry? {
    tensors[name].map { TensorEntry(shape: $0.shape, layout: $0.type.layout, byteCount: $0.bytes.count) }
  }

  func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    tensors[name].flatMap { StoredBytes($0.bytes, owner: $0.owner)[range] }
  }
}

@Suite("Tensor stores and containers")
struct TensorStoreTests {
  private func vector(_ numbers: [Float]) throws -> StoredTensor { try StoredTensor(Tensor([numbers.count], numbers)) }

  @Test("a reader gives the same tensors from memory as from a file")
  func reader() throws {
    let store = try MemoryStore(["a.weight": vector([1, 2]), "b": vector([3])])
    let reader = TensorReader(store, onlyChecks: false)
    #expect(reader.root()("a").tensor("weight", shape: [2])?.tensor().scalars == [1, 2])
    #expect(reader.root().tensor("c", shape: [1]) == nil)
    #expect(reader.elementCount == 2 && reader.byteCount == 8)
    let error = #expect(throws: CheckpointError.self) { try reader.throwProblems() }
    #expect(error == .unfitTensors(folder: "memory", [.missing(name: "c", shape: [1])]))
  }

  @Test(
    "a folder opens with the first container that recognizes a weight file; otherwise the error names the unsupported file"
  )
  func containers() throws {
    let memory = WeightContainer(files: ["weights.memory"]) { folder throws(CheckpointError) in
      fileExists(folder + "/weights.memory") ? MemoryStore([:]) : nil
    }
    let containers = WeightContainer.all + [memory]
    try Fixtures.withScratchFolder { folder in
      try writeFile([0], to: folder + "/tf_model.h5")
      #expect(throws: CheckpointError.weightsNotFound(folder: folder, instead: "tf_model.h5")) {
        _ = try WeightContainer.open(folder: folder, among: containers)
      }
      try writeFile([], to: folder + "/weights.memory")
      #expect(try WeightContainer.open(folder: folder, among: containers) is MemoryStore)
      try SafetensorsWriter.vector([1]).write(to: folder + "/model.safetensors")
      #expect(try WeightContainer.open(folder: folder, among: containers) is SafetensorsFolder)
    }
  }

  @Test("the files of every container have the names by which other targets know weights, and the error names them")
  func names() {
    let error = CheckpointError.weightsNotFound(folder: "f", instead: nil)
    #expect(
      error.description
        == "no weights, f: expected model.safetensors or model.safetensors.index.json, found none")
    for container in WeightContainer.all {
      #expect(container.files.contains(where: WeightFileNames.areWeights), "\(container.files)")
      for file in container.files { #expect(error.description.contains(file)) }
    }
  }

  @Test("ranges outside a tensor are rejected")
  func bounds() throws {
    try Fixtures.withScratchFolder { folder in
      try SafetensorsWriter.vector([1, 2, 3]).write(to: folder + "/model.safetensors")
      try writeFile(GGUFWriter(GGUFWriter().metadata, [.init("x", [3], [1, 2, 3])]).bytes, to: folder + "/model.gguf")
      let stores: [any TensorStore] = [
        try GGUFFile(path: folder + "/model.gguf"), try SafetensorsFolder(folder: folder),
        try SafetensorsFile(path: folder + "/model.safetensors"),
        MemoryStore(["x": try vector([1, 2, 3])]),
      ]
      for store in stores {
        let part = try #require(store.bytes(of: "x", 4..<8))
        #expect(part.bytes.loadUnaligned(as: Float.self) == 2)
        #expect(store.bytes(of: "x", 0..<12)?.bytes.count == 12)
        for range in [0..<13, -1..<3, 12..<13, 40..<41] { #expect(store.bytes(of: "x", range) == nil, "\(range)") }
        #expect(store.bytes(of: "y", 0..<0) == nil)
        try store.checkUnchanged()
      }
    }
  }

  @Test("element counts follow from the block layout", arguments: [("F4", 2, 1), ("F6_E2M3", 4, 3)])
  func layouts(_ name: String, _ elements: Int, _ bytes: Int) throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/model.safetensors"
      func write(_ count: Int, bytes: Int) throws {
        let header = #"{"x":{"dtype":"\#(name)","shape":[\#(count)],"data_offsets":[0,\#(bytes)]}}"#
        try SafetensorsWriter(header: header, data: [UInt8](repeating: 0, count: bytes)).write(to: path)
      }
      try write(3 * elements, bytes: 3 * bytes)
      let file = try SafetensorsFile(path: path)
      let entry = try #require(file.entry("x"))
      #expect(entry.layout == ElementLayout(name: name, elements: elements, bytes: bytes))
      #expect(entry.elementCount == 3 * elements && entry.byteCount == 3 * bytes && entry.layout.elementType == nil)
      #expect(file["x"] == nil && file.bytes(of: "x", 0..<3 * bytes) != nil, "has bytes, but cannot be converted")
      try write(3 * elements + 1, bytes: 3 * bytes + 1)
      #expect(throws: CheckpointError.self) { _ = try SafetensorsFile(path: path) }
    }
  }
}
