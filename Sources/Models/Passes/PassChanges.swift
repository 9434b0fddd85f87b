import Layers
import Tensors

/// Changes of activations, as a forward pass applies them: parts are scaled, directions added, and rows of the residual
/// stream replaced, in this order.
public struct PassChanges: Sendable {
  /// The factors of a sublayer's parts.
  public struct Factors: Sendable, Hashable {
    /// The factor of the whole sublayer.
    public var whole: Float = 1
    /// The factors of single heads.
    public var heads: [Int: Float] = [:]

    /// Factors that change nothing.
    public init() {}
  }

  /// A row of the residual stream.
  public struct Row: Sendable {
    /// Computes the row from the source of a decoder sequence.
    public typealias Computation = @Sendable (_ encoder: EncoderState?) throws(ModelError) -> Tensor

    fileprivate let compute: Computation

    /// A known row. `[1, width]`
    public init(_ row: Tensor) { compute = { _ in row } }

    /// A row that depends on the source.
    public init(_ compute: @escaping Computation) { self.compute = compute }
  }

  /// Factors by sublayer.
  public var factors: [SublayerPlace: Factors] = [:]
  /// Directions that are added to the residual stream after a layer, at all positions. `[width]`
  public var directions: [LayerPlace: [Float]] = [:]
  /// Rows that replace those of the residual stream after a layer, by position.
  public var rows: [LayerPlace: [Int: Row]] = [:]

  /// No change.
  public init() {}

  /// The residual stream after a layer with its changes.
  func stream(_ x: Tensor, after place: LayerPlace, _ batch: BatchLayout, _ segments: [Segment]) -> Tensor {
    let (direction, replaced) = (directions[place], rows[place] ?? [:])
    guard direction != nil || !replaced.isEmpty else { return x }
    let width = x.width
    var scalars = x.scalars
    if let direction {
      for row in 0..<x.rowCount { for column in 0..<width { scalars[row * width + column] += direction[column] } }
    }
    for (index, range) in batch.ranges.enumerated() {
      for row in range {
        guard let new = replaced[batch.positions[row]] else { continue }
        // A row that cannot be computed was refused when the change was resolved.
        guard let tensor = try? new.compute(segments.isEmpty ? nil : segments[index].state.encoder) else { continue }
        scalars.replaceSubrange(row * width..<(row + 1) * width, with: tensor.scalars)
      }
    }
    return Tensor(x.shape, scalars)
  }
}

extension PassChanges.Factors {
  /// The inner values of a sublayer with each part multiplied by its factor. A factor of 0 gives exact zeros.
  /// - Parameters:
  ///   - inner: `[rows, inner]`
  ///   - count: the number of heads; 0 for a feed-forward layer.
  func applied(to inner: Tensor, heads count: Int) -> Tensor {
    let (parts, width) = (max(count, 1), inner.width / max(count, 1))
    let factors = (0..<parts).map { whole * (count > 0 ? heads[$0] ?? 1 : 1) }
    var scalars = inner.scalars
    for row in 0..<inner.rowCount {
      for (part, factor) in factors.enumerated() where factor != 1 {
        let first = row * inner.width + part * width
        for index in first..<first + width { scalars[index] = factor == 0 ? 0 : scalars[index] * factor }
      }
    }
    return Tensor(inner.shape, scalars)
  }
}
