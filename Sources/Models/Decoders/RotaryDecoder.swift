import Layers
import Tensors

/// One layer of a decoder with rotary positions.
protocol DecoderLayer: StackLayer
where Context == (usual: ForwardPass.Positions, sliding: ForwardPass.Positions) {
  /// Whether the layer attends to a sliding window only.
  var slides: Bool { get }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor
}

extension DecoderLayer {
  func output(of x: Tensor, _ positions: Context, _ pass: ForwardPass) -> Tensor {
    self(x, slides ? positions.sliding : positions.usual, pass)
  }
}

/// The decoder that Llama and related architectures share: a token embedding, layers with rotary positions, a final
/// norm and a head.
struct RotaryDecoder<Layer: DecoderLayer>: CausalModel {
  let embed_tokens: Embedding
  /// The factor of the embedding rows; `nil` if they are not scaled.
  let embeddingScale: Float?
  let layers: [Layer]
  let norm: RMSNorm
  /// `[vocab_size, hidden_size]`; the token embedding if the weights are tied.
  let lm_head: PackedMatrix
  /// Logits x become `softCap · tanh(x / softCap)`; `nil` for no cap.
  let softCap: Float?
  let positions: TextPositions
  /// The position encoding of sliding-window layers, if it differs from that of the other layers.
  let slidingPositions: PositionEncoding?
  let facts: ModelFacts
  private let sizes: DecoderSizes

  /// Loads the embedding, the layers, the norm and the head.
  /// - Parameters:
  ///   - sliding: the rotary settings of sliding-window layers, if they differ.
  ///   - offset: added to the stored weights of the norm.
  ///   - layer: loads the layer with this index, from 0.
  init(
    _ weights: WeightLoader, _ sizes: DecoderSizes, _ rotary: RotaryParameters, sliding: RotaryParameters? = nil,
    embeddingScale: Float? = nil, offset: Float = 0, softCap: Float? = nil,
    layer: (_ weights: WeightLoader, _ index: Int) -> Layer
  ) {
    let (vocabulary, width) = (sizes.vocab_size, sizes.hidden_size)
    let isTied = sizes.tie_word_embeddings
    let names = isTied ? ["embed_tokens.weight", "lm_head.weight"] : ["embed_tokens.weight"]
    embed_tokens = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: width))
    layers = (0..<sizes.num_hidden_layers).map { layer(weights("layers", $0), $0) }
    norm = weights.rmsNorm("norm", width: width, epsilon: sizes.rms_norm_eps, offset: offset)
    lm_head =
      isTied
      ? weights.matrix("lm_head.weight", orShared: embed_tokens.weight, of: names, outputs: vocabulary, inputs: width)
      : weights.outside.matrix(["lm_head.weight"], outputs: vocabulary, inputs: width)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: sizes.max_position_embeddings, width: width,
      layerCount: sizes.num_hidden_layers, weights)
    self.embeddingScale = embeddingScale
    self.softCap = softCap
    // The checking pass rejects absurd head widths, so compute no frequencies before it has finished.
    let isReal = !weights.scope.onlyChecks
    positions = TextPositions(rotary, isReal: isReal)
    slidingPositions = isReal ? sliding?.encoding() : nil
    self.sizes = sizes
  }

  func makeState() -> SequenceState {
    let cache = KeyValueCache(
      layers: sizes.num_hidden_layers, heads: sizes.num_key_value_heads, headWidth: sizes.head_dim,
      format: facts.cacheFormat)
    return positions.makeState(cache)
  }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    try positions.forward(segments, facts) { segments, encoding throws(ModelError) in
      try read(segments, encoding, probe, recorder)
    }
  }

  private func read(
    _ segments: [Segment], _ encoding: PositionEncoding, _ probe: Probe?, _ recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(segments, facts, probe: probe, recorder: recorder)
    let usual = pass.prepare(encoding)
    let sliding = slidingPositions.map { pass.prepare($0) } ?? usual
    var x = pass.embed(embed_tokens)  // [rows, hidden_size]
    if let embeddingScale { x = scale(x, embeddingScale) }
    x = pass.layers(layers, x, with: (usual, sliding))
    return pass.result(finish(x), depth: layers.count)
  }

  func finish(_ x: Tensor) -> Tensor { norm(x) }

  var readout: Readout { .linear(LinearReadout(.rms(norm), lm_head, softCap: softCap)) }

  func logits(_ hidden: Tensor) -> Tensor {
    let logits = linear(hidden, lm_head)
    guard let softCap else { return logits }
    return scale(activate(scale(logits, 1 / softCap), .tanh), softCap)
  }
}
