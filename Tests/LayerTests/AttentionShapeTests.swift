import Checkpoints
import JSONText
import Layers
import Tensors
import TestSupport
import Testing

/// Attention of every shape, compared with PyTorch (`make_layer_fixtures.py`) and between ways to compute it.
@Suite("Attention shapes and positions", .serialized)
struct AttentionShapeTests {
  private struct Case {
    let number: Int
    let shape: AttentionShape
    let isCausal: Bool
    let slopes: [Float]
    let q: TensorColumns
    let k: TensorColumns
    let v: TensorColumns
    let out: Tensor
  }

  private func file() throws -> SafetensorsFile {
    try SafetensorsFile(path: Fixtures.path("layers/attention.safetensors"))
  }

  private func cases() throws -> [Case] {
    let file = try file()
    func tensor(_ name: String) throws -> Tensor { try #require(file[name]).tensor() }
    let list = try #require(try JSONValue(contentsOfFile: Fixtures.path("layers/attention.json")).array)
    return try list.enumerated().map { number, value in
      let shape = AttentionShape(
        queryHeads: try #require(value["query_heads"]?.int), keyHeads: try #require(value["key_heads"]?.int),
        headWidth: try #require(value["width"]?.int), scale: Float(try #require(value["scale"]?.double)),
        window: value["window"]?.int, softCap: value["soft_cap"]?.double.map(Float.init))
      return Case(
        number: number, shape: shape, isCausal: value["causal"] == .bool(true),
        slopes: value["alibi"] == nil ? [] : alibiSlopes(heads: shape.queryHeads),
        q: TensorColumns(try tensor("q"), 0..<shape.queryWidth), k: TensorColumns(try tensor("k"), 0..<shape.keyWidth),
        v: TensorColumns(try tensor("v"), 0..<shape.keyWidth), out: try tensor("\(number).out"))
    }
  }

  private func difference(_ a: Tensor, _ b: Tensor) -> Float {
    #expect(a.shape == b.shape)
    return zip(a.scalars, b.scalars).map { abs($0 - $1) }.max() ?? 0
  }

  private func whole(_ c: Case, _ format: CacheFormat = .f32) -> Tensor {
    var cache = KeyValueCache(layers: 1, heads: c.shape.keyHeads, headWidth: c.shape.headWidth, format: format)
    cache.append(layer: 0, keys: c.k, values: c.v)
    let segment = AttentionSegment(rows: 0..<c.q.rowCount, cache: cache, layer: 0, isCausal: c.isCausal)
    return attention(queries: c.q, segments: [segment], shape: c.shape, slopes: c.slopes)
  }

  @Test("attention with shared heads, windows, soft caps and slopes equals PyTorch's")
  func reference() throws {
    let cases = try cases()
    #expect(cases.count == 56)
    for c in cases { #expect(difference(whole(c), c.out) < 3e-6, "case \(c.number)") }
  }

  @Test("every instruction set gives the same bits")
  func instructionSets() throws {
    Fixtures.kernelLock.lock()
    defer { Fixtures.kernelLock.unlock() }
    let best = ThreadTeam.activeSet
    defer { ThreadTeam.activeSet = best }
    for c in try cases() {
      ThreadTeam.activeSet = best
      let expected = (whole(c), whole(c, .bf16))
      for set in ThreadTeam.instructionSets {
        ThreadTeam.activeSet = set
        #expect(whole(c) == expected.0 && whole(c, .bf16) == expected.1, "case \(c.number), \(set.name)")
      }
    }
  }

  @Test("one pass gives the same bits as passes over parts or single rows")
  func parts() throws {
    for c in try cases() where c.isCausal {
      let expected = whole(c)
      for size in [1, 4, 17] {
        var cache = KeyValueCache(layers: 1, heads: c.shape.keyHeads, headWidth: c.shape.headWidth)
        var rows: [Tensor] = []
        for start in stride(from: 0, to: c.q.rowCount, by: size) {
          let range = start..<min(start + size, c.q.rowCount)
          cache.append(layer: 0, keys: c.k.rows(range), values: c.v.rows(range))
          let segment = AttentionSegment(rows: 0..<range.count, cache: cache, layer: 0, isCausal: true)
          rows.append(attention(queries: c.q.rows(range), segments: [segment], shape: c.shape, slopes: c.slopes))
        }
        #expect(Tensor.stackingRows(rows) == expected, "case \(c.number) in parts of \(size)")
      }
    }
  }

  @Test("probabilities of grouped heads equal those of each head computed alone")
  func probabilities() throws {
    for c in try cases() where c.isCausal {
      var cache = KeyValueCache(layers: 1, heads: c.shape.keyHeads, headWidth: c.shape.headWidth)
      cache.append(layer: 0, keys: c.k, values: c.v)
      func weights(_ rows: Range<Int>) -> Tensor? {
        var seen: Tensor?
        let segment = AttentionSegment(rows: 0..<rows.count, cache: cache, layer: 0, isCausal: true)
        _ = attention(queries: c.q.rows(rows), segments: [segment], shape: c.shape, slopes: c.slopes) { seen = $1 }
        return seen
      }
      let (last, two) = (try #require(weights(20..<21)), try #require(weights(19..<21)))
      for head in 0..<c.shape.queryHeads {
        let both = two.rows(head..<head + 1).reshaped([2, 21])
        #expect(last.rows(head..<head + 1).scalars == both.row(1), "case \(c.number)")
        #expect(abs(both.row(1).reduce(0, +) - 1) < 1e-6)
      }
    }
  }

  @Test(
    "rotary embeddings equal transformers': halves, interleaved, and partial rotation", arguments: ["10000", "500000"])
  func rotary(_ base: String) throws {
    let file = try file()
    func tensor(_ name: String) throws -> Tensor { try #require(file["rotary.\(base).\(name)"]).tensor() }
    let positions = try tensor("positions").scalars.map { Int($0) }
    let (x, frequencies) = (try tensor("x"), try tensor("frequencies").scalars)
    let width = 2 * frequencies.count
    let published = RotaryEmbedding(headWidth: width, base: try #require(Double(base)))
    // The reference computes powers in single precision.
    for (own, other) in zip(published.frequencies, frequencies) { #expect(abs(own / other - 1) < 3e-7) }
    for pairs in [RotationPairs.halves, .interleaved] {
      // Use the reference's frequencies: an error in the last bit becomes a large angle at high positions.
      let rotary = RotaryEmbedding(headWidth: width, frequencies: frequencies, pairs: pairs)
      let rotated = rotary(TensorColumns(x), rotary.angles(positions))
      #expect(difference(rotated, try tensor(pairs == .halves ? "halves" : "interleaved")) < 1e-6)
      // The result of a row does not depend on other rows.
      let row = rotary(TensorColumns(x).rows(3..<4), rotary.angles([positions[3]]))
      #expect(row == rotated.rows(3..<4))
      // Rotate a part of a wider head; the other elements are unchanged.
      let wide = RotaryEmbedding(headWidth: width * 3, frequencies: frequencies, pairs: pairs)
      let part = wide(TensorColumns(x), wide.angles(positions))
      #expect(part.columns(0..<width) == rotated.columns(0..<width))
      #expect(part.columns(width..<3 * width) == x.columns(width..<3 * width))
    }
    let position0 = published(TensorColumns(x).rows(0..<1), published.angles([0]))
    #expect(position0 == x.rows(0..<1), "position 0 rotates nothing")
  }

  @Test("rotations have the same bits for every instruction set and number of threads")
  func rotationBits() {
    Fixtures.kernelLock.lock()
    defer { Fixtures.kernelLock.unlock() }
    let best = ThreadTeam.activeSet
    defer {
      ThreadTeam.activeSet = best
      ThreadTeam.setThreadCount(0)
    }
    let x = TensorColumns(Tensor([70, 5 * 96], (0..<70 * 5 * 96).map { Float($0 % 37) * 0.3 - 4 }), 96..<4 * 96)
    for pairs in [RotationPairs.halves, .interleaved] {
      let rotary = RotaryEmbedding(headWidth: 96, rotaryWidth: 70, base: 10_000, pairs: pairs)
      let positions = (0..<70).map { $0 * 1009 }
      ThreadTeam.setThreadCount(1)
      let expected = rotary(x, rotary.angles(positions))
      for threads in [1, 3] {
        ThreadTeam.setThreadCount(threads)
        for set in ThreadTeam.instructionSets {
          ThreadTeam.activeSet = set
          #expect(rotary(x, rotary.angles(positions)) == expected, "\(set.name), \(threads) threads")
        }
      }
    }
  }

  @Test("ALiBi slopes equal BLOOM's", arguments: [1, 2, 3, 6, 8, 12, 16, 25])
  func slopes(_ heads: Int) throws {
    let expected = try #require(try file()["slopes.\(heads)"]).tensor().scalars
    // The reference computes powers, up to the 16th, in single precision.
    for (own, other) in zip(alibiSlopes(heads: heads), expected) { #expect(abs(own / other - 1) < 1e-6) }
    #expect(alibiSlopes(heads: heads).count == heads)
  }
}
