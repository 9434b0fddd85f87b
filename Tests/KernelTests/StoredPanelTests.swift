import CKernels
import TestSupport
import Tensors
import Testing

@Suite("Packed weights as bytes")
struct StoredPanelTests {
  private static let numbers = randomNumbers(37 * 70, seed: 51)

  private func matrix(_ format: NumberFormat) -> PackedMatrix {
    PackedMatrix(Tensor([37, 70], Self.numbers), layout: .outputsByInputs, format: format)
  }

  @Test("copied panels are the same weights, and the owner hears what it may drop", arguments: NumberFormat.allCases)
  func copying(_ format: NumberFormat) throws {
    let packed = matrix(format)
    #expect(PackedMatrix.byteCount(outputs: 37, inputs: 70, format: format) == packed.byteCount)
    let bytes = packed.withUnsafeBytes { Array($0) }
    // At an odd address, as a file may have it.
    let owner = RecordingOwner(count: bytes.count + 1)
    UnsafeMutableRawBufferPointer(mutating: owner.bytes).copyBytes(from: [0] + bytes)
    let part = UnsafeRawBufferPointer(rebasing: owner.bytes[1...])
    let stored = try StoredTensor(type: .u8, shape: [bytes.count], bytes: part, owner: owner)
    let copy = PackedMatrix(panels: stored, outputs: 37, inputs: 70, format: format)
    #expect(copy.withUnsafeBytes { Array($0) } == bytes)
    #expect((0..<37).allSatisfy { sameBits(copy.row($0), packed.row($0)) })
    #expect(owner.discarded == bytes.count)
  }

  @Test("sizes that can't be counted have no panels", arguments: NumberFormat.allCases)
  func sizes(_ format: NumberFormat) {
    for (outputs, inputs) in [(0, 1), (1, 0), (-1, 4), (Int.max, 1), (1, .max), (.max, .max), (1 << 40, 1 << 40)] {
      #expect(PackedMatrix.byteCount(outputs: outputs, inputs: inputs, format: format) == nil, "\(outputs) × \(inputs)")
    }
  }

  /// Files hold these bytes. Whoever changes what a format's panels look like raises `PackedMatrix.arrangement`, so that
  /// older files are refused, and puts the new sums here.
  @Test("the arrangement of panels is that of its number", arguments: zip(NumberFormat.allCases, sums))
  func arrangement(_ format: NumberFormat, _ sum: UInt64) {
    #expect(PackedMatrix.arrangement == 1)
    let found = matrix(format).withUnsafeBytes { bytes in
      // FNV-1a.
      bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
    #expect(found == sum, "\(format): \(String(found, radix: 16))")
  }

  private static let sums: [UInt64] = [
    0xFBCE_22DB_9090_6FAE, 0xF76D_DC3F_E396_AB2F, 0x1FD1_BB6B_4299_3B53, 0x903B_93CD_08AF_420F,
  ]
}
