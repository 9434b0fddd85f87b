import Layers
import Tensors

/// Receives the named activations of a forward pass as they are computed, and may change them.
///
/// The names are those of transformers' outputs: `hidden_states.0` is the input of the first layer, `hidden_states.i`
/// the output of the i-th layer, and the last one is taken after the final norm if the architecture has one.
/// Encoder-decoder models use the names `encoder_hidden_states.i` and `decoder_hidden_states.i`. The rows are the new
/// positions of all segments, one segment after the other. `[rows, width]`
///
/// A probe without changes changes no bit of the result, and a pass without a probe does no extra work.
public struct Probe {
  private let receive: ((String, Tensor) -> Void)?
  /// Receives the residual stream, the attention weights and the sublayers.
  let report: ((PassEvent) -> Void)?
  /// Whether the attention weights are computed and reported.
  let wantsWeights: Bool
  /// What is changed while the pass is computed.
  let changes: PassChanges?

  /// Creates a probe that calls `receive` with the name and value of every activation.
  public init(_ receive: @escaping (_ name: String, _ activation: Tensor) -> Void) {
    self.init(receive: receive, report: nil, wantsWeights: false, changes: nil)
  }

  /// Creates a probe that receives the parts of a pass.
  /// - Parameters:
  ///   - report: called with the residual stream, the sublayers and, if `weights` is true, the attention weights.
  ///   - weights: whether attention weights are computed.
  ///   - receive: called with the name and value of every activation.
  public init(
    reporting report: @escaping (_ event: PassEvent) -> Void, weights: Bool = true,
    receiving receive: ((_ name: String, _ activation: Tensor) -> Void)? = nil
  ) {
    self.init(receive: receive, report: report, wantsWeights: weights, changes: nil)
  }

  private init(
    receive: ((String, Tensor) -> Void)?, report: ((PassEvent) -> Void)?, wantsWeights: Bool, changes: PassChanges?
  ) {
    self.receive = receive
    self.report = report
    self.wantsWeights = wantsWeights
    self.changes = changes
  }

  /// A probe that also makes these changes.
  static func changing(_ changes: PassChanges, _ probe: Probe?) -> Probe {
    Probe(
      receive: probe?.receive, report: probe?.report, wantsWeights: probe?.wantsWeights ?? false, changes: changes)
  }

  /// Reports one activation.
  func observe(_ name: @autoclosure () -> String, _ activation: Tensor) { receive?(name(), activation) }
}

/// A stack of layers. Causal models have a decoder only, masked models an encoder.
public enum LayerStack: String, Sendable, Hashable, CaseIterable {
  /// The encoder.
  case encoder
  /// The decoder.
  case decoder
}

/// A layer of a stack, from 0. The number of layers stands for the place after the last one.
public struct LayerPlace: Sendable, Hashable {
  /// The stack.
  public let stack: LayerStack
  /// The index of the layer.
  public let layer: Int

  /// A layer of a stack.
  public init(_ stack: LayerStack, _ layer: Int) {
    self.stack = stack
    self.layer = layer
  }
}

/// A sublayer of a layer.
public struct SublayerPlace: Sendable, Hashable {
  /// The kinds of sublayers.
  public enum Kind: Sendable, Hashable, CaseIterable {
    /// Self-attention.
    case attention
    /// Cross-attention to the encoded source.
    case cross
    /// The feed-forward layer.
    case feedForward
  }

  /// The stack.
  public let stack: LayerStack
  /// The index of the layer.
  public let layer: Int
  /// Which of its sublayers.
  public let kind: Kind

  /// A sublayer of a layer.
  public init(_ stack: LayerStack, _ layer: Int, _ kind: Kind) {
    self.stack = stack
    self.layer = layer
    self.kind = kind
  }
}

/// The kind of a sublayer, and the number of its query heads.
enum SublayerKind {
  case attention(AttentionShape)
  case cross(AttentionShape)
  case feedForward

  var name: SublayerPlace.Kind {
    switch self {
    case .attention: .attention
    case .cross: .cross
    case .feedForward: .feedForward
    }
  }

  /// The place of dropout of the sublayer's output.
  var output: DropoutPlace {
    switch self {
    case .attention: .attentionOutput
    case .cross: .crossOutput
    case .feedForward: .feedForwardOutput
    }
  }

  /// 0 for a feed-forward layer.
  var heads: Int {
    switch self {
    case .attention(let shape), .cross(let shape): shape.queryHeads
    case .feedForward: 0
    }
  }
}

/// What a probe receives of a pass. `start` is the position of the first row within the first sequence; the rows of the
/// other sequences follow.
public enum PassEvent {
  /// The residual stream before a layer, or after the last one and before the final norm. `[rows, width]`
  case residual(LayerPlace, start: Int, Tensor)
  /// The attention weights of rows of one sequence. Query heads that share one of the `keyHeads` are neighbors.
  /// `[heads, rows, keys]`
  case attention(SublayerPlace, sequence: Int, start: Int, keyHeads: Int, weights: Tensor)
  /// A sublayer that adds to the residual stream.
  case sublayer(PassedSublayer)
}

/// What a sublayer adds to the residual stream, before it is added.
public struct PassedSublayer {
  /// The sublayer.
  public let place: SublayerPlace
  /// The query heads; 0 for a feed-forward layer.
  public let heads: Int
  /// The position of the first row.
  public let start: Int
  /// The outputs of the heads side by side, or the hidden values of a feed-forward layer. `[rows, inner]`
  public let inner: Tensor
  /// Projects the inner values to the width of the residual stream.
  public let projection: Linear
  /// Applied to the projected values before they are added, if the architecture has such a norm.
  public let norm: RMSNorm?
  /// What the projected values are added to. `[rows, width]`
  public let residual: Tensor

  /// The sublayer with only the row of one position.
  public func row(at position: Int) -> PassedSublayer {
    let row = position - start..<position - start + 1
    return PassedSublayer(
      place: place, heads: heads, start: position, inner: inner.rows(row), projection: projection, norm: norm,
      residual: residual.rows(row))
  }
}
