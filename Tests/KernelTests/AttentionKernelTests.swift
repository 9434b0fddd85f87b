import CKernels
import Testing

@Suite("Attention kernels equal the naive kernels bit for bit")
struct AttentionKernelTests {
  private struct Case {
    var queries = 1
    var keys = 1
    var headWidth = 16
    var isCausal = true
    var hasBias = false
    var isHalf = false
    /// `first_limit` and `limit_step`, if they differ from those of causal or full attention.
    var limits: (first: Int, step: Int)?
    /// The first visible key of query 0, and its increment for each further query.
    var begins = (first: 0, step: 0)
    var softCap: Float = 0
    var slope: Float = 0
    /// Above 0: dropout of about this share of 2³².
    var threshold: UInt32 = 0
  }

  private func bytes<T>(_ numbers: [T]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }

  private func withBoth<A, B>(
    _ a: [A], _ b: [B], _ body: (UnsafeBufferPointer<A>, UnsafeBufferPointer<B>) -> Void
  ) {
    a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { body(a, $0) } }
  }

  /// The outputs, followed by the attention probabilities and the log-sums.
  private func attend(_ kernels: ck_kernels, _ c: Case) -> [Float] {
    let padded = (c.headWidth + 15) / 16 * 16
    let blockSize = 16 * (c.headWidth + padded)
    let blockCount = (c.keys + 15) / 16
    // Positions beyond the last key are NaN, to detect kernels that read them into a result.
    var memory = randomNumbers(max(1, blockCount * blockSize), seed: 31)
    for position in c.keys..<blockCount * 16 {
      let block = position / 16 * blockSize
      for d in 0..<c.headWidth { memory[block + d * 16 + position % 16] = .nan }
      for d in 0..<padded { memory[block + 16 * c.headWidth + position % 16 * padded + d] = .nan }
    }
    let queries = randomNumbers(c.queries * c.headWidth, seed: 32)
    let bias = randomNumbers(max(1, c.queries * c.keys), seed: 33, range: 5)
    let outputs = c.queries * c.headWidth
    var halves = [UInt16](repeating: 0, count: memory.count)
    ck_round_to_bf16(memory, memory.count, &halves, 1)
    let keys = (0..<c.queries).map { 0x9E37_79B9_7F4A_7C15 &* UInt64($0 + 1) }
    let limits = c.limits ?? (c.isCausal ? (c.keys - c.queries + 1, 1) : (c.keys, 0))
    return (c.isHalf ? bytes(halves) : bytes(memory)).withUnsafeBytes { memory in
      queries.withUnsafeBufferPointer { queries in
        bias.withUnsafeBufferPointer { bias in
          written(outputs + c.queries * c.keys + c.queries) { out in
            guard let base = memory.baseAddress, let queryBase = queries.baseAddress else { return }
            let blocks = (0..<max(1, blockCount)).map { base + $0 * blockSize * (c.isHalf ? 2 : 4) }
            _ = written(ck_attention_scratch(c.headWidth, c.keys)) { scratch in
              withBoth(blocks, keys) { blocks, keys in
                guard let blockBase = blocks.baseAddress else { return }
                var task = ck_attention(
                  queries: queryBase, query_stride: c.headWidth, query_count: c.queries, head_width: c.headWidth,
                  blocks: blockBase, block_type: UInt32(c.isHalf ? CK_BF16 : CK_F32), key_offset: 0,
                  value_offset: 16 * c.headWidth, key_count: c.keys,
                  first_limit: limits.first, limit_step: limits.step, first_begin: Int64(c.begins.first),
                  begin_step: c.begins.step, scale: 0.25, soft_cap: c.softCap, slope: c.slope,
                  bias: c.hasBias ? bias.baseAddress : nil, bias_stride: c.keys, out: out,
                  out_stride: c.headWidth, weights: out + outputs, weights_stride: c.keys,
                  log_sums: out + outputs + c.queries * c.keys, log_sums_stride: 1,
                  dropout: ck_dropout(
                    keys: c.threshold > 0 ? keys.baseAddress : nil, stride: 1, threshold: c.threshold, scale: 1.25),
                  scratch: scratch)
                kernels.attend(&task)
              }
            }
          }
        }
      }
    }
  }

  @Test(
    "outputs equal the naive kernels' for any number of keys and queries", arguments: InstructionSet.available,
    [1, 7, 15, 16, 17, 31, 33, 64, 65, 200])
  func keys(_ set: InstructionSet, _ keys: Int) {
    for hasBias in [false, true] {
      for isCausal in [false, true] {
        for queries in [1, 2, 6, 8, 9, 10, 17] where queries <= keys || !isCausal {
          for isHalf in [false, true] {
            let c = Case(
              queries: queries, keys: keys, headWidth: 16, isCausal: isCausal, hasBias: hasBias, isHalf: isHalf)
            let fast = attend(set.kernels, c)
            #expect(sameBits(fast, attend(InstructionSet.naive, c)), "\(c)")
            #expect(!fast.contains { $0.isNaN }, "\(c)")
          }
        }
      }
    }
  }

  @Test(
    "outputs equal the naive kernels' for any head width", arguments: InstructionSet.available,
    [1, 5, 8, 16, 20, 32, 48, 64, 80, 128])
  func widths(_ set: InstructionSet, _ width: Int) {
    for queries in [1, 11] {
      for isHalf in [false, true] {
        let c = Case(queries: queries, keys: 37, headWidth: width, isCausal: true, hasBias: true, isHalf: isHalf)
        #expect(sameBits(attend(set.kernels, c), attend(InstructionSet.naive, c)), "\(c)")
      }
    }
  }

  @Test(
    "outputs equal the naive kernels' for any limits of visible keys", arguments: InstructionSet.available,
    [(1, 1), (5, 1), (37, 1), (33, 1), (1, 2), (20, 3), (30, 2), (32, 2), (34, 2), (0, 1)])
  func limits(_ set: InstructionSet, _ limits: (first: Int, step: Int)) {
    for queries in [7, 8, 20] {
      let c = Case(queries: queries, keys: 37, headWidth: 20, limits: limits)
      #expect(sameBits(attend(set.kernels, c), attend(InstructionSet.naive, c)), "\(c)")
    }
  }

  @Test(
    "outputs with sliding windows, soft caps and slopes equal the naive kernels'", arguments: InstructionSet.available,
    [(-3, 1), (0, 1), (1, 1), (14, 1), (16, 1), (17, 1), (30, 1), (-40, 2), (20, 3), (5, 0), (36, 0), (90, 1)])
  func special(_ set: InstructionSet, _ begins: (first: Int, step: Int)) {
    for queries in [1, 7, 8, 20] {
      for (limits, width) in [((37, 0), 20), ((18, 1), 16), ((37 - queries + 1, 1), 40), ((30, 2), 5)] {
        for (index, (softCap, slope)) in ([(0, 0), (3, 0), (0, 0.25), (3, -0.5)] as [(Float, Float)]).enumerated() {
          // Every pair of a cap and a slope with both kinds of keys, in turns.
          let isHalf = (index + begins.first + queries) % 2 != 0
          let c = Case(
            queries: queries, keys: 37, headWidth: width, hasBias: isHalf, isHalf: isHalf, limits: limits,
            begins: begins, softCap: softCap, slope: slope)
          let fast = attend(set.kernels, c)
          #expect(sameBits(fast, attend(InstructionSet.naive, c)), "\(c)")
          #expect(!fast.contains { $0.isNaN }, "\(c)")
        }
      }
    }
  }

  @Test("outputs with dropout equal the naive kernels'", arguments: InstructionSet.available)
  func dropout(_ set: InstructionSet) {
    for queries in [1, 7, 8, 20] {
      for (begins, isHalf) in [((0, 0), false), ((0, 0), true), ((3, 1), false)] {
        let plain = Case(queries: queries, keys: 37, headWidth: 20, isHalf: isHalf, begins: begins)
        var dropped = plain
        dropped.threshold = 1 << 30
        let fast = attend(set.kernels, dropped)
        #expect(sameBits(fast, attend(InstructionSet.naive, dropped)), "\(dropped)")
        #expect(!sameBits(fast, attend(set.kernels, plain)), "nothing is dropped")
        // The log-sums are those before dropout.
        #expect(sameBits(Array(fast.suffix(queries)), Array(attend(set.kernels, plain).suffix(queries))))
      }
    }
  }

  @Test("a window that includes all keys changes no bit", arguments: InstructionSet.available)
  func wideWindow(_ set: InstructionSet) {
    for queries in [1, 9] {
      let plain = Case(queries: queries, keys: 37, headWidth: 20)
      var wide = plain
      wide.begins = (37 - queries + 1 - 37, 1)
      #expect(sameBits(attend(set.kernels, wide), attend(set.kernels, plain)))
      // A begin above 0 selects the special loops. Only the first key is excluded, so the result must change.
      wide.begins = (1, 0)
      #expect(!sameBits(attend(set.kernels, wide), attend(set.kernels, plain)))
    }
  }

  @Test(
    "rotations equal the naive kernels'", arguments: InstructionSet.available, [0, 1, 3, 7, 8, 15, 16, 17, 31, 32, 64])
  func rotations(_ set: InstructionSet, _ pairs: Int) {
    for x in [randomNumbers(2 * pairs, seed: 41), hardNumbers(2 * pairs, seed: 42)] {
      let (cosines, sines) = (randomNumbers(pairs, seed: 43, range: 1), randomNumbers(pairs, seed: 44, range: 1))
      for interleaved in [false, true] {
        func rotated(_ kernels: ck_kernels) -> [Float] {
          written(2 * pairs) { kernels.rotate(x, cosines, sines, pairs, interleaved, $0) }
        }
        #expect(sameBits(rotated(set.kernels), rotated(InstructionSet.naive)), "interleaved \(interleaved)")
      }
    }
  }

  @Test("the key layout equals the naive one", arguments: InstructionSet.available, [UInt32(CK_F32), UInt32(CK_BF16)])
  func keysOfBlock(_ set: InstructionSet, _ type: UInt32) {
    for width in awkwardLengths where width < 200 {
      for rows in 0...16 {
        let x = hardNumbers(max(1, rows * (width + 3)), seed: UInt64(rows))
        func laid(_ kernels: ck_kernels) -> [UInt32] {
          written(width * 16) { kernels.lay_keys(x, width + 3, rows, width, type, $0) }.map(\.bitPattern)
        }
        #expect(laid(set.kernels) == laid(InstructionSet.naive), "\(rows) rows of \(width)")
      }
    }
  }

  @Test("without keys, the output is zero and the log-sum is -infinity", arguments: InstructionSet.available)
  func nothing(_ set: InstructionSet) {
    #expect(
      attend(set.kernels, Case(queries: 3, keys: 0, headWidth: 20, isCausal: false))
        == .init(repeating: 0, count: 60) + .init(repeating: -.infinity, count: 3))
  }
}
