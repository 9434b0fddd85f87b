import CKernels
import TestSupport
import Testing

@Suite("Products with weights as files store them equal the naive kernels bit for bit")
struct StoredProductTests {
  @Test(
    "products of any number of blocks and outputs equal the naive kernels'", arguments: InstructionSet.available,
    ProductFormat.stored)
  func lengths(_ set: InstructionSet, _ format: ProductFormat) {
    for depth in format.depths {
      for outputs in [1, 7, 15, 16, 17, 33, 130] {
        var product = ProductCase(PackedWeights(format, rows: StoredRows(format, depth: depth, outputs: outputs)))
        product.bias = randomNumbers(outputs, seed: 22)
        product.activation = Int(CK_GELU_TANH)
        for rows in [1, 3] {
          product.rows = rows
          product.x = randomNumbers(rows * depth, seed: 23)
          product.residual = randomNumbers(rows * outputs, seed: 24)
          #expect(
            sameBits(product.run(set.kernels), product.run(InstructionSet.naive)), "\(rows) × \(depth) × \(outputs)")
        }
      }
    }
  }

  @Test(
    "products of any number of rows and panels per call equal the naive kernels'", arguments: InstructionSet.available,
    ProductFormat.stored)
  func rows(_ set: InstructionSet, _ format: ProductFormat) {
    let depth = format == .f16 ? 67 : 256
    var product = ProductCase(PackedWeights(format, rows: StoredRows(format, depth: depth, outputs: 16 * 7 - 3)))
    for rows in 1...19 {
      product.rows = rows
      product.x = randomNumbers(rows * depth, seed: 25)
      let slow = product.run(InstructionSet.naive)
      for panelsAtOnce in [1, 2, 3, 5, 100] {
        #expect(
          sameBits(product.run(set.kernels, panelsAtOnce: panelsAtOnce), slow),
          "\(rows) rows, \(panelsAtOnce) panels at once")
      }
    }
  }

  @Test(
    "products of many rows, with partial sums stored between chunks, equal the naive kernels'",
    arguments: InstructionSet.available, ProductFormat.stored)
  func manyRows(_ set: InstructionSet, _ format: ProductFormat) {
    // One depth below and one above the size of a chunk.
    for depth in format == .f16 ? [255, 517, 2050] : [768, 3072] {
      var product = ProductCase(PackedWeights(format, rows: StoredRows(format, depth: depth, outputs: 56)))
      for rows in depth > 1000 ? [37] : [18, 24, 37] {
        product.rows = rows
        product.x = randomNumbers(rows * depth, seed: 32)
        #expect(sameBits(product.run(set.kernels), product.run(InstructionSet.naive)), "\(rows) rows of \(depth)")
      }
    }
  }

  @Test("a row's result does not depend on the other rows", arguments: InstructionSet.available, ProductFormat.stored)
  func rowInvariance(_ set: InstructionSet, _ format: ProductFormat) {
    let (rows, depth, outputs) = (23, 512, 49)
    var product = ProductCase(PackedWeights(format, rows: StoredRows(format, depth: depth, outputs: outputs)))
    let x = randomNumbers(rows * depth, seed: 26)
    (product.x, product.rows) = (x, rows)
    let together = product.run(set.kernels)
    for row in 0..<rows {
      (product.x, product.rows) = (Array(x[row * depth..<(row + 1) * depth]), 1)
      #expect(sameBits(product.run(set.kernels), Array(together[row * outputs..<(row + 1) * outputs])))
    }
  }

  @Test(
    "products of any bytes and any inputs, including NaN, infinities and subnormal numbers, equal the naive kernels'",
    arguments: InstructionSet.available,
    ProductFormat.stored)
  func extremes(_ set: InstructionSet, _ format: ProductFormat) {
    for seed in 0..<12 as Range<UInt64> {
      var generator = SplitMix64(seed: seed)
      let rows = StoredRows(format, depth: 256, outputs: 16, seed: seed, anyBytes: true)
      var product = ProductCase(PackedWeights(format, rows: rows))
      product.x = (0..<256).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator)) }
      #expect(sameBits(product.run(set.kernels), product.run(InstructionSet.naive)), "seed \(seed)")
      product.x = product.x.map { $0.isFinite ? $0.significand * 0x1p-140 * ($0 < 0 ? -1 : 1) : 0 }
      #expect(sameBits(product.run(set.kernels), product.run(InstructionSet.naive)), "tiny, seed \(seed)")
    }
  }

  @Test("integer sums of a block's largest codes and inputs are exact", arguments: InstructionSet.available)
  func largest(_ set: InstructionSet) {
    for (format, byte) in [(ProductFormat.q8_0, UInt8(0x80)), (.q4_0, 0), (.q6_k, 0)] {
      var rows = StoredRows(format, depth: 256, outputs: 16)
      rows.setCodes(to: byte)
      var product = ProductCase(PackedWeights(format, rows: rows))
      product.x = (0..<256).map { $0 < 128 ? 3 : -3 }
      product.rows = 1
      let sums = product.run(set.kernels)
      #expect(sameBits(sums, product.run(InstructionSet.naive)))
      let exact = zip(product.x, rows.numbers).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let size = zip(product.x, rows.numbers).reduce(0) { $0 + abs(Double($1.0) * Double($1.1)) }
      #expect(abs(Double(sums[0]) - exact) < 1e-5 * size)
    }
  }

  @Test(
    "products with f16 weights equal products with the same weights in f32, bit for bit",
    arguments: InstructionSet.available)
  func halves(_ set: InstructionSet) {
    let rows = StoredRows(.f16, depth: 517, outputs: 37)
    var (halves, singles) = (
      ProductCase(PackedWeights(.f16, rows: rows)),
      ProductCase(PackedWeights(.f32, depth: 517, outputs: 37, numbers: rows.numbers))
    )
    for count in [1, 5, 31] {
      halves.rows = count
      halves.x = randomNumbers(count * 517, seed: 28)
      (singles.rows, singles.x) = (count, halves.x)
      #expect(sameBits(halves.run(set.kernels), singles.run(set.kernels)))
    }
  }

  @Test("products are accurate to the 15 or 16 bits of their inputs", arguments: ProductFormat.stored)
  func value(_ format: ProductFormat) {
    let (depth, outputs) = (512, 20)
    let rows = StoredRows(format, depth: depth, outputs: outputs)
    var product = ProductCase(PackedWeights(format, rows: rows))
    product.x = randomNumbers(depth, seed: 27)
    let out = product.run(ck_active().pointee)
    for output in 0..<outputs {
      let row = rows.numbers[output * depth..<(output + 1) * depth]
      let exact = zip(product.x, row).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let size = zip(product.x, row).reduce(0) { $0 + abs(Double($1.0) * Double($1.1)) }
      #expect(abs(Double(out[output]) - exact) < 1e-5 * size, "output \(output)")
    }
  }

  @Test("a panel has the bytes of its rows, and gives back their values", arguments: ProductFormat.stored)
  func panels(_ format: ProductFormat) {
    for depth in format.depths where depth > 0 {
      let rows = StoredRows(format, depth: depth, outputs: 19, anyBytes: true)
      let (weights, numbers) = (PackedWeights(format, rows: rows), rows.numbers)
      #expect(ck_panel_bytes(format.code, depth) == 16 * rows.rowBytes)
      for output in 0..<rows.outputs {
        let row = written(depth) { out in
          weights.panels.withUnsafeBytes { panels in
            guard let base = panels.baseAddress else { return }
            ck_unpack_weights(base, format.code, depth, output, out)
          }
        }
        #expect(sameBits(row, Array(numbers[output * depth..<(output + 1) * depth])), "output \(output)")
      }
    }
  }
}

/// Rows of weights as a file stores them.
struct StoredRows {
  let type: UInt32
  let depth: Int
  let outputs: Int
  private(set) var bytes: [UInt8]

  /// Random rows of ordinary numbers, or of any bytes.
  init(_ format: ProductFormat, depth: Int, outputs: Int, seed: UInt64 = 21, anyBytes: Bool = false) {
    (type, self.depth, self.outputs) = (format.storedType, depth, outputs)
    var generator = SplitMix64(seed: seed)
    let count = outputs * depth / ck_block_elements(type) * ck_block_bytes(type)
    bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    guard !anyBytes else { return }
    for block in stride(from: 0, to: count, by: ck_block_bytes(type)) {
      for place in format.halves {
        // Scales between 2^-8 and 2^-7; f16 weights below 1, of both signs.
        let high = bytes[block + place + 1]
        bytes[block + place + 1] = format == .f16 ? (high & 0x9B) | 0x20 : (high & 3) | 0x1C
      }
    }
  }

  var rowBytes: Int { depth / ck_block_elements(type) * ck_block_bytes(type) }

  /// The values, `[outputs, depth]`.
  var numbers: [Float] {
    written(outputs * depth) { out in
      bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        ck_convert(base, type, out, outputs * depth)
      }
    }
  }

  /// Sets all bytes of codes and byte scales.
  mutating func setCodes(to byte: UInt8) {
    let format = ProductFormat.stored.first { $0.storedType == type }
    for index in bytes.indices {
      let place = index % ck_block_bytes(type)
      if format?.halves.contains(where: { place == $0 || place == $0 + 1 }) == false { bytes[index] = byte }
      // The scales of q6_k.
      if format == .q6_k, 192..<208 ~= place { bytes[index] = 0x80 }
    }
  }
}

extension ProductFormat {
  /// The type of a stored format's elements.
  var storedType: UInt32 {
    switch self {
    case .q8_0: UInt32(CK_Q8_0)
    case .q4_0: UInt32(CK_Q4_0)
    case .q4_k: UInt32(CK_Q4_K)
    case .q5_k: UInt32(CK_Q5_K)
    case .q6_k: UInt32(CK_Q6_K)
    default: UInt32(CK_F16)
    }
  }

  /// The places of half-precision numbers in a block.
  var halves: [Int] {
    switch self {
    case .q4_k, .q5_k: [0, 2]
    case .q6_k: [208]
    default: [0]
    }
  }

  /// Lengths of rows: whole blocks, and for f16 any.
  var depths: [Int] {
    switch self {
    case .f16: awkwardLengths
    case .q8_0, .q4_0: [0, 32, 64, 96, 1024]
    default: [0, 256, 512, 1280]
    }
  }
}
