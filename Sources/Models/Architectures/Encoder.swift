import Layers
import Tensors

/// The body of a model that sees the text on both sides: whole sequences to hidden rows, to which a head is added.
protocol Encoder: Sendable {
  /// The number of token ids.
  var vocabularySize: Int { get }
  /// The maximum number of tokens of a sequence.
  var contextLength: Int { get }
  /// The width of a hidden row.
  var width: Int { get }
  /// The number of layers.
  var depth: Int { get }
  /// The number of sentence types that it distinguishes; 0 if it ignores them.
  var typeCount: Int { get }

  /// Computes the hidden rows of a pass, normalized and ready for a head. → `[rows or wanted, width]`
  func callAsFunction(_ pass: ForwardPass) -> Tensor

  /// Computes what follows the last layer. `[rows, width]` → `[rows, width]`
  func finish(_ x: Tensor) -> Tensor

  /// Whether each layer normalizes the residual stream after its sums.
  var normalizesSums: Bool { get }
}

extension Encoder {
  /// The default: the last layer ends with a norm, and nothing follows it.
  func finish(_ x: Tensor) -> Tensor { x }

  /// The default, as in BERT.
  var normalizesSums: Bool { true }

  /// The facts of a model with this body, once all its weights have been loaded.
  func facts(_ weights: WeightLoader) -> ModelFacts {
    ModelFacts(
      vocabularySize: vocabularySize, contextLength: contextLength, width: width, layerCount: depth, weights)
  }

  /// A pass over whole sequences.
  /// - Throws: ``ModelError`` if an id, a position or a sentence type is outside the model's range.
  func pass(
    _ sequences: [MaskedSequence], _ facts: ModelFacts, _ probe: Probe?, _ recorder: Recorder?
  ) throws(ModelError) -> ForwardPass {
    let (count, types) = (typeCount, sequences.lazy.flatMap(\.types))
    if count > 0, let type = types.first(where: { !(0..<count).contains($0) }) {
      throw .typeOutOfRange(type: type, count: count)
    }
    return try ForwardPass(sequences, facts, probe: probe, recorder: recorder)
  }
}

/// An encoder with the head of a masked language model.
struct MaskedEncoder<Body: Encoder>: MaskedModel {
  let body: Body
  let head: MaskedHead
  let facts: ModelFacts

  init(_ body: Body, _ head: MaskedHead, _ weights: WeightLoader) {
    self.body = body
    self.head = head
    facts = body.facts(weights)
  }

  func forward(
    _ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try body.pass(sequences, facts, probe, recorder)
    return pass.result(body(pass), depth: body.depth)
  }

  func finish(_ x: Tensor) -> Tensor { body.finish(x) }

  var readout: Readout { body.normalizesSums ? .normalizesSums : .transforms }

  func logits(_ hidden: Tensor) -> Tensor { head(hidden) }
}

/// The head of a masked language model: a transform, then a product with the word embedding and a bias for each id.
struct MaskedHead: Sendable {
  let dense: Linear
  let activation: Activation
  let norm: LayerNorm
  let decoder: Linear

  /// `[rows, width]` → `[rows, vocab_size]`
  func callAsFunction(_ hidden: Tensor) -> Tensor { decoder(norm(dense(hidden, activation: activation))) }
}

/// The word embedding of a masked model. With tied weights the head's decoder has the same matrix.
struct WordEmbedding: Sendable {
  let embedding: Embedding
  /// The names that the matrix may have in a file. With tied weights a file may store only the decoder's copy.
  private let names: [String]
  private let decoder: String
  private let isTied: Bool

  /// Loads the embedding `name`, `[count, width]`; `decoder` is the name of the head's matrix.
  init(_ weights: WeightLoader, _ name: String, decoder: String, isTied: Bool, count: Int, width: Int) {
    names = [name] + (isTied ? [decoder] : [])
    embedding = Embedding(weight: weights.matrix(names, outputs: count, inputs: width))
    self.decoder = decoder
    self.isTied = isTied
  }

  /// The head's decoder: the embedding's matrix if the weights are tied, and one bias for each id.
  /// - Parameters:
  ///   - bias: the full name of the bias, and an older one; `nil` if the decoder has none.
  ///   - count: the number of ids.
  ///   - width: the width of the embedding.
  func decoder(_ weights: WeightLoader, bias: (name: String, older: String)?, count: Int, width: Int) -> Linear {
    let matrix =
      isTied
      ? weights.matrix(decoder, orShared: embedding.weight, of: names, outputs: count, inputs: width)
      : weights.outside.matrix([decoder], outputs: count, inputs: width)
    let vector = bias.map { weights.outside.vector($0.name, or: $0.older, count: count) }
    return Linear(weight: matrix, bias: vector?.count == matrix.outputs ? vector : nil)
  }
}
