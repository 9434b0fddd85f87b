import CKernels
import Synchronization
import Tensors
import Testing
import TestSupport

@Suite("Stored tensors and packed weights")
struct WeightTests {
  /// The value of a half-precision number, by definition.
  private func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let (exponent, fraction) = (Int(bits >> 10) & 31, Float(bits & 1023))
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }

  private func stored<T: BitwiseCopyable>(_ type: ElementType, _ shape: [Int], _ numbers: [T]) throws -> StoredTensor {
    try StoredTensor(type: type, shape: shape, bytes: numbers.withUnsafeBytes { Array($0) })
  }

  @Test("all half-precision numbers convert exactly") func halves() throws {
    let bits = Array(UInt16.min...UInt16.max)
    let converted = try stored(.f16, [65536], bits).tensor().scalars
    #expect(sameBits(converted, bits.map(half)))
  }

  @Test("all bfloat16 numbers convert exactly") func brainFloats() throws {
    let bits = Array(UInt16.min...UInt16.max)
    let converted = try stored(.bf16, [256, 256], bits).tensor().scalars
    #expect(sameBits(converted, bits.map { Float(bitPattern: UInt32($0) << 16) }))
  }

  @Test("integers, doubles and booleans convert to f32") func others() throws {
    #expect(try stored(.i64, [3], [Int64(-7), 0, 1 << 40]).tensor().scalars == [-7, 0, 0x1p40])
    #expect(try stored(.i32, [2], [Int32.min, 5]).tensor().scalars == [-0x1p31, 5])
    #expect(try stored(.i8, [2], [Int8(-128), 127]).tensor().scalars == [-128, 127])
    #expect(try stored(.u8, [2], [UInt8(255), 1]).tensor().scalars == [255, 1])
    #expect(try stored(.u16, [1], [UInt16(65535)]).tensor().scalars == [65535])
    #expect(try stored(.bool, [3], [UInt8(0), 1, 7]).tensor().scalars == [0, 1, 1])
    #expect(try stored(.f64, [2], [0.1, -1e300]).tensor().scalars == [0.1, -.infinity])
    #expect(try stored(.f32, [0, 4], [Float]()).tensor().shape == [0, 4])
  }

  @Test("a byte count that does not match the shape throws") func contradictions() {
    let bytes = [UInt8](repeating: 0, count: 8)
    #expect(throws: TensorError.wrongByteCount(shape: [3], type: .f32, expected: 12, found: 8)) {
      try StoredTensor(type: .f32, shape: [3], bytes: bytes)
    }
    #expect(throws: TensorError.badShape([-1])) { try StoredTensor(type: .f32, shape: [-1], bytes: bytes) }
    for shape in [[Int.max, 2], [0, Int.max, Int.max], [1 << 62]] {
      #expect(throws: TensorError.badShape(shape)) { try StoredTensor(type: .f32, shape: shape, bytes: []) }
    }
  }

  @Test("both layouts unpack to the packed weights", arguments: [1, 7, 15, 16, 17, 40], [1, 3, 16, 130])
  func packing(_ outputs: Int, _ inputs: Int) throws {
    let numbers = randomNumbers(outputs * inputs, seed: 41)
    let rows = PackedMatrix(Tensor([outputs, inputs], numbers), layout: .outputsByInputs)
    let columns = PackedMatrix(Tensor([inputs, outputs], numbers), layout: .inputsByOutputs)
    #expect(rows.outputs == outputs && rows.inputs == inputs && columns.outputs == outputs)
    for output in 0..<outputs {
      #expect(rows.row(output) == Array(numbers[output * inputs..<(output + 1) * inputs]))
      #expect(columns.row(output) == (0..<inputs).map { numbers[$0 * outputs + output] })
    }
  }

  @Test("stacked matrices of different types unpack to their weights") func stacked() throws {
    let halves = (0..<5 * 9).map { UInt16($0 * 321) }
    let brains = (0..<20 * 9).map { UInt16($0 * 77 + 0x3000) }
    let parts = [try stored(.f16, [5, 9], halves), try stored(.bf16, [20, 9], brains)]
    let packed = PackedMatrix(parts, layout: .outputsByInputs)
    #expect(packed.outputs == 25)
    #expect(sameBits(packed.row(4), halves[36..<45].map(half)))
    #expect(packed.row(5) == brains[0..<9].map { Float(bitPattern: UInt32($0) << 16) })
    #expect(packed.row(24) == brains[171..<180].map { Float(bitPattern: UInt32($0) << 16) })
  }

  @Test("embedding returns the rows of the table") func table() {
    let numbers = randomNumbers(50 * 33, seed: 42)
    let table = PackedMatrix(Tensor([50, 33], numbers), layout: .outputsByInputs)
    let out = embedding([49, 0, 17, 17], table)
    #expect(out.shape == [4, 33])
    #expect(out.row(0) == Array(numbers[49 * 33..<50 * 33]) && out.row(3) == Array(numbers[17 * 33..<18 * 33]))
  }

  @Test("packing discards the source bytes exactly once") func discarding() throws {
    let owner = RecordingOwner(count: 100 * 7 * 4)
    let whole = try StoredTensor(type: .f32, shape: [100, 7], bytes: owner.bytes, owner: owner)
    _ = PackedMatrix(whole, layout: .outputsByInputs)
    #expect(owner.discarded == 100 * 7 * 4)
    _ = PackedMatrix(whole, layout: .inputsByOutputs)
    #expect(owner.discarded == 2 * 100 * 7 * 4)
  }

  @Test(
    "rounded formats are within half a step of the stored numbers", arguments: NumberFormat.uniform, [1, 31, 32, 100])
  func formats(_ format: NumberFormat, _ inputs: Int) {
    let numbers = randomNumbers(20 * inputs, seed: 43)
    let packed = PackedMatrix(Tensor([20, inputs], numbers), layout: .outputsByInputs, format: format)
    let columns = PackedMatrix(packedTransposed(numbers, inputs), layout: .inputsByOutputs, format: format)
    for output in 0..<20 {
      let row = packed.row(output)
      #expect(row == columns.row(output))
      for (held, stored) in zip(row, numbers[output * inputs..<(output + 1) * inputs]) {
        #expect(abs(held - stored) <= largestError(format, stored), "\(stored) as \(held)")
      }
    }
  }

  private func packedTransposed(_ numbers: [Float], _ inputs: Int) -> Tensor {
    Tensor([inputs, 20], (0..<inputs * 20).map { numbers[$0 % 20 * inputs + $0 / 20] })
  }

  /// The error bound for numbers up to 2: half a step, with the scale rounded up by at most 1/128. A q4 step is 2/8,
  /// and its positive range ends one step earlier.
  private func largestError(_ format: NumberFormat, _ stored: Float) -> Float {
    switch format {
    case .f32, .stored: 0
    case .bf16: abs(stored) / 256
    case .q8: 2.0 / 127 / 2 * 1.01
    case .q4: 2.0 / 8 * 1.01
    }
  }

  @Test("zeros stay zero, and a block with a non-finite weight becomes NaN", arguments: [NumberFormat.q8, .q4])
  func unusual(_ format: NumberFormat) {
    #expect(
      PackedMatrix(.zeros([3, 40]), layout: .outputsByInputs, format: format).row(2) == .init(repeating: 0, count: 40))
    var numbers = [Float](repeating: 1, count: 64)
    numbers[3] = .infinity
    let row = PackedMatrix(Tensor([1, 64], numbers), layout: .outputsByInputs, format: format).row(0)
    #expect(row[0..<32].allSatisfy(\.isNaN) && row[32..<64].allSatisfy { abs($0 - 1) < 0.01 })
  }
}

@Suite("Packed weights as stored bytes")
struct StoredPanelTests {
  private static let numbers = randomNumbers(37 * 70, seed: 51)

  private func matrix(_ format: NumberFormat) -> PackedMatrix {
    PackedMatrix(Tensor([37, 70], Self.numbers), layout: .outputsByInputs, format: format)
  }

  @Test("copied panels equal the packed weights, and their source is discarded", arguments: NumberFormat.uniform)
  func copying(_ format: NumberFormat) throws {
    let packed = matrix(format)
    #expect(PackedMatrix.byteCount(outputs: 37, inputs: 70, format: format) == packed.byteCount)
    let bytes = packed.withUnsafeBytes { Array($0) }
    // At an odd address, which can occur in a file.
    let owner = RecordingOwner(count: bytes.count + 1)
    UnsafeMutableRawBufferPointer(mutating: owner.bytes).copyBytes(from: [0] + bytes)
    let part = UnsafeRawBufferPointer(rebasing: owner.bytes[1...])
    let stored = try StoredTensor(type: .u8, shape: [bytes.count], bytes: part, owner: owner)
    let copy = PackedMatrix(panels: stored, outputs: 37, inputs: 70, format: format)
    #expect(copy.withUnsafeBytes { Array($0) } == bytes)
    #expect((0..<37).allSatisfy { sameBits(copy.row($0), packed.row($0)) })
    #expect(owner.discarded == bytes.count)
  }

  @Test("sizes that overflow have no byte count", arguments: NumberFormat.uniform)
  func sizes(_ format: NumberFormat) {
    for (outputs, inputs) in [(0, 1), (1, 0), (-1, 4), (Int.max, 1), (1, .max), (.max, .max), (1 << 40, 1 << 40)] {
      #expect(PackedMatrix.byteCount(outputs: outputs, inputs: inputs, format: format) == nil, "\(outputs) × \(inputs)")
    }
  }

  /// Model files contain these bytes. If you change the layout of a format's panels, increment
  /// `PackedMatrix.arrangement`, so that older files are rejected, and update the hashes here.
  @Test(
    "the panel layout has not changed without a new arrangement number", arguments: zip(NumberFormat.uniform, sums))
  func arrangement(_ format: NumberFormat, _ sum: UInt64) {
    #expect(PackedMatrix.arrangement == 1)
    let found = matrix(format).withUnsafeBytes { bytes in
      // FNV-1a.
      bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
    #expect(found == sum, "\(format): \(String(found, radix: 16))")
  }

  @Test("every number format is compared with the naive kernels, and its panels have a hash")
  func coverage() {
    #expect(ProductFormat.converted.map(\.rawValue) == NumberFormat.uniform.map(\.rawValue))
    #expect(Self.sums.count == NumberFormat.uniform.count)
  }

  private static let sums: [UInt64] = [
    0xFBCE_22DB_9090_6FAE, 0xF76D_DC3F_E396_AB2F, 0x1FD1_BB6B_4299_3B53, 0x903B_93CD_08AF_420F,
  ]
}

/// Zeros that record how many of their bytes were discarded.
final class RecordingOwner: StoredBytesOwner, @unchecked Sendable {
  // The buffer is only written in `init`.
  private let buffer: UnsafeMutableRawBufferPointer
  private let count = Mutex(0)

  init(count: Int) {
    buffer = .allocate(byteCount: count, alignment: 64)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(buffer) }
  var discarded: Int { count.withLock { $0 } }

  func discard(_ bytes: UnsafeRawBufferPointer) { count.withLock { $0 += bytes.count } }

  deinit { buffer.deallocate() }
}
