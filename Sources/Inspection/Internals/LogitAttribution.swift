import Layers
import Models
import Tensors

/// Direct logit attribution: what each part of a model adds to the logit of a token, or to the difference of two.
///
/// The residual stream is the sum of the embedding and of what each head, each feed-forward layer and the biases add.
/// Logits are a linear function of it once the statistics of the final norm are held as they were in the real pass. A
/// norm between a sublayer and the stream (Gemma, OLMo 2) is held in the same way. A soft cap of the logits is held as
/// the ratio of the capped to the uncapped logit.
public struct LogitAttribution {
  /// What a part adds.
  public struct Part: Sendable, Hashable {
    /// The kinds of parts.
    public enum Kind: Sendable, Hashable {
      /// The token and position embeddings.
      case embedding
      /// A head of an attention.
      case head(Int, isCross: Bool)
      /// A feed-forward layer.
      case feedForward
      /// The biases of a layer's output projections; without a layer, those of the final norm and the head.
      case bias
      /// The rest, which comes from products in a number format that rounds their inputs.
      case rounding
    }

    /// The layer, from 0; `nil` for the embedding and what follows the last layer.
    public let layer: Int?
    /// The part.
    public let kind: Kind
    /// What it adds to the logit or to the difference.
    public let logit: Double
  }

  /// Why a model has no attribution.
  public enum Refusal: Error, Sendable, Hashable {
    /// The model normalizes its stream after each sum.
    case normalizesSums
    /// A transform with an activation is between the stream and the logits.
    case transforms
  }

  /// The parts, in the order of a pass.
  public let parts: [Part]
  /// The logit or the difference that the model computed.
  public let logit: Double

  /// Attributes a logit.
  /// - Parameters:
  ///   - id: the token.
  ///   - other: the token whose logit is subtracted, if there is one.
  ///   - position: the position of the prediction.
  ///   - rounds: whether products round their inputs, so that the parts do not add up exactly.
  public init(
    _ reading: ProbedReading, of id: Int, against other: Int?, at position: Int, rounds: Bool
  ) throws(Refusal) {
    let readout: LinearReadout
    switch reading.model.base.readout {
    case .linear(let linear): readout = linear
    case .normalizesSums: throw .normalizesSums
    case .transforms: throw .transforms
    }
    let (log, stack) = (reading.log, reading.stack)
    let logits = reading.model.base.logits(reading.hidden.rows(position..<position + 1)).row(0)
    guard let last = log.residual(LayerPlace(stack, reading.depth), at: position),
      let first = log.residual(LayerPlace(stack, 0), at: position)
    else { preconditionFailure("position \(position) was not read") }
    let direction = HeldReadout(readout, last.scalars.map(Double.init)).direction(of: id, against: other, logits)
    var parts = [Part(layer: nil, kind: .embedding, logit: direction.value(of: first.scalars.map(Double.init)))]
    for layer in 0..<reading.depth {
      var bias = 0.0
      for kind in log.kinds(of: LayerPlace(stack, layer)) {
        guard let sublayer = log.sublayer(SublayerPlace(stack, layer, kind), at: position) else { continue }
        let sums = SublayerSums(sublayer)
        for (index, added) in sums.parts.enumerated() {
          let kind: Part.Kind = sublayer.heads > 0 ? .head(index, isCross: kind == .cross) : .feedForward
          parts.append(Part(layer: layer, kind: kind, logit: direction.value(of: added)))
        }
        if let added = sums.bias { bias += direction.value(of: added) }
      }
      parts.append(Part(layer: layer, kind: .bias, logit: bias))
    }
    parts.append(Part(layer: nil, kind: .bias, logit: direction.constant))
    logit = Double(logits[id]) - (other.map { Double(logits[$0]) } ?? 0)
    if rounds {
      parts.append(Part(layer: nil, kind: .rounding, logit: logit - parts.reduce(0) { $0 + $1.logit }))
    }
    self.parts = parts
  }
}

/// What the parts of a sublayer add to the residual stream at one position, in double precision.
private struct SublayerSums {
  /// One row for each head, or one for a feed-forward layer. `[parts][width]`
  let parts: [[Double]]
  /// `[width]`
  let bias: [Double]?

  init(_ sublayer: PassedSublayer) {
    let count = max(sublayer.heads, 1)
    let inner = sublayer.inner.row(0)
    let width = inner.count / count
    // One row for each part, with zeros in the columns of the others.
    var rows = Array(repeating: Float(0), count: count * inner.count)
    for column in inner.indices { rows[column / width * inner.count + column] = inner[column] }
    let projection = sublayer.projection
    let sums = linear(Tensor(Shape(count, inner.count), rows), projection.weight)
    var factors = Array(repeating: 1.0, count: sums.width)
    if let norm = sublayer.norm {
      // The norm's statistic is that of the whole sum.
      let total = projection(sublayer.inner).row(0).map(Double.init)
      let scale = HeldReadout.rootMeanSquareScale(total, norm)
      factors = norm.weight.scalars.map { Double($0) * scale }
    }
    parts = (0..<count).map { zip(sums.row($0), factors).map { Double($0) * $1 } }
    bias = projection.bias.map { zip($0.scalars, factors).map { Double($0) * $1 } }
  }
}

/// The logits of one position as a linear function of the residual stream, with the final norm's statistics held.
private struct HeldReadout {
  private let readout: LinearReadout
  /// The row of the residual stream before the final norm. `[width]`
  private let stream: [Double]
  /// Whether the norm subtracts the mean, as a layer norm does.
  private let subtractsMean: Bool
  private let scale: Double
  private let weight: [Double]
  private let shift: [Double]

  init(_ readout: LinearReadout, _ stream: [Double]) {
    self.readout = readout
    self.stream = stream
    switch readout.norm {
    case .none:
      (subtractsMean, scale) = (false, 1)
      (weight, shift) = ([], [])
    case .rms(let norm):
      (subtractsMean, scale) = (false, Self.rootMeanSquareScale(stream, norm))
      (weight, shift) = (norm.weight.scalars.map(Double.init), [])
    case .layer(let norm):
      let mean = stream.reduce(0, +) / Double(stream.count)
      let variance = stream.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(stream.count)
      (subtractsMean, scale) = (true, 1 / (variance + Double(norm.epsilon)).squareRoot())
      weight = norm.weight.scalars.map(Double.init)
      shift = norm.bias.scalars.map(Double.init)
    }
  }

  static func rootMeanSquareScale(_ row: [Double], _ norm: RMSNorm) -> Double {
    1 / (row.reduce(0) { $0 + $1 * $1 } / Double(row.count) + Double(norm.epsilon)).squareRoot()
  }

  /// A linear function of the residual stream.
  struct Direction {
    /// `[width]`
    let weights: [Double]
    /// What the final norm and the head add by themselves.
    let constant: Double

    func value(of added: [Double]) -> Double { zip(weights, added).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// The direction of a token's logit, minus that of another.
  func direction(of id: Int, against other: Int?, _ logits: [Float]) -> Direction {
    let first = direction(of: id, Double(logits[id]))
    guard let other else { return first }
    let second = direction(of: other, Double(logits[other]))
    return Direction(
      weights: zip(first.weights, second.weights).map { $0 - $1 }, constant: first.constant - second.constant)
  }

  private func direction(of id: Int, _ logit: Double) -> Direction {
    var row = embedding([id], readout.matrix).row(0).map { Double($0) * Double(readout.factor) }
    var constant = readout.bias.map { Double($0.scalars[id]) } ?? 0
    if let projection = readout.projection {
      if let bias = projection.bias { constant += zip(row, bias.scalars).reduce(0) { $0 + $1.0 * Double($1.1) } }
      row = Self.transposed(projection.weight, times: row)
    }
    constant += zip(row, shift).reduce(0) { $0 + $1.0 * $1.1 }
    if !weight.isEmpty { row = zip(row, weight).map { $0 * $1 * scale } }
    if subtractsMean {
      let mean = row.reduce(0, +) / Double(row.count)
      row = row.map { $0 - mean }
    }
    guard readout.softCap != nil else { return Direction(weights: row, constant: constant) }
    let uncapped = zip(row, stream).reduce(constant) { $0 + $1.0 * $1.1 }
    let ratio = abs(uncapped) < 1e-9 ? 1 : logit / uncapped
    return Direction(weights: row.map { $0 * ratio }, constant: constant * ratio)
  }

  /// matrixᵀ · row. `[outputs]` → `[inputs]`
  private static func transposed(_ matrix: PackedMatrix, times row: [Double]) -> [Double] {
    let rows = embedding(Array(0..<matrix.outputs), matrix)
    var sums = Array(repeating: 0.0, count: matrix.inputs)
    for (index, factor) in row.enumerated() {
      for (column, value) in rows.row(index).enumerated() { sums[column] += factor * Double(value) }
    }
    return sums
  }
}
