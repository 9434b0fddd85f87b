import Models
import Tensors

/// A text read once by a model with a probe: everything that lens, attention, attribution and norms are computed from.
///
/// The rows of a masked or causal model are the positions of its text. An encoder-decoder model reads a source, and its
/// decoder the ids of a target.
public struct ProbedReading {
  /// The model.
  public let model: AnyLanguageModel
  /// The ids of the stack that predicts tokens: the text, or the decoder's ids.
  public let ids: [Int]
  /// The ids of the source of an encoder-decoder model.
  public let source: [Int]?
  /// What the probe reported.
  public let log: PassLog
  /// The hidden rows after the final norm. `[ids, width]`
  public let hidden: Tensor

  /// Reads a text.
  /// - Parameters:
  ///   - ids: the text; of an encoder-decoder model the decoder's ids, start token included.
  ///   - source: the encoder's ids of an encoder-decoder model.
  ///   - weights: the attention weights that are kept.
  /// - Throws: ``ModelError`` if the ids do not fit the model.
  public init(
    _ model: AnyLanguageModel, ids: [Int], source: [Int]? = nil, weights: WeightSelection = .all
  ) throws(ModelError) {
    let log = PassLog(weights: weights)
    switch model {
    case .causal(let model):
      hidden = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)], probe: log.probe).tensor
    case .seq2seq(let model):
      let state = model.makeState(try model.encode(source ?? [], probe: log.probe))
      hidden = try model.forward([Segment(ids: ids, state: state, wanted: .all)], probe: log.probe).tensor
    case .masked(let model): hidden = try model.forward([MaskedSequence(ids: ids)], probe: log.probe).tensor
    case .labeling(let model): hidden = try model.forward([MaskedSequence(ids: ids)], probe: log.probe).tensor
    }
    self.model = model
    self.ids = ids
    self.source = source
    self.log = log
  }

  /// The stack whose last layer predicts tokens.
  public var stack: LayerStack {
    switch model {
    case .causal, .seq2seq: .decoder
    case .masked, .labeling: log.depth(of: .decoder) > 0 ? .decoder : .encoder
    }
  }

  /// The number of its layers.
  public var depth: Int { log.depth(of: stack) }

  /// The L2 norm of the residual stream: a row for each layer, from the embedding to the last layer before the final
  /// norm, and a column for each position.
  public func norms(of stack: LayerStack) -> [[Double]] {
    let count = stack == self.stack ? ids.count : source?.count ?? 0
    return (0...log.depth(of: stack)).map { layer in
      (0..<count).map { position in
        log.residual(LayerPlace(stack, layer), at: position).map(Self.norm) ?? 0
      }
    }
  }

  private static func norm(_ row: Tensor) -> Double {
    row.scalars.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}

/// What a model consists of: the layers of its stacks and the heads of their attentions.
///
/// It is found by a pass over a single token, so it is what every pass meets.
public struct ModelAnatomy: Sendable, Hashable {
  /// A sublayer.
  public struct Sublayer: Sendable, Hashable {
    /// Self-attention, cross-attention or feed-forward layer.
    public let kind: SublayerPlace.Kind
    /// The query heads; 0 for a feed-forward layer.
    public let heads: Int
  }

  /// The layers of each stack, and the sublayers of each layer.
  public let layers: [LayerStack: [[Sublayer]]]
  /// The stack whose last layer gives the predictions.
  public let main: LayerStack
  /// The width of the residual stream.
  public let width: Int

  /// The anatomy of a model.
  /// - Throws: ``ModelError`` if the model cannot read a single token.
  public init(_ model: AnyLanguageModel) throws(ModelError) {
    let reading = try ProbedReading(model, ids: [0], source: [0], weights: .none)
    let log = reading.log
    var layers: [LayerStack: [[Sublayer]]] = [:]
    for stack in log.stacks {
      layers[stack] = (0..<log.depth(of: stack)).map { layer in
        log.kinds(of: LayerPlace(stack, layer)).map { kind in
          Sublayer(kind: kind, heads: log.sublayer(SublayerPlace(stack, layer, kind), at: 0)?.heads ?? 0)
        }
      }
    }
    self.layers = layers
    main = reading.stack
    width = log.residual(LayerPlace(reading.stack, 0), at: 0)?.width ?? 0
  }
}
