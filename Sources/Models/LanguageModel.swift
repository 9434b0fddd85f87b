import Tensors

/// What every open model has: facts, and the head that turns hidden rows into logits.
///
/// A model is used in two steps. `forward` gives the *hidden rows* that were asked for, `logits(_:)` turns rows into
/// logits. Hidden rows are small (a few kB each) and may be kept: `logits` of kept rows is bit for bit what it was the
/// first time, alone or among others.
///
/// A model is immutable; what grows with the text lives in a ``SequenceState``. Each row is computed in one fixed
/// order, so a row's bits depend neither on the other segments of a call nor on how the text was cut into calls nor on
/// the number of threads.
public protocol LanguageModel: Sendable {
  /// Sizes that do not change.
  var facts: ModelFacts { get }

  /// The model's head.
  /// - Parameter hidden: rows from this model's `forward`. `[rows, width]`
  /// - Returns: one raw logit for each id of the vocabulary. `[rows, vocabulary]`
  func logits(_ hidden: Tensor) -> Tensor
}

/// A model that reads from left to right: it predicts each next token from those before it.
///
/// The decoding loops are written against this protocol, so they serve ``CausalModel`` and ``Seq2SeqModel`` alike.
public protocol DecoderModel: LanguageModel {
  /// Reads new ids of one or more sequences in one pass.
  ///
  /// Each segment's ids are appended to what its state holds. The segments may have different lengths and different
  /// histories (streams, beams, prompts: a ragged batch), but each must have a state of its own. Nothing changes when
  /// an error is thrown.
  /// - Returns: the hidden rows at the requested positions, segment after segment.
  /// - Throws: ``ModelError/tokenOutOfRange(id:vocabulary:)``, ``ModelError/contextExceeded(limit:found:)``.
  func forward(_ segments: [Segment], probe: Probe?) throws(ModelError) -> HiddenRows
}

extension DecoderModel {
  /// Reads new ids of one or more sequences in one pass.
  public func forward(_ segments: [Segment]) throws(ModelError) -> HiddenRows { try forward(segments, probe: nil) }
}

/// A decoder alone, GPT-style: the prompt is the beginning of the text.
public protocol CausalModel: DecoderModel {
  /// The state of a new, empty sequence.
  func makeState() -> SequenceState
}

/// An encoder with a decoder, T5-style: the decoder's text starts with `decoder_start_token_id`.
public protocol Seq2SeqModel: DecoderModel {
  /// Reads a source text, all of it at once.
  /// - Parameter ids: the ids as the tokenizer gives them, at least one.
  /// - Returns: what every decoder of this source looks at; to be shared by beams and streams.
  /// - Throws: ``ModelError/emptyInput``, ``ModelError/tokenOutOfRange(id:vocabulary:)``.
  func encode(_ ids: [Int], probe: Probe?) throws(ModelError) -> EncoderState

  /// The state of a new, empty decoder sequence for this source.
  func makeState(_ encoder: EncoderState) -> SequenceState
}

extension Seq2SeqModel {
  /// Reads a source text, all of it at once.
  public func encode(_ ids: [Int]) throws(ModelError) -> EncoderState { try encode(ids, probe: nil) }
}

/// A model that sees the text on both sides and fills gaps, BERT-style.
public protocol MaskedModel: LanguageModel {
  /// Reads whole sequences, each on its own: they are not padded and do not see each other.
  /// - Returns: the hidden rows at the requested positions, sequence after sequence.
  /// - Throws: ``ModelError/emptyInput``, ``ModelError/tokenOutOfRange(id:vocabulary:)``,
  ///   ``ModelError/contextExceeded(limit:found:)``.
  func forward(_ sequences: [MaskedSequence], probe: Probe?) throws(ModelError) -> HiddenRows
}

extension MaskedModel {
  /// Reads whole sequences, each on its own.
  public func forward(_ sequences: [MaskedSequence]) throws(ModelError) -> HiddenRows {
    try forward(sequences, probe: nil)
  }
}

/// What a model is for.
public enum ArchitectureFamily: String, Sendable, Hashable, CaseIterable {
  /// Continues a text: GPT-style.
  case causal
  /// Fills gaps in a text: BERT-style.
  case masked
  /// Makes one text from another: T5-style.
  case seq2seq
}

/// An open model of one of the three families.
public enum AnyLanguageModel: Sendable {
  /// GPT-style.
  case causal(any CausalModel)
  /// BERT-style.
  case masked(any MaskedModel)
  /// T5-style.
  case seq2seq(any Seq2SeqModel)

  /// The model as what all families have in common.
  public var base: any LanguageModel {
    switch self {
    case .causal(let model): model
    case .masked(let model): model
    case .seq2seq(let model): model
    }
  }

  /// The family.
  public var family: ArchitectureFamily {
    switch self {
    case .causal: .causal
    case .masked: .masked
    case .seq2seq: .seq2seq
    }
  }
}
