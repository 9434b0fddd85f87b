import Foundation
import TestSupport
import Testing

@testable import Models
@testable import Tensors
@testable import Training

/// A recorded operation with random inputs, and the same function in double precision.
private struct OperationCase: Sendable, CustomStringConvertible {
  let description: String
  let shapes: [Shape]
  let apply: @Sendable ([Tensor]) -> Tensor
  let exact: @Sendable ([[Double]]) -> [Double]
  var range: Float = 2
}

@Suite("The gradient of every operation equals central differences in double precision")
struct OperationGradientTests {
  fileprivate static let cases: [OperationCase] =
    elementwise + rowOperations + placed + attentions
    + Activation.allCases.map { activation in
      OperationCase(
        description: "activation \(activation.rawValue)", shapes: [[3, 19]], apply: { activate($0[0], activation) },
        exact: { $0[0].map(activation.exactValue) }, range: 4)
    }

  @Test(arguments: cases)
  fileprivate func gradient(_ operation: OperationCase) throws {
    let inputs = operation.shapes.enumerated().map { index, shape in
      Tensor(shape, numbers(shape.numbers, seed: UInt64(index + 1), range: operation.range)).detached()
    }
    let recorder = Recorder()
    let output = operation.apply(inputs.map { $0.recorded(by: recorder) })
    let factors = numbers(output.count, seed: 99, range: 1)
    let exact = inputs.map { $0.scalars.map(Double.init) }
    let wanted = operation.exact(exact)
    for (found, wanted) in zip(output.scalars, wanted) {
      #expect(abs(Double(found) - wanted) < 1e-4 * (1 + abs(wanted)))
    }
    var pass = BackwardPass(ParameterGradients(ParameterSet()))
    for input in inputs { pass.keepGradient(of: input) }
    var tapes = [Tape(recorder.takeAll())]
    pass.propagate(&tapes, from: output, gradient: Tensor(output.shape, factors))
    for (index, input) in inputs.enumerated() {
      let found = try #require(pass.gradient(of: input)).scalars
      for element in found.indices {
        let step = 1e-5
        var (above, below) = (exact, exact)
        above[index][element] += step
        below[index][element] -= step
        let slope = zip(zip(operation.exact(above), operation.exact(below)), factors).reduce(0.0) {
          $0 + ($1.0.0 - $1.0.1) / (2 * step) * Double($1.1)
        }
        #expect(
          abs(Double(found[element]) - slope) < 1e-4 * (1 + abs(slope)), "input \(index), element \(element)")
      }
    }
  }

  private static let elementwise = [
    OperationCase(
      description: "sum", shapes: [[3, 7], [3, 7]], apply: { add($0[0], $0[1]) },
      exact: { zip($0[0], $0[1]).map(+) }),
    OperationCase(
      description: "sum of a tensor with itself", shapes: [[3, 7]], apply: { add($0[0], $0[0]) },
      exact: { $0[0].map { $0 + $0 } }),
    OperationCase(
      description: "elementwise product", shapes: [[3, 7], [3, 7]], apply: { multiply($0[0], $0[1]) },
      exact: { zip($0[0], $0[1]).map(*) }),
    OperationCase(
      description: "gate", shapes: [[2, 34]], apply: { gate($0[0], .silu) },
      exact: { x in
        (0..<2).flatMap { row in
          (0..<17).map { Activation.silu.exactValue(x[0][row * 34 + $0]) * x[0][row * 34 + 17 + $0] }
        }
      }),
    OperationCase(
      description: "dropout", shapes: [[3, 37]], apply: { dropout($0[0], mask(3)) },
      exact: { x in zip(x[0], (0..<3).flatMap { mask(3).factors(key: $0, count: 37) }).map { $0 * Double($1) } }),
    OperationCase(
      description: "dropout and a residual", shapes: [[2, 5], [2, 5]],
      apply: { dropout($0[0], mask(2), residual: $0[1]) },
      exact: { x in
        let factors = (0..<2).flatMap { mask(2).factors(key: $0, count: 5) }
        return x[0].indices.map { x[0][$0] * Double(factors[$0]) + x[1][$0] }
      }),
    OperationCase(
      description: "scale", shapes: [[5, 4]], apply: { scale($0[0], -1.5) }, exact: { $0[0].map { $0 * -1.5 } }),
  ]

  private static let rowOperations = [
    OperationCase(
      description: "rows, repeated", shapes: [[4, 18]], apply: { $0[0].gatherRows([2, 0, 2, 3]) },
      exact: { x in [2, 0, 2, 3].flatMap { x[0][$0 * 18..<$0 * 18 + 18] } }),
    OperationCase(
      description: "rows of columns", shapes: [[4, 18]],
      apply: { TensorColumns($0[0], 5..<9).rows(1..<4).gatherRows([2, 0]) },
      exact: { x in [3, 1].flatMap { x[0][$0 * 18 + 5..<$0 * 18 + 9] } }),
    OperationCase(
      description: "stack", shapes: [[2, 5], [3, 5]], apply: { Tensor.stackingRows($0) }, exact: { $0[0] + $0[1] }),
    OperationCase(
      description: "softmax", shapes: [[3, 19]], apply: { softmax($0[0]) },
      exact: { rows($0[0], 19) { x in x.map { exp($0) / x.map(exp).reduce(0, +) } } }),
    OperationCase(
      description: "log-softmax", shapes: [[3, 19]], apply: { logSoftmax($0[0]) },
      exact: { rows($0[0], 19) { x in x.map { $0 - log(x.map(exp).reduce(0, +)) } } }),
    OperationCase(
      description: "layer norm of the input", shapes: [[3, 19]],
      apply: { layerNorm($0[0], weight: vector(19, 5), bias: vector(19, 6), epsilon: 1e-3) },
      exact: { x in
        rows(x[0], 19) { x in
          let mean = x.reduce(0, +) / 19
          let inverse = 1 / (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 19 + 1e-3).squareRoot()
          return x.indices.map {
            (x[$0] - mean) * inverse * Double(vector(19, 5).scalars[$0]) + Double(vector(19, 6).scalars[$0])
          }
        }
      }),
    OperationCase(
      description: "RMS norm of groups of columns", shapes: [[3, 24]],
      apply: { rmsNorm(TensorColumns($0[0], 4..<22), weight: vector(9, 5), epsilon: 1e-3) },
      exact: { x in
        (0..<3).flatMap { row in
          rows(Array(x[0][row * 24 + 4..<row * 24 + 22]), 9) { x in
            let inverse = 1 / (x.reduce(0) { $0 + $1 * $1 } / 9 + 1e-3).squareRoot()
            return x.indices.map { x[$0] * inverse * Double(vector(9, 5).scalars[$0]) }
          }
        }
      }),
  ]

  private static let angles = Tensor([3, 6], numbers(18, seed: 77, range: 1)).detached()

  private static let placed =
    [RotationPairs.halves, .interleaved].map { pairs in
      OperationCase(
        description: "rotation \(pairs)", shapes: [[3, 20]],
        apply: { rotate(TensorColumns($0[0], 2..<18), angles: angles, headWidth: 8, pairs: pairs) },
        exact: { x in
          (0..<3).flatMap { row in
            var y = Array(x[0][row * 20 + 2..<row * 20 + 18])
            for head in [0, 8] {
              for pair in 0..<3 {
                let first = head + (pairs == .halves ? pair : 2 * pair)
                let second = pairs == .halves ? first + 3 : first + 1
                let (c, s) = (Double(angles.row(row)[pair]), Double(angles.row(row)[3 + pair]))
                (y[first], y[second]) = (y[first] * c - y[second] * s, y[second] * c + y[first] * s)
              }
            }
            return y
          }
        })
    } + [
      OperationCase(
        description: "position bias", shapes: [[4, 2]],
        apply: { positionBias($0[0], buckets: [0, 1, 3, 2, 1, 0], queries: 1..<4, keyCount: 4) },
        exact: { x in
          (0..<24).map { i in x[0][[0, 1, 3, 2, 1, 0][2 - i / 4 % 3 + i % 4] * 2 + i / 12] }
        })
    ]

  private static func attentionCase(
    _ name: String, queryHeads: Int = 2, keyHeads: Int = 1, isCausal: Bool = true, queries: Int = 5, keys: Int = 5,
    window: Int? = nil, softCap: Float? = nil, slopes: [Float] = [], hasBias: Bool = false, drops: Bool = false
  ) -> OperationCase {
    let mask = drops ? mask(queries * queryHeads) : nil
    let shape = AttentionShape(
      queryHeads: queryHeads, keyHeads: keyHeads, headWidth: 5, scale: 0.4, window: window, softCap: softCap)
    let inputs: [Shape] = [[queries, shape.queryWidth], [keys, shape.keyWidth], [keys, shape.keyWidth]]
    return OperationCase(
      description: "attention \(name)", shapes: inputs + (hasBias ? [[queryHeads, queries, keys]] : []),
      apply: { x in
        let (k, v) = (TensorColumns(x[1]), TensorColumns(x[2]))
        let geometry = KeyValueGeometry(layers: 1, heads: keyHeads, headWidth: 5)
        let block = KeyValueBlock(geometry)
        block.write(layer: 0, positions: 0..<keys, keys: k, values: v, firstRow: 0)
        let run = AttentionRun(
          rows: 0..<queries, blocks: [block], layer: 0, keyCount: keys, isCausal: isCausal,
          bias: hasBias ? x[3] : nil, source: KeyValueSource(keys: k, values: v))
        return attention(queries: TensorColumns(x[0]), runs: [run], shape: shape, slopes: slopes, dropout: mask)
      },
      exact: { x in
        var out = [Double](repeating: 0, count: queries * shape.queryWidth)
        for head in 0..<queryHeads {
          let shared = head / (queryHeads / keyHeads) * 5
          for q in 0..<queries {
            let last = isCausal ? keys - queries + q : keys - 1
            let position = keys - queries + q
            let seen = (0...last).filter { key in window.map { abs(position - key) < $0 } ?? true }
            let scores = seen.map { key -> Double in
              var s =
                (0..<5).reduce(0.0) {
                  $0 + x[0][q * shape.queryWidth + head * 5 + $1] * x[1][key * shape.keyWidth + shared + $1]
                } * 0.4
              if let softCap { s = tanh(s / Double(softCap)) * Double(softCap) }
              if !slopes.isEmpty { s += Double(key - last) * Double(slopes[head]) }
              return s + (hasBias ? x[3][(head * queries + q) * keys + key] : 0)
            }
            let total = scores.map { exp($0) }.reduce(0, +)
            let factors = mask?.factors(key: q * queryHeads + head, count: keys)
            for (key, score) in zip(seen, scores) {
              let weight = exp(score) / total * Double(factors?[key] ?? 1)
              for d in 0..<5 {
                out[q * shape.queryWidth + head * 5 + d] += weight * x[2][key * shape.keyWidth + shared + d]
              }
            }
          }
        }
        return out
      }, range: 1)
  }

  private static let attentions = [
    attentionCase("of a prompt"), attentionCase("of whole sequences", isCausal: false),
    attentionCase("to other keys", isCausal: false, keys: 3),
    attentionCase("with a window", window: 2), attentionCase("with a soft cap", softCap: 1.5),
    attentionCase("with slopes", slopes: [0.5, 0.25]), attentionCase("with a bias", isCausal: false, hasBias: true),
    attentionCase("of heads with their own keys", queryHeads: 3, keyHeads: 3),
    attentionCase("with dropout", drops: true),
    attentionCase("with dropout, a soft cap and a bias", isCausal: false, softCap: 1.5, hasBias: true, drops: true),
    attentionCase("of one query with dropout", queries: 1, drops: true),
  ]
}

/// A mask that drops two fifths.
private func mask(_ rows: Int) -> DropoutMask {
  DropoutMask(keys: (0..<rows).map { RandomKey(seed: UInt64($0)) }, probability: 0.4)
}

private func rows(_ x: [Double], _ width: Int, _ body: ([Double]) -> [Double]) -> [Double] {
  stride(from: 0, to: x.count, by: width).flatMap { body(Array(x[$0..<$0 + width])) }
}

private func numbers(_ count: Int, seed: UInt64, range: Float) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in Float.random(in: -range...range, using: &generator) }
}

private func vector(_ count: Int, _ seed: UInt64) -> Tensor {
  Tensor(Shape(count), numbers(count, seed: seed, range: 1))
}

extension Activation {
  /// The function in double precision.
  fileprivate func exactValue(_ x: Double) -> Double {
    func normal(_ x: Double) -> Double { 0.5 * (1 + erf(x / 2.0.squareRoot())) }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    return switch self {
    case .linear: x
    case .relu: max(x, 0)
    case .relu2: max(x, 0) * max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .leakyReLU: x < 0 ? x / 100 : x
    case .gelu, .geluPython: x * normal(x)
    case .gelu10: min(max(x * normal(x), -10), 10)
    case .geluNew, .geluFast, .geluPytorchTanh, .geluPythonTanh, .geluAccurate:
      x / 2 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .quickGELU: x * sigmoid(1.702 * x)
    case .silu, .swish: x * sigmoid(x)
    case .mish: x * Foundation.tanh(log(1 + exp(x)))
    case .tanh: Foundation.tanh(x)
    case .sigmoid: sigmoid(x)
    case .hardswish: x * min(max(x + 3, 0), 6) / 6
    case .laplace: 0.5 * (1 + erf((x - 0.707107) / (0.282095 * 2.0.squareRoot())))
    case .sqrtSoftplus: log(1 + exp(x)).squareRoot()
    }
  }
}
