import Foundation
import Layers
import Testing

@testable import Tensors

@Suite("Recorded attention")
struct RecordedAttentionTests {
  private func numbers(_ rows: Int, _ width: Int, _ salt: Float) -> Tensor {
    Tensor([rows, width], (0..<rows * width).map { sin(Float($0) * 0.7 + salt) })
  }

  private static let shapes = [
    AttentionShape(queryHeads: 2, headWidth: 5), AttentionShape(queryHeads: 6, keyHeads: 2, headWidth: 16, scale: 1),
    AttentionShape(queryHeads: 2, headWidth: 5, window: 4),
    AttentionShape(queryHeads: 4, keyHeads: 1, headWidth: 20, window: 17, softCap: 0.5),
  ]

  /// Two runs, with 19 keys and 1 key. The first has only its last `queryCount` positions as queries.
  @Test(
    "the output can be recomputed from the recorded keys, values, bias, slopes and log-sums", arguments: shapes,
    [1, 7, 19])
  func recomputation(_ shape: AttentionShape, _ queryCount: Int) throws {
    for (isCausal, hasBias, slopes) in [
      (true, false, []), (false, false, []), (true, true, []), (true, false, alibiSlopes(heads: shape.queryHeads)),
    ] as [(Bool, Bool, [Float])] {
      let q = numbers(queryCount + 1, shape.queryWidth, 1)
      let (k, v) = (numbers(20, shape.keyWidth, 2), numbers(20, shape.keyWidth, 3))
      let bias =
        hasBias ? numbers(shape.queryHeads * queryCount, 19, 4).reshaped([shape.queryHeads, queryCount, 19]) : nil
      func attend(_ q: Tensor) -> Tensor {
        let segments = [(0..<queryCount, 0..<19, bias), (queryCount..<queryCount + 1, 19..<20, nil)].map {
          rows, keys, bias in
          AttentionSegment(
            rows: rows,
            cache: KeyValueCache(
              keys: k.rows(keys), values: v.rows(keys), heads: shape.keyHeads, headWidth: shape.headWidth),
            layer: 0, isCausal: isCausal, bias: bias,
            source: KeyValueSource(keys: TensorColumns(k.rows(keys)), values: TensorColumns(v.rows(keys))))
        }
        return attention(queries: q, segments: segments, shape: shape, slopes: slopes)
      }
      let recorder = Recorder()
      let out = attend(q.recorded(by: recorder))
      #expect(out == attend(q), "the same bits")
      guard case .attention(let noted) = recorder.operations.first, recorder.operations.count == 1 else {
        Issue.record("no attention")
        return
      }
      #expect(
        noted.output.place == out.place && noted.runs.map(\.rows) == [0..<queryCount, queryCount..<queryCount + 1])
      #expect(noted.logSums.shape == [queryCount + 1, shape.queryHeads])
      let expected = recomputed(noted)
      #expect(zip(out.scalars, expected).allSatisfy { abs(Double($0) - $1) < 2e-5 })
    }
  }

  /// The output in double precision, from probabilities exp(score − log-sum).
  private func recomputed(_ noted: RecordedAttention) -> [Double] {
    let (shape, width) = (noted.shape, noted.shape.headWidth)
    let q = noted.queries.scalars.map(Double.init)
    var out = [Double](repeating: 0, count: q.count)
    for run in noted.runs {
      let (k, v) = (run.keys.scalars.map(Double.init), run.values.scalars.map(Double.init))
      for head in 0..<shape.queryHeads {
        let shared = head * shape.keyHeads / shape.queryHeads * width
        for (index, row) in run.rows.enumerated() {
          let (query, seen) = (row * shape.queryWidth + head * width, run.visibleKeys(index, window: shape.window))
          for key in seen {
            let place = key * shape.keyWidth + shared
            var score = Double(shape.scale) * (0..<width).reduce(0) { $0 + q[query + $1] * k[place + $1] }
            if let cap = shape.softCap { score = Double(cap) * tanh(score / Double(cap)) }
            if !noted.slopes.isEmpty { score += Double(noted.slopes[head]) * Double(key - seen.upperBound + 1) }
            if let bias = run.bias {
              score += Double(bias.scalars[(head * run.rows.count + index) * run.keys.rowCount + key])
            }
            let probability = exp(score - Double(noted.logSums.row(row)[head]))
            for d in 0..<width { out[query + d] += probability * v[place + d] }
          }
        }
      }
    }
    return out
  }
}
