import Foundation
import Models
import Tensors

/// A backward pass over recorded operations: short, slow, plain loops in double precision.
///
/// The switch has no `default`, so a new operation needs a case here as it does wherever gradients are computed.
struct NaiveBackward {
  /// The gradient of the numbers in each buffer.
  private var gradients: [ObjectIdentifier: [Double]] = [:]
  /// The gradient of each packed matrix. `[outputs, inputs]`
  private var matrices: [ObjectIdentifier: [Double]] = [:]

  /// Propagates the gradient of one tensor backward, and adds the results to the parameters' gradients.
  init(_ operations: [RecordedOperation], from tensor: Tensor, _ gradient: [Double], to parameters: ParameterSet) {
    add(gradient, to: tensor.place)
    for operation in operations.reversed() { goBack(operation) }
    for parameter in parameters.all { parameter.addToGradient { _ in } }
    for (memory, gradient) in gradients {
      for part in parameters.parts(ofMemory: memory) { part.addRows(gradient) }
    }
    for (memory, gradient) in matrices {
      for part in parameters.parts(ofMemory: memory) { part.addOutputs(gradient) }
    }
  }

  private mutating func goBack(_ operation: RecordedOperation) {
    let out = operation.output
    let dy = gradient(of: out.place)
    switch operation {
    case .product(let input, let weights, let bias, let residual, _):
      let (x, rows, inputs, outputs) = (doubles(input), out.rowCount, weights.inputs, weights.outputs)
      var (dx, dw) = ([Double](repeating: 0, count: rows * inputs), [Double](repeating: 0, count: inputs * outputs))
      for o in 0..<outputs {
        let w = weights.row(o)
        for r in 0..<rows {
          for k in 0..<inputs {
            dx[r * inputs + k] += dy[r * outputs + o] * Double(w[k])
            dw[o * inputs + k] += dy[r * outputs + o] * x[r * inputs + k]
          }
        }
      }
      add(dx, to: input.place)
      add(dw, to: weights)
      if let bias { add((0..<outputs).map { o in (0..<rows).reduce(0) { $0 + dy[$1 * outputs + o] } }, to: flat(bias)) }
      if let residual { add(dy, to: residual.place) }
    case .embedding(let ids, let table, _):
      var dw = [Double](repeating: 0, count: table.outputs * table.inputs)
      for (row, id) in ids.enumerated() {
        for k in 0..<table.inputs { dw[id * table.inputs + k] += dy[row * table.inputs + k] }
      }
      add(dw, to: table)
    case .rows(let input, let indices, _):
      var dx = [Double](repeating: 0, count: input.rowCount * input.width)
      for (row, index) in indices.enumerated() {
        for k in 0..<input.width { dx[index * input.width + k] += dy[row * input.width + k] }
      }
      add(dx, to: input.place)
    case .stack(let parts, _):
      var start = 0
      for part in parts {
        add(Array(dy[start..<start + part.count]), to: part.place)
        start += part.count
      }
    case .sum(let a, let b, _):
      add(dy, to: a.place)
      add(dy, to: b.place)
    case .elementwiseProduct(let a, let b, _):
      let (x, y) = (doubles(a), doubles(b))
      add(zip(dy, y).map { $0 * $1 }, to: a.place)
      add(zip(dy, x).map { $0 * $1 }, to: b.place)
    case .scale(let input, let factor, _): add(dy.map { $0 * Double(factor) }, to: input.place)
    case .dropout(let input, let mask, let residual, _):
      let factors = (0..<input.rowCount).flatMap { mask.factors(key: $0, count: input.width) }
      add(zip(dy, factors).map { $0 * Double($1) }, to: input.place)
      if let residual { add(dy, to: residual.place) }
    case .activation(let input, let activation, _):
      let step = 1e-5
      add(
        zip(dy, doubles(input)).map { dy, x in
          dy * (activation.value(x + step) - activation.value(x - step)) / (2 * step)
        }, to: input.place)
    case .layerNorm(let input, let weight, let bias, let statistics, _):
      let (x, s, g, width) = (doubles(input), doubles(statistics), doubles(weight), weight.count)
      let normed = x.indices.map { (x[$0] - s[2 * ($0 / width)]) * s[2 * ($0 / width) + 1] }
      add(columnSums(dy, width), to: flat(bias))
      add(columnSums(zip(dy, normed).map { $0 * $1 }, width), to: flat(weight))
      let inner = dy.indices.map { dy[$0] * g[$0 % width] }
      let (means, dots) = (rowMeans(inner, width), rowMeans(zip(inner, normed).map { $0 * $1 }, width))
      add(
        x.indices.map { i in
          s[2 * (i / width) + 1] * (inner[i] - means[i / width] - normed[i] * dots[i / width])
        }, to: input.place)
    case .rmsNorm(let input, let weight, let statistics, _):
      let (x, s, g, width) = (input.scalars.map(Double.init), doubles(statistics), doubles(weight), weight.count)
      let normed = x.indices.map { x[$0] * s[$0 / width] }
      add(columnSums(zip(dy, normed).map { $0 * $1 }, width), to: flat(weight))
      let inner = dy.indices.map { dy[$0] * g[$0 % width] }
      let dots = rowMeans(zip(inner, normed).map { $0 * $1 }, width)
      add(x.indices.map { s[$0 / width] * (inner[$0] - normed[$0] * dots[$0 / width]) }, to: input.place)
    case .softmax(let input, _):
      let (p, width) = (doubles(out), out.shape.last ?? 1)
      let dots = rowMeans(zip(dy, p).map { $0 * $1 }, width).map { $0 * Double(width) }
      add(p.indices.map { p[$0] * (dy[$0] - dots[$0 / width]) }, to: input.place)
    case .logSoftmax(let input, _):
      let (y, width) = (doubles(out), out.shape.last ?? 1)
      let sums = rowMeans(dy, width).map { $0 * Double(width) }
      add(y.indices.map { dy[$0] - exp(y[$0]) * sums[$0 / width] }, to: input.place)
    case .rotation(let input, let angles, let headWidth, let layout, _):
      add(rotatedBack(dy, input.width, doubles(angles), angles.width / 2, headWidth, layout), to: input.place)
    case .positionBias(let weight, let buckets, let queries, let keyCount, _):
      var dw = [Double](repeating: 0, count: weight.count)
      for i in dy.indices {
        let (head, row, key) = (i / keyCount / queries.count, i / keyCount % queries.count, i % keyCount)
        dw[buckets[queries.count - 1 - row + key] * weight.width + head] += dy[i]
      }
      add(dw, to: weight.place)
    case .attention(let attention): goBack(attention, dy)
    case .layer(let layer):
      let (operations, output) = layer.record()
      add(dy, to: output.place)
      for operation in operations.reversed() { goBack(operation) }
    }
  }

  private mutating func goBack(_ attention: RecordedAttention, _ dy: [Double]) {
    let (shape, width) = (attention.shape, attention.shape.headWidth)
    let q = attention.queries.scalars.map(Double.init)
    var dq = [Double](repeating: 0, count: q.count)
    for run in attention.runs {
      let (k, v) = (run.keys.scalars.map(Double.init), run.values.scalars.map(Double.init))
      let bias = run.bias.map(doubles)
      var (dk, dv) = ([Double](repeating: 0, count: k.count), [Double](repeating: 0, count: v.count))
      var db = [Double](repeating: 0, count: bias?.count ?? 0)
      for head in 0..<shape.queryHeads {
        let shared = head / (shape.queryHeads / shape.keyHeads) * width
        for (index, row) in run.rows.enumerated() {
          let query = row * shape.queryWidth + head * width
          let keys = run.visibleKeys(index, window: shape.window)
          let places = keys.map { $0 * shape.keyWidth + shared }
          let biasRow = (head * run.rows.count + index) * run.keys.rowCount
          let raw = places.map { place in
            Double(shape.scale) * (0..<width).reduce(0) { $0 + q[query + $1] * k[place + $1] }
          }
          let logSum = Double(attention.logSums.row(row)[head])
          let p = zip(keys, raw).map { key, raw in
            exp(attention.score(raw, head, key: key, last: keys.upperBound - 1) + (bias?[biasRow + key] ?? 0) - logSum)
          }
          let kept = attention.dropout?.factors(key: row * shape.queryHeads + head, count: keys.upperBound)
          let factors = keys.map { Double(kept?[$0] ?? 1) }
          let dp = zip(places, factors).map { place, factor in
            (0..<width).reduce(0) { $0 + dy[query + $1] * v[place + $1] } * factor
          }
          let dot = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
          for (i, (key, place)) in zip(keys, places).enumerated() {
            var ds = p[i] * (dp[i] - dot)
            if bias != nil { db[biasRow + key] += ds }
            if let cap = shape.softCap { ds *= 1 - pow(tanh(raw[i] / Double(cap)), 2) }
            for d in 0..<width {
              dv[place + d] += p[i] * factors[i] * dy[query + d]
              dk[place + d] += ds * Double(shape.scale) * q[query + d]
              dq[query + d] += ds * Double(shape.scale) * k[place + d]
            }
          }
        }
      }
      add(dk, to: run.keys.place)
      add(dv, to: run.values.place)
      if let bias = run.bias { add(db, to: bias.place) }
    }
    add(dq, to: attention.queries.place)
  }

  private func rotatedBack(
    _ dy: [Double], _ width: Int, _ angles: [Double], _ pairs: Int, _ headWidth: Int, _ layout: RotationPairs
  ) -> [Double] {
    var dx = dy
    for start in stride(from: 0, to: dy.count, by: headWidth) {
      for pair in 0..<pairs {
        let first = start + (layout == .halves ? pair : 2 * pair)
        let second = layout == .halves ? first + pairs : first + 1
        let row = start / width * 2 * pairs
        let (c, s) = (angles[row + pair], angles[row + pairs + pair])
        dx[first] = dy[first] * c + dy[second] * s
        dx[second] = dy[second] * c - dy[first] * s
      }
    }
    return dx
  }

  // MARK: - Gradients by place

  private func gradient(of place: TensorPlace) -> [Double] {
    let known = gradients[place.memory]
    return (0..<place.rowCount * place.width).map { known?[place.number($0)] ?? 0 }
  }

  private mutating func add(_ values: [Double], to place: TensorPlace) {
    precondition(values.count == place.rowCount * place.width)
    for (i, value) in values.enumerated() {
      gradients[place.memory, default: Array(repeating: 0, count: place.capacity)][place.number(i)] += value
    }
  }

  private mutating func add(_ values: [Double], to matrix: PackedMatrix) {
    matrices[matrix.memory] = zip(matrices[matrix.memory] ?? values.map { _ in 0 }, values).map { $0 + $1 }
  }

  private func flat(_ vector: Tensor) -> TensorPlace { vector.reshaped(Shape(1, vector.count)).place }
  private func doubles(_ tensor: Tensor) -> [Double] { tensor.scalars.map(Double.init) }

  private func columnSums(_ x: [Double], _ width: Int) -> [Double] {
    (0..<width).map { column in stride(from: column, to: x.count, by: width).reduce(0) { $0 + x[$1] } }
  }

  private func rowMeans(_ x: [Double], _ width: Int) -> [Double] {
    stride(from: 0, to: x.count, by: width).map { start in
      x[start..<start + width].reduce(0, +) / Double(width)
    }
  }
}

extension RecordedAttention {
  /// A query's score for a key, computed from the scaled dot product, without the run's bias.
  func score(_ scaled: Double, _ head: Int, key: Int, last: Int) -> Double {
    let capped = shape.softCap.map { Double($0) * tanh(scaled / Double($0)) } ?? scaled
    return slopes.isEmpty ? capped : capped + Double(key - last) * Double(slopes[head])
  }
}

extension TensorPlace {
  /// The buffer index of element `index` of the rows.
  fileprivate func number(_ index: Int) -> Int { offset + index / width * stride + index % width }
}

extension ParameterPart {
  /// Adds this parameter's rows of a tensor's gradient.
  fileprivate func addRows(_ gradient: [Double]) {
    let width = parameter.count / range.count
    parameter.addToGradient { for i in $0.indices { $0[i] += Float(gradient[range.lowerBound * width + i]) } }
  }

  /// Adds this parameter's outputs of a matrix's gradient, `[outputs, inputs]`.
  fileprivate func addOutputs(_ gradient: [Double]) {
    let inputs = parameter.count / range.count
    parameter.addToGradient { sum in
      for (index, output) in range.enumerated() {
        for k in 0..<inputs {
          let place = layout == .outputsByInputs ? index * inputs + k : k * range.count + index
          sum[place] += Float(gradient[output * inputs + k])
        }
      }
    }
  }
}

extension Activation {
  /// The function in double precision.
  fileprivate func value(_ x: Double) -> Double {
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
