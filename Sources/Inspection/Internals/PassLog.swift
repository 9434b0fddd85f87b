import Models
import Tensors

/// The layers whose attention weights are kept. Weights take memory in proportion to the squared length of a text.
public enum WeightSelection: Sendable, Hashable {
  /// No layers; the weights are not computed.
  case none
  /// The layer with this index, of every stack.
  case layer(Int)
  /// All layers.
  case all

  func holds(_ layer: Int) -> Bool {
    switch self {
    case .none: false
    case .layer(let kept): kept == layer
    case .all: true
    }
  }
}

/// What a probe reported of passes over one sequence, by place. Rows are found by their position in the sequence.
///
/// A text may be read in several passes (LongRoPE reads a long text a second time). The first pass that computes a
/// position is the one that counts, because the model uses its row.
public final class PassLog {
  /// Values of neighboring positions.
  private struct Rows {
    let start: Int
    let tensor: Tensor

    func holds(_ position: Int) -> Bool { (start..<start + tensor.rowCount).contains(position) }
  }

  /// Attention weights of neighboring positions. `[heads, rows, keys]`
  private struct Weights {
    let start: Int
    let keyHeads: Int
    let tensor: Tensor
  }

  private var activations: [String: Tensor] = [:]
  private var residuals: [LayerPlace: [Rows]] = [:]
  private var weights: [SublayerPlace: [Weights]] = [:]
  private var sublayers: [SublayerPlace: [PassedSublayer]] = [:]

  private let kept: WeightSelection

  /// An empty log.
  public init(weights: WeightSelection) { kept = weights }

  /// The probe that fills the log. The pass must read a single sequence.
  public var probe: Probe {
    Probe(reporting: { self.note($0) }, weights: kept != .none, receiving: { self.activations[$0] = $1 })
  }

  /// An activation by transformers' name, such as `hidden_states.2`; of a text that was read twice, that of the second
  /// reading. `[rows, width]`
  public func activation(_ name: String) -> Tensor? { activations[name] }

  private func note(_ event: PassEvent) {
    switch event {
    case .residual(let place, let start, let rows):
      residuals[place, default: []].append(Rows(start: start, tensor: rows))
    case .attention(let place, _, let start, let keyHeads, let tensor):
      guard kept.holds(place.layer) else { return }
      weights[place, default: []].append(Weights(start: start, keyHeads: keyHeads, tensor: tensor))
    case .sublayer(let sublayer): sublayers[sublayer.place, default: []].append(sublayer)
    }
  }

  /// The number of layers of a stack.
  public func depth(of stack: LayerStack) -> Int {
    residuals.keys.lazy.filter { $0.stack == stack }.map(\.layer).max() ?? 0
  }

  /// The stacks that were read.
  public var stacks: [LayerStack] { LayerStack.allCases.filter { depth(of: $0) > 0 } }

  /// The sublayers of a layer in the order of a pass.
  public func kinds(of place: LayerPlace) -> [SublayerPlace.Kind] {
    SublayerPlace.Kind.allCases.filter { sublayers[SublayerPlace(place.stack, place.layer, $0)] != nil }
  }

  /// The number of query heads of a sublayer, and of the key heads that they share; `nil` if it has none.
  public func heads(of place: SublayerPlace) -> (query: Int, key: Int)? {
    guard let first = weights[place]?.first else { return nil }
    return (first.tensor.shape[0], first.keyHeads)
  }

  /// The residual stream before a layer at a position; the number of layers means after the last one. `[1, width]`
  public func residual(_ place: LayerPlace, at position: Int) -> Tensor? {
    residuals[place]?.first { $0.holds(position) }.map { $0.tensor.rows(position - $0.start..<position - $0.start + 1) }
  }

  /// The residual stream at neighboring positions; `nil` if no pass computed all of them. `[positions, width]`
  func residual(_ place: LayerPlace, at positions: Range<Int>) -> Tensor? {
    residuals[place]?.first { $0.holds(positions.lowerBound) && $0.holds(positions.upperBound - 1) }.map {
      $0.tensor.rows(positions.lowerBound - $0.start..<positions.upperBound - $0.start)
    }
  }

  /// What a sublayer's output is added to, at neighboring positions; `nil` if no pass computed all of them.
  /// `[positions, width]`
  func input(of place: SublayerPlace, at positions: Range<Int>) -> Tensor? {
    sublayers[place]?.first {
      $0.start <= positions.lowerBound && positions.upperBound <= $0.start + $0.inner.rowCount
    }.map { $0.residual.rows(positions.lowerBound - $0.start..<positions.upperBound - $0.start) }
  }

  /// A sublayer with only the row of one position.
  public func sublayer(_ place: SublayerPlace, at position: Int) -> PassedSublayer? {
    let found = sublayers[place]?.first { ($0.start..<$0.start + $0.inner.rowCount).contains(position) }
    return found?.row(at: position)
  }

  /// The attention weights of a sublayer's heads: for each head a row for each of `count` positions and a column for
  /// each key. A position that sees fewer keys has zeros.
  public func attention(_ place: SublayerPlace, count: Int, keys: Int) -> [[[Float]]] {
    guard let parts = weights[place], let heads = heads(of: place) else { return [] }
    return (0..<heads.query).map { head in
      (0..<count).map { position in
        guard
          let part = parts.first(where: { ($0.start..<$0.start + $0.tensor.shape[1]).contains(position) })
        else { return Array(repeating: 0, count: keys) }
        let row = part.tensor.rows(head..<head + 1).reshaped(Shape(part.tensor.shape[1], part.tensor.shape[2]))
          .row(position - part.start)
        return row + Array(repeating: 0, count: max(0, keys - row.count))
      }
    }
  }
}
