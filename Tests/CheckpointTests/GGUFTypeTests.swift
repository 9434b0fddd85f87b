import Foundation
import JSONText
import TestSupport
import Tensors
import Testing

@testable import Checkpoints

@Suite("GGUF tensors have the exact values that their types define")
struct GGUFTypeTests {
  private static let fixture = Fixtures.path("gguf/types.gguf")
  private static let shared = Fixtures.shared("gguf-vocabularies/types")

  /// The types of the shared files.
  private static let names: [String] = {
    let list = shared.flatMap { try? JSONValue(contentsOfFile: $0 + "/types.json") }
    return list?.array?.compactMap { $0["type"]?.string } ?? []
  }()

  private func bits(_ tensor: StoredTensor) -> [UInt32] { tensor.tensor().scalars.map(\.bitPattern) }

  @Test("blocks unpack to gguf-py's values bit for bit")
  func blocks() throws {
    let file = try GGUFFile(path: Self.fixture)
    var compared: Set<String> = []
    for name in file.names where name.hasSuffix(".values") {
      let own = String(name.dropLast(".values".count))
      let (found, expected) = (try #require(file[own]), try #require(file[name]))
      #expect(found.shape == expected.shape, "\(own)")
      #expect(bits(found) == bits(expected), "\(own)")
      compared.insert(found.type.rawValue)
    }
    let readable = ElementLayout.gguf.values.compactMap(\.elementType)
      .filter { $0.isFloatingPoint && $0 != .f32 && $0 != .f64 }
    #expect(compared == Set(readable.map(\.rawValue)))
  }

  @Test(
    "every type in the shared folder is converted exactly, or rejected by name",
    .enabled(if: shared != nil, "needs the shared folder"), arguments: names)
  func type(name: String) throws {
    let folder = try #require(Self.shared)
    let file = try GGUFFile(path: "\(folder)/\(name).gguf")
    let expected = try SafetensorsFile(path: "\(folder)/\(name).safetensors")
    #expect(!file.names.isEmpty)
    for tensor in file.names {
      let entry = try #require(file.entry(tensor))
      let values = try #require(expected[tensor])
      #expect(entry.shape == values.shape && entry.layout.name == name, "\(tensor)")
      #expect(entry.elementCount == values.count, "\(tensor)")
      guard entry.layout.elementType != nil else {
        let reader = TensorReader(file, onlyChecks: true)
        #expect(reader.root().tensor(tensor, shape: entry.shape) == nil)
        let found = "\(name), which is not supported"
        #expect(reader.problems == [.elementType(name: tensor, found: found)])
        #expect(file[tensor] == nil)
        continue
      }
      #expect(bits(try #require(file[tensor])) == bits(values), "\(tensor)")
    }
  }

  @Test("block sizes of the containers and of the kernels agree")
  func layouts() {
    for layout in Array(ElementLayout.gguf.values) + ElementLayout.safetensors.values {
      guard let type = layout.elementType else { continue }
      #expect(layout.elements == type.blockCount && layout.bytes == type.blockBytes, "\(layout.name)")
    }
  }

  @Test("packing blocks gives the same panels as packing their values", arguments: NumberFormat.uniform)
  func packing(format: NumberFormat) throws {
    let file = try GGUFFile(path: Self.fixture)
    for name in file.names where !name.contains(".") {
      let (blocks, values) = (try #require(file[name]), try #require(file[name + ".values"]))
      // Stack three matrices, so that some panels contain rows of two matrices.
      let packed = PackedMatrix([blocks, blocks, blocks], layout: .outputsByInputs, format: format)
      let expected = PackedMatrix([values, values, values], layout: .outputsByInputs, format: format)
      #expect(panels(packed) == panels(expected), "\(name)")
      #expect(
        panels(PackedMatrix(blocks, layout: .inputsByOutputs, format: format))
          == panels(PackedMatrix(values, layout: .inputsByOutputs, format: format)), "\(name)")
    }
  }

  private func panels(_ matrix: PackedMatrix) -> [UInt8] { matrix.withUnsafeBytes { Array($0) } }

  @Test("rows stored in rotary pairs are read in halves order", arguments: [ElementType.f32, .f16])
  func rotaryPairs(type: ElementType) throws {
    // Two heads of six rows: stored 0 3 1 4 2 5, 6 9 7 10 8 11.
    let order = [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]
    let numbers = order.flatMap { row in (0..<20).map { Float(row) + Float($0) / 32 } }
    let bytes =
      type == .f32
      ? numbers.withUnsafeBytes { Array($0) } : numbers.map(Self.half).withUnsafeBytes { Array($0) }
    let stored = try StoredTensor(type: type, shape: [12, 20], bytes: bytes, rowOrder: .rotaryPairs(heads: 2))
    let plain = (0..<12).flatMap { row in (0..<20).map { Float(row) + Float($0) / 32 } }
    #expect(stored.tensor().scalars == plain)
    let expected = PackedMatrix(Tensor([12, 20], plain), layout: .outputsByInputs)
    #expect(panels(PackedMatrix(stored, layout: .outputsByInputs)) == panels(expected))
    let vector = try StoredTensor(
      type: .f32, shape: [12], bytes: order.map { Float($0) }.withUnsafeBytes { Array($0) },
      rowOrder: .rotaryPairs(heads: 2))
    #expect(vector.tensor().scalars == (0..<12).map { Float($0) })
    for heads in [0, 5, 12] {
      #expect(throws: TensorError.badShape([12])) {
        try StoredTensor(
          type: .f32, shape: [12], bytes: [UInt8](repeating: 0, count: 48), rowOrder: .rotaryPairs(heads: heads))
      }
    }
  }

  @Test("queries, keys and values that are stored apart are read side by side for each head")
  func projectionsApart() throws {
    // Two heads of width 2. The model has q q k k v v of head 0, then of head 1.
    let order = [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]
    let numbers = order.map { Float($0) }.withUnsafeBytes { Array($0) }
    let stored = try StoredTensor(type: .f32, shape: [12], bytes: numbers, rowOrder: .projectionsApart(heads: 2))
    #expect(stored.tensor().scalars == (0..<12).map { Float($0) })
    for heads in [0, 3, 5, 12] {
      #expect(throws: TensorError.badShape([12])) {
        try StoredTensor(type: .f32, shape: [12], bytes: numbers, rowOrder: .projectionsApart(heads: heads))
      }
    }
  }

  /// The half-precision bits of a float that is exactly representable.
  private static func half(_ x: Float) -> UInt16 {
    guard x != 0 else { return 0 }
    return UInt16(x.bitPattern >> 13 & 0x3FF) | UInt16(Int(x.exponent) + 15) << 10
  }

  @Test("a row length that is not a multiple of the block size throws")
  func cutBlock() {
    #expect(throws: TensorError.cutBlock(shape: [2, 33], type: .q8_0)) {
      try StoredTensor(type: .q8_0, shape: [2, 33], bytes: [])
    }
  }
}
