import Sampling

/// The role of looking into a model: what each layer would predict, where its heads look, and what its parts add to a
/// logit. An engine with this role also applies the ``ModelReference/changes`` of a reference.
public protocol Inspecting: Engine {
  /// Reads a text and reports what is inside the model.
  func inspect(_ request: InspectionRequest) async throws(EngineError) -> InspectionAnswer

  /// The probability that a text goes on with certain strings, before each of its tokens: a row for each token, with
  /// the natural logarithm for each string; `nil` where nothing predicts. Not for masked models. Default: one
  /// inspection for each token.
  func watch(_ request: WatchRequest) async throws(EngineError) -> [[Double?]]
}

extension Inspecting {
  /// The default: one inspection for each token.
  public func watch(_ request: WatchRequest) async throws(EngineError) -> [[Double?]] {
    var rows: [[Double?]] = []
    for index in request.context.ids.indices {
      var context = request.context
      // A decoder reads its start token and all but the last id.
      context.ids = Array(context.ids[...index].dropLast(context.encoderIDs == nil ? 1 : 0))
      guard !context.ids.isEmpty else {
        rows.append(request.strings.map { _ in nil })
        continue
      }
      var inspection = InspectionRequest(context: context, parts: [], topCount: 1)
      inspection.watched = request.strings
      rows.append(try await inspect(inspection).watched.map(\.logprob))
    }
    return rows
  }
}

/// What an inspection computes.
public enum InspectionPart: String, Sendable, Hashable, CaseIterable {
  /// What each layer would predict.
  case lens
  /// Where each head looks.
  case attention
  /// What each part adds to a logit.
  case attribution
  /// The norms of the residual stream.
  case norms
}

/// A request to look into a model.
public struct InspectionRequest: Sendable, Hashable {
  /// The model and its text. Encoder-decoder models: `encoderIDs` is the source and `ids` the target, of which the
  /// decoder reads the start token and all but the last.
  public var context: ModelContext
  /// The position that lens and attribution are about, among the tokens that the model reads; `nil` for the last.
  public var position: Int?
  /// What to compute.
  public var parts: Set<InspectionPart>
  /// The number of most probable tokens of each layer.
  public var topCount: Int
  /// The token whose rank the lens follows and whose logit is attributed; `nil` for the most probable one.
  public var token: Int?
  /// The token whose logit is subtracted.
  public var against: Int?
  /// The layer whose attention is reported; `nil` for all.
  public var attentionLayer: Int?
  /// The head whose attention is reported; `nil` for all.
  public var attentionHead: Int?
  /// A text of as many ids, whose activations are put into the context one by one; `nil` for no sweep. The logits are
  /// those at the position. Not for encoder-decoder models.
  public var sweptIDs: [Int]?
  /// A safetensors file of activations that another program computed, to compare with; `nil` for none.
  public var golden: String?
  /// The positions whose first predictions are tabulated for every layer; `nil` for no table.
  public var table: LensTable?
  /// Strings whose probability is followed through the layers, at the position; empty for none.
  public var watched: [String] = []
  /// Another number format of the model, whose pass is compared with that of `context.model`; `nil` for none.
  public var otherFormat: NumberFormat?
  /// Further changes of the model, whose prediction is put beside that of `context.model`; empty for none.
  public var changes: [ModelChange] = []

  /// A request with these values.
  public init(
    context: ModelContext, position: Int? = nil, parts: Set<InspectionPart>, topCount: Int = Limits.defaultListed,
    token: Int? = nil, against: Int? = nil
  ) {
    self.context = context
    self.position = position
    self.parts = parts
    self.topCount = topCount
    self.token = token
    self.against = against
  }
}

/// What was found inside a model.
public struct InspectionAnswer: Sendable, Hashable {
  /// The tokens that the positions count: the text, or what the decoder reads.
  public var tokens: [TokenValue]
  /// The tokens of the source of an encoder-decoder model.
  public var source: [TokenValue]?
  /// The position that lens and attribution are about.
  public var position: Int
  /// The token that they follow, with its log-probability and rank in the model's own distribution.
  public var token: RankedToken
  /// The token whose logit is subtracted.
  public var against: RankedToken?
  /// The predictions of the layers, the embedding's first; empty unless requested.
  public var lens: [LensLayer] = []
  /// The first layer after which the followed token stays the most probable; `nil` if it is not so in the last.
  public var settled: Int?
  /// The attention weights of all heads; empty unless requested.
  public var attention: [AttentionHead] = []
  /// What the parts add; empty unless requested.
  public var attribution: [AttributedPart] = []
  /// The logit or the difference that they add up to.
  public var logit: Double?
  /// The L2 norms of the residual stream, layers × positions; empty unless requested.
  public var norms: [[Double]] = []
  /// The same of the encoder of an encoder-decoder model.
  public var encoderNorms: [[Double]] = []
  /// What single activations of another text restore; `nil` unless requested.
  public var sweep: SweepAnswer?
  /// The most probable token of each layer at each position of the requested table, layers × positions, the embedding's
  /// first.
  public var table: [[RankedToken]] = []
  /// The prediction of the changed model at the position; `nil` without changes.
  public var changed: ChangedPrediction?
  /// The probabilities of the watched strings, in their order.
  public var watched: [WatchedString] = []
  /// The comparison with another number format; `nil` unless requested.
  public var bend: FormatBendAnswer?
  /// The comparison with a file of activations, in the order of a pass; empty unless requested.
  public var golden: [GoldenActivation] = []
  /// Remarks about the text, such as a missing beginning-of-text token.
  public var notices: [String] = []

  /// An answer without computed parts.
  public init(
    tokens: [TokenValue], source: [TokenValue]? = nil, position: Int, token: RankedToken, against: RankedToken? = nil
  ) {
    self.tokens = tokens
    self.source = source
    self.position = position
    self.token = token
    self.against = against
  }
}

/// A table of what the layers predict at several positions.
public struct LensTable: Sendable, Hashable {
  /// The positions.
  public var positions: Range<Int>
  /// Whether the prediction is that after a layer's attention, before its feed-forward layer. The embedding has no such
  /// place; its own prediction is given.
  public var isAfterAttention: Bool

  /// A table of these positions.
  public init(_ positions: Range<Int>, isAfterAttention: Bool = false) {
    self.positions = positions
    self.isAfterAttention = isAfterAttention
  }
}

/// What a changed model predicts, beside the unchanged one.
public struct ChangedPrediction: Sendable, Hashable {
  /// How far the changed distribution is from the unchanged one; ``Divergence/forward`` is KL(unchanged‖changed).
  public var divergence: Divergence
  /// The entropy of the changed distribution, in bits.
  public var entropy: Double?
  /// The most probable tokens of the changed model.
  public var top: [RankedToken]
  /// The most probable tokens of the unchanged model.
  public var before: [RankedToken]

  /// A prediction of these values.
  public init(divergence: Divergence, entropy: Double?, top: [RankedToken], before: [RankedToken]) {
    self.divergence = divergence
    self.entropy = entropy
    self.top = top
    self.before = before
  }
}

/// What a model would predict if it ended after a layer.
public struct LensLayer: Sendable, Hashable {
  /// A prediction.
  public struct Prediction: Sendable, Hashable {
    /// The entropy in bits.
    public var entropy: Double?
    /// The most probable tokens.
    public var top: [RankedToken]
    /// The rank of the followed token.
    public var finalRank: Int?
    /// The natural logarithm of its probability.
    public var finalLogprob: Double?

    /// A prediction of these values.
    public init(entropy: Double?, top: [RankedToken], finalRank: Int?, finalLogprob: Double?) {
      self.entropy = entropy
      self.top = top
      self.finalRank = finalRank
      self.finalLogprob = finalLogprob
    }
  }

  /// The number of layers that were computed; 0 is the embedding.
  public var layer: Int
  /// The prediction after the layer.
  public var prediction: Prediction
  /// The prediction after the layer's attention, before its feed-forward layer; `nil` for the embedding.
  public var afterAttention: Prediction?

  /// A layer's predictions.
  public init(layer: Int, prediction: Prediction, afterAttention: Prediction?) {
    self.layer = layer
    self.prediction = prediction
    self.afterAttention = afterAttention
  }
}

/// The attention weights of a head.
public struct AttentionHead: Sendable, Hashable {
  /// Whose attention it is.
  public enum Kind: String, Sendable, Hashable {
    /// The self-attention of a causal or masked model, or of a decoder.
    case own = "self"
    /// The encoder of an encoder-decoder model.
    case encoder
    /// The decoder's attention to the source.
    case cross
  }

  /// The layer, from 0.
  public var layer: Int
  /// The head, from 0.
  public var head: Int
  /// The key head that it uses; several heads may share one.
  public var keyHead: Int
  /// Whose attention it is.
  public var kind: Kind
  /// A row for each position and a column for each key.
  public var weights: [[Float]]

  /// The weights of a head.
  public init(layer: Int, head: Int, keyHead: Int, kind: Kind, weights: [[Float]]) {
    self.layer = layer
    self.head = head
    self.keyHead = keyHead
    self.kind = kind
    self.weights = weights
  }
}

/// What a part of a model adds to a logit or to a difference of logits.
public struct AttributedPart: Sendable, Hashable {
  /// The kinds of parts.
  public enum Kind: String, Sendable, Hashable {
    /// The token and position embeddings.
    case embedding
    /// A head.
    case head
    /// A feed-forward layer.
    case feedForward = "feed_forward"
    /// Biases: of a layer's output projections, or of the final norm and the head.
    case bias
    /// What number formats lose that round the inputs of products.
    case rounding
  }

  /// The layer, from 0; `nil` for the embedding and what follows the last layer.
  public var layer: Int?
  /// What it is.
  public var kind: Kind
  /// The head, from 0.
  public var head: Int?
  /// Whether the head is one of the cross-attention.
  public var isCross: Bool
  /// What it adds.
  public var logit: Double

  /// A part of these values.
  public init(layer: Int?, _ kind: Kind, head: Int? = nil, isCross: Bool = false, logit: Double) {
    self.layer = layer
    self.kind = kind
    self.head = head
    self.isCross = isCross
    self.logit = logit
  }
}

/// What single activations of one text restore in the pass of another: the difference of two tokens' logits.
public struct SweepAnswer: Sendable, Hashable {
  /// The token whose logit is higher in the text that the activations come from, and the one that is subtracted.
  public var token: TokenValue
  /// The token whose logit is subtracted.
  public var against: TokenValue
  /// The difference in the text that the activations come from.
  public var clean: Double
  /// The difference in the text of the request.
  public var corrupted: Double
  /// The difference with the activation after a layer at a position, layers × positions.
  public var differences: [[Double]]
  /// The share of the lost difference that it restores, layers × positions: 0 for nothing, 1 for all.
  public var restored: [[Double]]

  /// A sweep of these values.
  public init(
    token: TokenValue, against: TokenValue, clean: Double, corrupted: Double, differences: [[Double]],
    restored: [[Double]]
  ) {
    self.token = token
    self.against = against
    self.clean = clean
    self.corrupted = corrupted
    self.differences = differences
    self.restored = restored
  }
}

/// The comparison of an activation with that of another program.
public struct GoldenActivation: Sendable, Hashable {
  /// The name in transformers' outputs, such as `hidden_states.3`.
  public var name: String
  /// The largest difference of two numbers.
  public var difference: Double
  /// The same in units in the last place of the activation's largest number.
  public var units: Double
  /// Whether the difference is only that of roundings.
  public var isEqual: Bool

  /// A comparison of these values.
  public init(name: String, difference: Double, units: Double, isEqual: Bool) {
    self.name = name
    self.difference = difference
    self.units = units
    self.isEqual = isEqual
  }
}
