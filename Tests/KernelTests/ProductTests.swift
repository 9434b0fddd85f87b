import CKernels
import Testing
import TestSupport

@Suite("Matrix products equal the naive kernels bit for bit")
struct ProductTests {
  @Test(
    "products of any depth and number of outputs equal the naive kernels'", arguments: InstructionSet.available,
    ProductFormat.converted)
  func lengths(_ set: InstructionSet, _ format: ProductFormat) {
    for depth in awkwardLengths {
      for outputs in awkwardLengths where outputs > 0 && outputs * depth < 300_000 {
        let weights = PackedWeights(format, depth: depth, outputs: outputs)
        var product = ProductCase(weights)
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
    ProductFormat.converted)
  func rows(_ set: InstructionSet, _ format: ProductFormat) {
    let depth = 67
    var product = ProductCase(PackedWeights(format, depth: depth, outputs: 16 * 13 - 3))
    for rows in 1...19 {
      product.rows = rows
      product.x = randomNumbers(rows * depth, seed: 25)
      let slow = product.run(InstructionSet.naive)
      for panelsAtOnce in [1, 2, 3, 4, 5, 100] {
        #expect(
          sameBits(product.run(set.kernels, panelsAtOnce: panelsAtOnce), slow),
          "\(rows) rows, \(panelsAtOnce) panels at once")
      }
    }
  }

  @Test(
    "products of many rows, with partial sums stored between chunks, equal the naive kernels'",
    arguments: InstructionSet.available, ProductFormat.converted)
  func manyRows(_ set: InstructionSet, _ format: ProductFormat) {
    // Depths around the chunk sizes, and row counts around the threshold for chunking.
    let outputs = 72
    for depth in [127, 128, 257, 515, 1025, 2050] {
      var product = ProductCase(PackedWeights(format, depth: depth, outputs: outputs))
      product.bias = randomNumbers(outputs, seed: 31)
      for rows in depth > 1000 ? [31, 37] : [18, 19, 24, 31, 37] {
        product.rows = rows
        product.x = randomNumbers(rows * depth, seed: 32)
        product.residual = randomNumbers(rows * outputs, seed: 33)
        #expect(sameBits(product.run(set.kernels), product.run(InstructionSet.naive)), "\(rows) rows of \(depth)")
      }
    }
  }

  @Test("bf16 sums flush results below the smallest normal number, after rounding", arguments: InstructionSet.available)
  func flushing(_ set: InstructionSet) {
    // The odd element is added first and gives 2^-126; the even one then subtracts slightly less.
    for (exponent, isKept) in [(149, false), (150, false), (151, true), (152, true)] {
      let (first, second) = (-Float(sign: .plus, exponent: -75, significand: 1), Float(0x1p-63))
      let rest = Float(sign: .plus, exponent: 75 - exponent, significand: 1)
      for rows in [1, 5, 30] {
        var product = ProductCase(PackedWeights(.bf16, depth: 2, outputs: 1, numbers: [first, second]))
        product.rows = rows
        product.x = Array(repeating: [rest, 0x1p-63], count: rows).flatMap(\.self)
        let sums = product.run(set.kernels)
        #expect(sameBits(sums, product.run(InstructionSet.naive)), "2^-126 - 2^-\(exponent)")
        #expect(sums.allSatisfy { $0 == (isKept ? 0x1p-126 : 0) }, "2^-126 - 2^-\(exponent)")
      }
    }
    // The bias is added after the sum and keeps its subnormal value.
    var product = ProductCase(PackedWeights(.bf16, depth: 2, outputs: 1, numbers: [1, 1]))
    (product.rows, product.x, product.bias) = (24, Array(repeating: 0, count: 48), [0x1p-140])
    #expect(product.run(set.kernels).allSatisfy { $0 == 0x1p-140 })
  }

  @Test(
    "a row's result does not depend on the other rows", arguments: InstructionSet.available, ProductFormat.converted)
  func rowInvariance(_ set: InstructionSet, _ format: ProductFormat) {
    let (rows, depth, outputs) = (23, 100, 49)
    var product = ProductCase(PackedWeights(format, depth: depth, outputs: outputs))
    let x = randomNumbers(rows * depth, seed: 26)
    (product.x, product.rows) = (x, rows)
    let together = product.run(set.kernels)
    for row in 0..<rows {
      (product.x, product.rows) = (Array(x[row * depth..<(row + 1) * depth]), 1)
      #expect(sameBits(product.run(set.kernels), Array(together[row * outputs..<(row + 1) * outputs])))
    }
  }

  @Test(
    "products of arbitrary bit patterns, including NaN, infinities and subnormal numbers, equal the naive kernels'",
    arguments: InstructionSet.available,
    ProductFormat.converted)
  func extremes(_ set: InstructionSet, _ format: ProductFormat) {
    let depth = 130
    for seed in 0..<20 as Range<UInt64> {
      var generator = SplitMix64(seed: seed)
      var anyBits: [Float] {
        (0..<depth * 16).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator)) }
      }
      var product = ProductCase(PackedWeights(format, depth: depth, outputs: 16, numbers: anyBits))
      product.x = Array(anyBits.prefix(depth))
      #expect(sameBits(product.run(set.kernels), product.run(InstructionSet.naive)), "seed \(seed)")
      // Small numbers, whose products and sums are subnormal.
      var tiny: [Float] { anyBits.map { $0.isFinite ? $0.significand * 0x1p-62 * ($0 < 0 ? -1 : 1) : 0 } }
      product = ProductCase(PackedWeights(format, depth: depth, outputs: 16, numbers: tiny))
      product.x = tiny.prefix(depth).map { $0 * 0x1p-2 }
      #expect(sameBits(product.run(set.kernels), product.run(InstructionSet.naive)), "tiny, seed \(seed)")
    }
  }

  @Test("products are accurate to the format's rounding", arguments: ProductFormat.converted)
  func value(_ format: ProductFormat) {
    let (depth, outputs) = (320, 20)
    let weights = PackedWeights(format, depth: depth, outputs: outputs)
    var product = ProductCase(weights)
    product.x = randomNumbers(depth, seed: 27)
    let out = product.run(ck_active().pointee)
    for output in 0..<outputs {
      let row = weights.numbers[output * depth..<(output + 1) * depth]
      let exact = zip(product.x, row).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(Double(out[output]) - exact) < format.tolerance, "output \(output)")
    }
  }
}
