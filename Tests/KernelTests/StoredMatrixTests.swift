import CKernels
import Tensors
import TestSupport
import Testing

@Suite("Matrices packed as they are stored")
struct StoredMatrixTests {
  private static let types: [(ProductFormat, ElementType)] = [
    (.f16, .f16), (.q8_0, .q8_0), (.q4_0, .q4_0), (.q4_k, .q4_k), (.q5_k, .q5_k), (.q6_k, .q6_k),
  ]

  private func tensor(
    _ format: ProductFormat, _ type: ElementType, outputs: Int, seed: UInt64 = 21, order: RowOrder = .plain
  ) throws -> StoredTensor {
    let rows = StoredRows(format, depth: 256, outputs: outputs, seed: seed)
    return try StoredTensor(type: type, shape: [outputs, 256], bytes: rows.bytes, rowOrder: order)
  }

  @Test("rows have the stored values, in the model's order, at the file's bits", arguments: types)
  func rows(_ format: ProductFormat, _ type: ElementType) throws {
    for order in [RowOrder.plain, .rotaryPairs(heads: 4), .projectionsApart(heads: 4)] {
      let stored = try tensor(format, type, outputs: 96, order: order)
      let packed = PackedMatrix(stored, layout: .outputsByInputs, format: .stored)
      #expect(packed.byteCount == stored.bytes.count && type.hasPanels)
      #expect(
        PackedMatrix.byteCount(outputs: 96, inputs: 256, format: .stored, storedAs: type) == packed.byteCount)
      let values = stored.tensor()
      #expect((0..<96).allSatisfy { sameBits(packed.row($0), values.row($0)) })
      #expect(sameBits(embedding([63, 5], packed).scalars, values.row(63) + values.row(5)))
    }
  }

  @Test("types without their own panel format are packed as f32")
  func others() throws {
    let numbers = randomNumbers(20 * 32, seed: 3)
    let packed = PackedMatrix(Tensor([20, 32], numbers), layout: .outputsByInputs, format: .stored)
    let expected = PackedMatrix(Tensor([20, 32], numbers), layout: .outputsByInputs)
    #expect(packed.withUnsafeBytes { Array($0) } == expected.withUnsafeBytes { Array($0) })
    #expect(!ElementType.bf16.hasPanels && !ElementType.q5_1.hasPanels && !ElementType.i8.hasPanels)
  }

  @Test("an f16 matrix packs to the same panels from either order of its axes")
  func transposed() throws {
    let halves = (0..<700).map { UInt16(($0 * 91) & 0x3BFF) }
    let columns = (0..<20 * 35).map { (place: Int) -> UInt16 in halves[(place % 35) * 20 + place / 35] }
    let plain = try StoredTensor(type: .f16, shape: [35, 20], bytes: halves.withUnsafeBytes { Array($0) })
    let other = try StoredTensor(type: .f16, shape: [20, 35], bytes: columns.withUnsafeBytes { Array($0) })
    let panels = PackedMatrix(plain, layout: .outputsByInputs, format: .stored).withUnsafeBytes { Array($0) }
    #expect(PackedMatrix(other, layout: .inputsByOutputs, format: .stored).withUnsafeBytes { Array($0) } == panels)
  }

  @Test("stacked matrices of several types give the products of each, bit for bit")
  func stacked() throws {
    // Two runs of equal types, the second of which begins within a panel of its own group.
    let parts = try [
      tensor(.q4_k, .q4_k, outputs: 24), tensor(.q4_k, .q4_k, outputs: 20, seed: 4),
      tensor(.q6_k, .q6_k, outputs: 17), tensor(.f16, .f16, outputs: 9),
    ]
    let packed = PackedMatrix(parts, layout: .outputsByInputs, format: .stored)
    #expect(packed.outputs == 70)
    let (bias, residual) = (Tensor([70], randomNumbers(70, seed: 5)), Tensor([5, 70], randomNumbers(350, seed: 6)))
    let x = Tensor([5, 256], randomNumbers(5 * 256, seed: 7))
    let whole = linear(x, packed, bias: bias, activation: .relu, residual: residual)
    var first = 0
    for part in parts {
      let own = PackedMatrix(part, layout: .outputsByInputs, format: .stored)
      let range = first..<first + own.outputs
      let sums = linear(x, own, bias: Tensor([own.outputs], Array(bias.scalars[range])), activation: .relu)
      for row in 0..<5 {
        let expected = zip(sums.row(row), residual.row(row)[range]).map { $0 + $1 }
        #expect(sameBits(Array(whole.row(row)[range]), expected))
      }
      for output in [range.lowerBound, range.upperBound - 1] {
        #expect(sameBits(packed.row(output), own.row(output - first)))
      }
      first = range.upperBound
    }
  }

  @Test("the source is discarded exactly once")
  func discarding() throws {
    let rows = StoredRows(.q8_0, depth: 256, outputs: 40)
    let owner = RecordingOwner(count: rows.bytes.count)
    let stored = try StoredTensor(type: .q8_0, shape: [40, 256], bytes: owner.bytes, owner: owner)
    _ = PackedMatrix(stored, layout: .outputsByInputs, format: .stored)
    #expect(owner.discarded == rows.bytes.count)
  }
}
