import Layers
import TestSupport
import Testing

@testable import Tensors

@Suite("The KV cache")
struct CacheTests {
  private static let heads = 3
  private static let headWidth = 20
  private static let width = heads * headWidth

  private static func random(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(shape, (0..<shape.numbers).map { _ in Float.random(in: -2...2, using: &generator) })
  }

  private let queries = random([50, width], seed: 1)
  private let keys = random([50, width], seed: 2)
  private let values = random([50, width], seed: 3)

  /// Appends the positions and computes their causal attention.
  private func pass(_ range: Range<Int>, _ cache: inout KeyValueCache) -> Tensor {
    for layer in 0..<2 { cache.append(layer: layer, keys: keys.rows(range), values: values.rows(range)) }
    return attention(
      queries: queries.rows(range),
      segments: [AttentionSegment(rows: 0..<range.count, cache: cache, layer: 1, isCausal: true)],
      shape: AttentionShape(queryHeads: CacheTests.heads, headWidth: CacheTests.headWidth, scale: 0.2))
  }

  private func emptyCache() -> KeyValueCache {
    KeyValueCache(layers: 2, heads: CacheTests.heads, headWidth: CacheTests.headWidth)
  }

  @Test("one pass gives the same bits as two passes, split at any position") func splits() {
    var cache = emptyCache()
    let whole = pass(0..<50, &cache)
    #expect(cache.count == 50)
    for split in 0...50 {
      var cache = emptyCache()
      let first = pass(0..<split, &cache)
      let second = pass(split..<50, &cache)
      #expect(Tensor.stackingRows([first, second]) == whole, "split at \(split)")
    }
    var stepwise = emptyCache()
    for i in 0..<50 { #expect(pass(i..<i + 1, &stepwise) == whole.rows(i..<i + 1), "step \(i)") }
  }

  @Test("forks are independent, and truncation removes positions") func forks() {
    var cache = emptyCache()
    let whole = pass(0..<50, &cache)
    for length in [0, 1, 15, 16, 17, 33, 49] {
      var fork = cache.fork()
      fork.truncate(to: length)
      #expect(fork.count == length && cache.count == 50)
      // Different contents in the fork must not affect the original.
      fork.append(layer: 0, keys: values.rows(0..<7), values: keys.rows(0..<7))
      fork.append(layer: 1, keys: values.rows(0..<7), values: keys.rows(0..<7))
      var again = cache.fork()
      again.truncate(to: length)
      #expect(pass(length..<50, &again) == whole.rows(length..<50), "after \(length)")
      fork.truncate(to: length)
      #expect(pass(length..<50, &fork) == whole.rows(length..<50), "the fork after \(length)")
    }
    cache.truncate(to: 1000)
    #expect(cache.count == 50)
  }

  @Test("sequences in one call do not attend to each other") func batches() {
    var long = emptyCache()
    let whole = pass(0..<50, &long)
    var short = emptyCache()
    _ = pass(0..<20, &short)
    long.truncate(to: 40)
    _ = pass(40..<41, &long)
    for layer in 0..<2 { short.append(layer: layer, keys: keys.rows(20..<23), values: values.rows(20..<23)) }
    let together = attention(
      queries: Tensor.stackingRows([queries.rows(20..<23), queries.rows(0..<1), queries.rows(40..<41)]),
      segments: [
        AttentionSegment(rows: 0..<3, cache: short, layer: 1, isCausal: true),
        AttentionSegment(rows: 4..<5, cache: long, layer: 1, isCausal: true),
      ], shape: AttentionShape(queryHeads: CacheTests.heads, headWidth: CacheTests.headWidth, scale: 0.2))
    #expect(together.rows(0..<3) == whole.rows(20..<23))
    #expect(together.rows(4..<5) == whole.rows(40..<41))
    #expect(together.rows(3..<4) == Tensor.zeros([1, CacheTests.width]), "a row in no segment")
  }

  @Test("bidirectional attention with a bias equals its formula") func formula() {
    let (heads, width) = (CacheTests.heads, CacheTests.headWidth)
    let cache = KeyValueCache(keys: keys.rows(0..<19), values: values.rows(0..<19), heads: heads, headWidth: width)
    let bias = CacheTests.random([heads, 5, 19], seed: 4)
    var seen: [Tensor] = []
    let out = attention(
      queries: queries.rows(0..<5),
      segments: [AttentionSegment(rows: 0..<5, cache: cache, layer: 0, isCausal: false, bias: bias)],
      shape: AttentionShape(queryHeads: heads, headWidth: width, scale: 0.3),
      weights: { _, weights in seen.append(weights) })
    #expect(seen.count == 1 && seen.first?.shape == [heads, 5, 19])
    for head in 0..<heads {
      for query in 0..<5 {
        let q = queries.row(query)[head * width..<(head + 1) * width].map(Double.init)
        let scores = (0..<19).map { key in
          let k = keys.row(key)[head * width..<(head + 1) * width].map(Double.init)
          return zip(q, k).reduce(0) { $0 + $1.0 * $1.1 } * 0.3 + Double(bias.scalars[(head * 5 + query) * 19 + key])
        }
        let probabilities = softmax(Tensor([1, 19], scores.map(Float.init))).scalars.map(Double.init)
        for d in 0..<width {
          let expected = (0..<19).reduce(0) { $0 + probabilities[$1] * Double(values.row($1)[head * width + d]) }
          #expect(abs(Double(out.row(query)[head * width + d]) - expected) < 1e-5)
        }
        for key in 0..<19 {
          let weight = seen.first?.scalars[(head * 5 + query) * 19 + key] ?? .nan
          #expect(abs(Double(weight) - probabilities[key]) < 1e-5)
        }
      }
    }
  }

  @Test("grouped heads equal single heads with the same keys and values") func sharedHeads() {
    let cache = KeyValueCache(
      keys: keys.columns(0..<20).rows(0..<9), values: values.columns(0..<20).rows(0..<9), heads: 1, headWidth: 20)
    let out = attention(
      queries: queries.rows(0..<2),
      segments: [AttentionSegment(rows: 0..<2, cache: cache, layer: 0, isCausal: false)],
      shape: AttentionShape(queryHeads: 3, keyHeads: 1, headWidth: 20, scale: 1))
    for head in 0..<3 {
      let alone = attention(
        queries: queries.rows(0..<2).columns(head * 20..<(head + 1) * 20),
        segments: [AttentionSegment(rows: 0..<2, cache: cache, layer: 0, isCausal: false)],
        shape: AttentionShape(queryHeads: 1, headWidth: 20, scale: 1))
      #expect(out.columns(head * 20..<(head + 1) * 20) == alone)
    }
  }

  @Test("unused keys of a block are zero, even in reused memory", arguments: CacheFormat.allCases)
  func absentKeys(_ format: CacheFormat) {
    let geometry = KeyValueGeometry(layers: 1, heads: 2, headWidth: 20, format: format)
    var dirty: KeyValueBlock? = KeyValueBlock(geometry)
    let place = dirty?.base(layer: 0)
    let count = geometry.blockBytes / MemoryLayout<Float>.size
    place.map(UnsafeMutableRawPointer.init(mutating:))?.initializeMemory(
      as: Float.self, repeating: .leastNonzeroMagnitude, count: count)
    dirty = nil
    let block = KeyValueBlock(geometry)
    #expect(block.base(layer: 0) == place, "the pool reuses the memory")
    let rows = TensorColumns(Tensor([3, 40], [Float](repeating: 1, count: 120)))
    KeyValueBlock.write([block], 0..<1, layer: 0, first: 0, rows, rows)
    let positions = KeyValueGeometry.positions
    for index in 0..<40 * positions {
      let isThere = index % positions < 3
      switch format {
      case .f32: #expect(block.base(layer: 0).assumingMemoryBound(to: Float.self)[index] == (isThere ? 1 : 0))
      case .bf16: #expect(block.base(layer: 0).assumingMemoryBound(to: UInt16.self)[index] == (isThere ? 0x3f80 : 0))
      }
    }
  }
}
