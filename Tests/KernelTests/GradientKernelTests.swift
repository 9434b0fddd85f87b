import CKernels
import Testing

@Suite("Gradient kernels equal the naive kernels bit for bit")
struct GradientKernelTests {
  @Test(
    "sums and products that are added equal the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func sums(_ set: InstructionSet, _ count: Int) {
    let (a, b) = (randomNumbers(3 * count, seed: 1), randomNumbers(count, seed: 2))
    same(set, count) { $0.add_rows(a, count, 3, count, $1) }
    same(set, count) { $0.multiply_add(a, b, $1, count) }
    same(set, count) { $0.scale_add(a, 0.3, $1, count) }
    same(set, count) { $0.drop_back(a, 0x1234_5678_9ABC_DEF0, 1 << 30, 1.25, $1, count) }
    for residual in [nil, b] as [[Float]?] {
      same(set, count) { kernels, out in
        if let residual {
          kernels.drop(a, 0x1234_5678_9ABC_DEF0, 1 << 30, 1.25, residual, out, count)
        } else {
          kernels.drop(a, 0x1234_5678_9ABC_DEF0, 1 << 30, 1.25, nil, out, count)
        }
      }
    }
    #expect(
      set.kernels.square_sum(a, count).bitPattern == InstructionSet.naive.square_sum(a, count).bitPattern)
  }

  @Test("derivatives of activations equal the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func activations(_ set: InstructionSet, _ count: Int) {
    let (x, dy) = (hardNumbers(count, seed: 3), randomNumbers(count, seed: 4))
    for code in 0..<UInt32(CK_ACTIVATION_COUNT) { same(set, count) { $0.activate_back(code, x, dy, $1, count) } }
  }

  @Test("gradients of norms and softmax equal the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func norms(_ set: InstructionSet, _ count: Int) {
    let (x, dy) = (randomNumbers(count, seed: 5), randomNumbers(count, seed: 6))
    let weight = randomNumbers(count, seed: 7)
    let statistics: [Float] = [0.1, 0.8]
    same(set, count) { $0.layer_norm_back(x, weight, statistics, dy, $1, count) }
    same(set, count) { $0.rms_norm_back(x, weight, 0.8, dy, $1, count) }
    same(set, 2 * count) { $0.norm_weights_back(x, 0.1, 0.8, dy, $1, $1 + count, count) }
    same(set, count) { $0.norm_weights_back(x, 0, 0.8, dy, $1, nil, count) }
    same(set, count) { $0.softmax_back(x, dy, $1, count) }
    same(set, count) { $0.log_softmax_back(x, dy, $1, count) }
  }

  @Test("cross-entropies and their gradients equal the naive kernels'", arguments: InstructionSet.available)
  func losses(_ set: InstructionSet) {
    for count in awkwardLengths where count > 0 {
      let x = randomNumbers(count, seed: 8, range: 10)
      for smoothing in [0, 0.1] as [Float] {
        var (fast, slow) = (0.0, 0.0)
        let found = written(count) {
          fast = set.kernels.cross_entropy(x, count, count / 2, smoothing, 0.25, $0)
        }
        let expected = written(count) {
          slow = InstructionSet.naive.cross_entropy(x, count, count / 2, smoothing, 0.25, $0)
        }
        #expect(sameBits(found, expected) && fast.bitPattern == slow.bitPattern, "\(count) classes")
        // In place of the logits.
        let inPlace = written(count) {
          $0.update(from: x, count: count)
          fast = set.kernels.cross_entropy($0, count, count / 2, smoothing, 0.25, $0)
        }
        #expect(sameBits(inPlace, expected) && fast.bitPattern == slow.bitPattern, "\(count) classes in place")
      }
    }
  }

  @Test("a step of Adam equals the naive kernel's", arguments: InstructionSet.available, awkwardLengths)
  func adam(_ set: InstructionSet, _ count: Int) {
    var step = ck_adam(
      gradient_factor: 0.5, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0.999, step_size: 0.01, second_factor: 3)
    let gradient = randomNumbers(count, seed: 9)
    same(set, 3 * count) { kernels, numbers in
      for i in 0..<count { numbers[2 * count + i] = abs(numbers[2 * count + i]) }
      kernels.adam(&step, gradient, numbers, numbers + count, numbers + 2 * count, count)
    }
  }

  /// Products of the gradient of weights: stored by columns, and continued.
  @Test("a product by columns continues its sums as the naive kernel does", arguments: InstructionSet.available)
  func products(_ set: InstructionSet) {
    for (rows, depth, outputs) in [(1, 1, 1), (7, 9, 17), (13, 600, 50), (40, 33, 16)] {
      let (x, weights) = (randomNumbers(depth * rows, seed: 10), randomNumbers(depth * outputs, seed: 11))
      var panels = [Float](repeating: .nan, count: (outputs + 15) / 16 * 16 * depth)
      ck_lay_panels(weights, 1, outputs, outputs, depth, 0, depth, &panels)
      var expected = randomNumbers(rows * outputs, seed: 12)
      let start = expected
      for row in 0..<rows {
        for output in 0..<outputs {
          for k in 0..<depth {
            let sum = expected[row * outputs + output]
            expected[row * outputs + output] = sum.addingProduct(x[k * rows + row], weights[k * outputs + output])
          }
        }
      }
      var scratch = [Float](repeating: .nan, count: ck_multiply_columns_scratch(rows, depth) / 4)
      // In one part, and in two.
      for cut in [0, depth / 3] {
        var found = start
        for part in [0..<cut, cut..<depth] where !part.isEmpty {
          ck_lay_panels(
            Array(weights[(part.lowerBound * outputs)...]), 1, outputs, outputs, part.count, 0, part.count, &panels)
          found.withUnsafeMutableBufferPointer { found in
            guard let out = found.baseAddress else { return }
            withUnsafePointer(to: set.kernels) { kernels in
              panels.withUnsafeBufferPointer { panels in
                guard let base = panels.baseAddress else { return }
                let product = ck_product(
                  inputs: base, rows: rows, depth: part.count, weights: base, outputs: outputs, bias: nil,
                  activation: 0, residual: nil, residual_stride: 0, out: out, out_stride: outputs, continues: true,
                  panels_to_next: 0)
                ck_multiply_columns(kernels, product, Array(x[(part.lowerBound * rows)...]), rows, &scratch)
              }
            }
          }
        }
        #expect(sameBits(found, expected), "\(rows) rows, \(depth) inputs, \(outputs) outputs")
      }
    }
  }

  @Test("panels of a transposed matrix equal those of its copy")
  func panels() {
    for (outputs, depth) in [(1, 1), (17, 9), (32, 40)] {
      let x = randomNumbers(outputs * depth, seed: 13)
      let turned = (0..<outputs * depth).map { x[$0 % depth * outputs + $0 / depth] }
      var (first, second) = ([Float](repeating: 7, count: (outputs + 15) / 16 * 16 * depth), [Float]())
      second = first
      ck_lay_panels(x, 1, outputs, outputs, depth, 0, depth, &first)
      ck_lay_panels(turned, depth, 1, outputs, depth, 0, depth, &second)
      #expect(sameBits(first, second))
    }
  }

  private struct AttentionCase {
    var queries = 1
    var keys = 1
    var heads = 1
    var width = 16
    var first = 1
    var step = 1
    var begin = 0
    var beginStep = 0
    var softCap: Float = 0
    var hasSlopes = false
    var hasBias = false
    /// Above 0: dropout of about this share of 2³².
    var threshold: UInt32 = 0
  }

  private static let attentionCases = [
    AttentionCase(), AttentionCase(queries: 5, keys: 5, heads: 2, width: 7),
    AttentionCase(queries: 33, keys: 40, heads: 1, width: 64, first: 8),
    AttentionCase(queries: 70, keys: 70, heads: 3, width: 48, first: 70, step: 0),
    AttentionCase(queries: 20, keys: 20, heads: 2, width: 33, begin: -3, beginStep: 1),
    AttentionCase(queries: 9, keys: 17, heads: 2, width: 16, first: 9, softCap: 2, hasSlopes: true, hasBias: true),
    AttentionCase(queries: 35, keys: 40, heads: 2, width: 20, first: 6, threshold: 1 << 30),
    AttentionCase(queries: 9, keys: 17, heads: 2, width: 16, first: 9, softCap: 2, hasBias: true, threshold: 1 << 31),
  ]

  @Test("gradients of attention equal the naive kernel's", arguments: InstructionSet.available)
  func attention(_ set: InstructionSet) {
    for c in Self.attentionCases {
      let (row, keyNumbers, biases) = (c.heads * c.width, c.keys * c.width, c.heads * c.queries * c.keys)
      let queryNumbers = c.queries * row
      // Queries, outputs and their gradients; keys and values; log-sums, biases and slopes.
      let inputs = randomNumbers(3 * queryNumbers + 2 * keyNumbers + c.queries * c.heads + biases + c.heads, seed: 14)
      var scratch = [Float](repeating: 0, count: ck_attention_gradient_scratch(c.width, c.keys))
      let dropoutKeys = (0..<c.queries * c.heads).map { 0x9E37_79B9_7F4A_7C15 &* UInt64($0 + 1) }
      same(set, queryNumbers + 2 * keyNumbers + biases) { kernels, out in
        inputs.withUnsafeBufferPointer { inputs in
          dropoutKeys.withUnsafeBufferPointer { dropoutKeys in
            scratch.withUnsafeMutableBufferPointer { scratch in
              guard let q = inputs.baseAddress, let memory = scratch.baseAddress else { return }
              let (k, keyOut) = (q + 3 * queryNumbers, out + queryNumbers)
              let logSums = k + 2 * keyNumbers
              let bias = logSums + c.queries * c.heads
              var call = ck_attention_gradient(
                queries: q, query_stride: row, query_count: c.queries, heads: c.heads, head_width: c.width, keys: k,
                values: k + keyNumbers, key_stride: c.width, value_stride: c.width, key_count: c.keys,
                output: q + queryNumbers, output_gradient: q + 2 * queryNumbers, output_stride: row,
                output_gradient_stride: row, log_sums: logSums, log_sums_stride: c.heads, first_limit: c.first,
                limit_step: c.step, first_begin: Int64(c.begin), begin_step: c.beginStep, scale: 0.25,
                soft_cap: c.softCap, slopes: c.hasSlopes ? bias + biases : nil, bias: c.hasBias ? bias : nil,
                bias_gradient: c.hasBias ? keyOut + 2 * keyNumbers : nil, query_gradient: out, key_gradient: keyOut,
                value_gradient: keyOut + keyNumbers, query_gradient_stride: row, key_gradient_stride: c.width,
                value_gradient_stride: c.width,
                dropout: ck_dropout(
                  keys: c.threshold > 0 ? dropoutKeys.baseAddress : nil, stride: c.heads, threshold: c.threshold,
                  scale: 1.25),
                scratch: memory)
              kernels.attend_back(&call)
            }
          }
        }
      }
    }
  }

  /// Checks that a kernel changes the same numbers in the same way as the naive one.
  private func same(
    _ set: InstructionSet, _ count: Int, _ body: (ck_kernels, UnsafeMutablePointer<Float>) -> Void,
    at location: SourceLocation = #_sourceLocation
  ) {
    let start = randomNumbers(count, seed: 30)
    func run(_ kernels: ck_kernels) -> [Float] {
      written(count) { out in
        for i in 0..<count { out[i] = start[i] }
        body(kernels, out)
      }
    }
    #expect(sameBits(run(set.kernels), run(InstructionSet.naive)), sourceLocation: location)
  }
}
