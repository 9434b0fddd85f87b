import Models
import Sampling
import Tensors

/// The logit lens (nostalgebraist 2020): what a model would predict if it ended after an earlier layer.
///
/// The residual stream after a layer passes through the final norm, whose statistics are computed anew, and the head. A
/// model that normalizes after each sum, such as BERT, has its head applied to each layer's output. The last layer
/// gives the model's own distribution, bit for bit.
public struct LogitLens {
  /// The prediction after a layer at a position.
  public struct Layer: Sendable {
    /// The number of layers that were computed; 0 is the embedding.
    public let layer: Int
    /// The distribution after the layer.
    public let distribution: Distribution
    /// The distribution after the attention of the layer, before its feed-forward layer; `nil` for the embedding.
    public let afterAttention: Distribution?
  }

  private let reading: ProbedReading

  /// The lens of a text that was read.
  public init(_ reading: ProbedReading) { self.reading = reading }

  /// The predictions of all layers at a position, the embedding's first.
  public func layers(at position: Int) -> [Layer] {
    let log = reading.log
    return (0...reading.depth).compactMap { layer in
      guard let stream = log.residual(LayerPlace(reading.stack, layer), at: position) else { return nil }
      let above = SublayerPlace(reading.stack, layer - 1, .feedForward)
      return Layer(
        layer: layer, distribution: distribution(stream),
        afterAttention: log.sublayer(above, at: position).map { distribution($0.residual) })
    }
  }

  /// The predictions of all layers at several positions, layers × positions, the embedding's first. The rows of a layer
  /// pass through the head together.
  ///
  /// - Parameters:
  ///   - isAfterAttention: whether to take the stream after a layer's attention, where the layer has such a place.
  ///   - transform: what is kept of a distribution.
  public func table<Cell>(
    at positions: Range<Int>, isAfterAttention: Bool, _ transform: (Distribution) -> Cell
  ) -> [[Cell]] {
    (0...reading.depth).map { layer in
      let place = LayerPlace(reading.stack, layer)
      let above = SublayerPlace(reading.stack, layer - 1, .feedForward)
      let streams = { (positions: Range<Int>) -> Tensor? in
        let between = isAfterAttention ? reading.log.input(of: above, at: positions) : nil
        return between ?? reading.log.residual(place, at: positions)
      }
      guard let stream = streams(positions) else {
        // A text that was read in two passes: the positions lie in both of them.
        return positions.compactMap { streams($0..<$0 + 1).map { transform(distribution($0)) } }
      }
      let logits = reading.model.base.logits(reading.model.base.finish(stream))
      return (0..<positions.count).map { transform(Distribution(logits: logits.row($0))) }
    }
  }

  /// The probabilities of all layers at a position, the embedding's first.
  public func rows(at position: Int) -> [ProbabilityRow] {
    let model = reading.model.base
    return (0...reading.depth).compactMap { layer in
      reading.log.residual(LayerPlace(reading.stack, layer), at: position).map {
        ProbabilityRow(model.logits(model.finish($0)).row(0))
      }
    }
  }

  private func distribution(_ row: Tensor) -> Distribution {
    let model = reading.model.base
    return Distribution(logits: model.logits(model.finish(row)).row(0))
  }

  /// The first layer from which a token is the most probable one in all later layers; `nil` if it is not so in the
  /// last.
  public static func settled(_ layers: [Layer], on id: Int) -> Int? {
    guard let last = layers.lastIndex(where: { $0.distribution.best != id }) else { return layers.first?.layer }
    return last + 1 < layers.count ? layers[last + 1].layer : nil
  }
}
