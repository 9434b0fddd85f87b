import Layers
import Tensors

/// Which rows of a sequence a classification head reads.
enum LabelPooling: Sendable {
  /// The first token's row.
  case first
  /// The mean of all rows.
  case mean
  /// The row of the last token that is not `padding`: the first row if all tokens are padding, the last row if
  /// `padding` is `nil`.
  case last(padding: Int?)
  /// Every row: each token gets labels.
  case tokens

  /// The rows of one sequence that enter the head, before any mean.
  func wanted(_ sequence: MaskedSequence) -> WantedRows {
    switch self {
    case .first: .positions([0])
    case .mean: .all
    case .last(nil): .last
    case .last(let padding?): .positions([sequence.ids.lastIndex { $0 != padding } ?? 0])
    case .tokens: sequence.wanted
    }
  }

  /// The sequences with the rows that enter the head.
  func apply(_ sequences: [MaskedSequence]) -> [MaskedSequence] {
    sequences.map { MaskedSequence(ids: $0.ids, wanted: wanted($0), types: $0.types, text: $0.text) }
  }

  /// The rows that enter the head: one for each sequence, or one for each token.
  func pool(_ rows: HiddenRows) -> HiddenRows {
    guard case .mean = self else { return rows }
    let means = rows.ranges.indices.map { Self.mean(rows.rows(ofSegment: $0)) }
    return HiddenRows(tensor: Tensor.stackingRows(means), ranges: means.indices.map { $0..<$0 + 1 })
  }

  /// The mean of rows, added in their order. `[rows, width]` → `[1, width]`
  private static func mean(_ x: Tensor) -> Tensor {
    let sum = (1..<x.rowCount).reduce(x.rows(0..<1)) { add($0, x.rows($1..<$1 + 1)) }
    return scale(sum, 1 / Float(x.rowCount))
  }
}

extension Recorder {
  /// Notes the keys of the rows that a classification head reads.
  /// - Parameter sequences: with the rows that enter the head.
  func noteOutputs(_ sequences: [MaskedSequence], _ pooling: LabelPooling) {
    guard let dropout else { return }
    outputKeys = sequences.flatMap { sequence in
      let key = dropout.ofText(sequence.text)
      if case .mean = pooling { return [key.with(0)] }
      var positions: [Int] = []
      pooling.wanted(sequence).append(to: &positions, first: 0, count: sequence.ids.count)
      return positions.map { key.with(UInt64($0)) }
    }
  }
}

/// A classification head: a transform, where the architecture has one, then a product that gives each label its logit.
struct LabelHead: Sendable {
  var dense: Linear?
  var activation = Activation.linear
  var norm: LayerNorm?
  /// `[labels, width]`
  let scores: Linear
  let pooling: LabelPooling

  /// `[rows, width]` → `[rows, labels]`
  /// - Parameter rates: the dropout of a recorded pass.
  func callAsFunction(_ hidden: Tensor, _ rates: DropoutRates) -> Tensor {
    let isOfTokens = if case .tokens = pooling { true } else { false }
    let read = isOfTokens ? hidden : hidden.dropped(at: .textHeadInput, rates)
    let x = dense.map { $0(read, activation: activation) } ?? read
    return scores((norm.map { $0(x) } ?? x).dropped(at: isOfTokens ? .tokenHead : .textHead, rates))
  }
}

extension LabelHead {
  /// The head named `classifier` of RoBERTa and ELECTRA. The head for whole texts reads the first token's row through a
  /// transform with this activation.
  static func classifier(
    _ weights: WeightLoader, _ labels: LabelSet, width: Int, activation: Activation
  ) -> LabelHead {
    let (head, count) = (weights.outside("classifier"), labels.names.count)
    guard labels.subject == .texts else {
      return LabelHead(
        scores: weights.outside.linear("classifier", inputs: width, outputs: count), pooling: .tokens)
    }
    return LabelHead(
      dense: head.linear("dense", inputs: width, outputs: width), activation: activation,
      scores: head.linear("out_proj", inputs: width, outputs: count), pooling: .first)
  }

  /// A head whose matrix `classifier` gives texts and tokens their logits. The head for whole texts reads the first
  /// token's row through a pooler.
  static func pooled(
    _ weights: WeightLoader, _ labels: LabelSet, width: Int, pooler: @autoclosure () -> Linear, activation: Activation
  ) -> LabelHead {
    let scores = weights.outside.linear("classifier", inputs: width, outputs: labels.names.count)
    guard labels.subject == .texts else { return LabelHead(scores: scores, pooling: .tokens) }
    return LabelHead(dense: pooler(), activation: activation, scores: scores, pooling: .first)
  }
}

/// An encoder with a classification head.
struct LabelingEncoder<Body: Encoder>: LabelingModel {
  let body: Body
  let head: LabelHead
  let labels: LabelSet
  let facts: ModelFacts

  init(_ body: Body, _ head: LabelHead, _ labels: LabelSet, _ weights: WeightLoader) {
    self.body = body
    self.head = head
    self.labels = labels
    facts = body.facts(weights)
  }

  func forward(
    _ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try body.pass(head.pooling.apply(sequences), facts, probe, recorder)
    recorder?.noteOutputs(sequences, head.pooling)
    return head.pooling.pool(pass.result(body(pass), depth: body.depth))
  }

  func finish(_ x: Tensor) -> Tensor { body.finish(x) }

  func logits(_ hidden: Tensor) -> Tensor { head(hidden, facts.dropout) }
}

/// The configuration of a decoder with rotary positions.
protocol RotaryConfiguration: Sendable {
  var sizes: DecoderSizes { get set }

  /// Loads the model.
  func model(_ weights: WeightLoader) -> any CausalModel
}

/// A causal model whose language-model head is replaced by a classification head.
struct LabelingDecoder: LabelingModel {
  let body: any CausalModel
  let head: LabelHead
  let labels: LabelSet
  let facts: ModelFacts

  /// - Parameter body: a model loaded with tied weights, so that its language-model head needs no weights.
  init(_ body: any CausalModel, _ head: LabelHead, _ labels: LabelSet, _ weights: WeightLoader) {
    self.body = body
    self.head = head
    self.labels = labels
    facts = ModelFacts(
      vocabularySize: body.facts.vocabularySize, contextLength: body.facts.contextLength, width: body.facts.width,
      layerCount: body.facts.layerCount, weights)
  }

  func forward(
    _ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let segments = sequences.map {
      Segment(ids: $0.ids, state: body.makeState(), wanted: head.pooling.wanted($0), text: $0.text)
    }
    recorder?.noteOutputs(sequences, head.pooling)
    return try body.forward(segments, probe: probe, recorder: recorder)
  }

  func finish(_ x: Tensor) -> Tensor { body.finish(x) }

  func logits(_ hidden: Tensor) -> Tensor { head(hidden, facts.dropout) }

  /// Loads a decoder with rotary positions with a classification head.
  @Sendable static func rotary(
    _ weights: WeightLoader, _ configuration: some RotaryConfiguration, _ labels: LabelSet
  ) -> any LabelingModel {
    // Load the body with tied weights: it then needs no separate head.
    var body = configuration
    body.sizes.tie_word_embeddings = true
    let head = head(
      weights, labels, tokens: "score", padding: body.sizes.pad_token_id, width: body.sizes.hidden_size)
    return LabelingDecoder(body.model(weights), head, labels, weights)
  }

  /// The head of transformers' generic classifiers.
  /// - Parameters:
  ///   - name: the name of the matrix if tokens are labeled; for texts the matrix is `score` and has no bias.
  ///   - padding: the padding id; a text is labeled at its last token that is not padding.
  static func head(
    _ weights: WeightLoader, _ labels: LabelSet, tokens name: String, padding: Int?, width: Int
  ) -> LabelHead {
    let (isOfTexts, count) = (labels.subject == .texts, labels.names.count)
    return LabelHead(
      scores: weights.outside.linear(isOfTexts ? "score" : name, inputs: width, outputs: count, bias: !isOfTexts),
      pooling: isOfTexts ? .last(padding: padding) : .tokens)
  }
}
