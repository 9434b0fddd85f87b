import Tensors
import Terms

/// An open model: its sizes, and the head that turns hidden rows into logits.
///
/// A model is used in two steps. `forward` returns the requested *hidden rows*, and `logits(_:)` turns rows into
/// logits. Hidden rows are small (a few kB each) and may be kept: `logits` returns the same bits for a kept row, alone
/// or in any batch.
///
/// A model is immutable; the state that grows with the text is in a ``SequenceState``. Each row is computed in one
/// fixed order. Its bits therefore do not depend on the other segments of a call, on how the text was split into calls,
/// or on the number of threads.
public protocol LanguageModel: Sendable {
  /// Sizes that do not change.
  var facts: ModelFacts { get }

  /// Computes the logits of hidden rows.
  /// - Parameter hidden: rows from this model's `forward`. `[rows, width]`
  /// - Returns: one raw logit for each id of the vocabulary, `[rows, vocabulary]`; for a ``LabelingModel``, one for
  ///   each label, `[rows, labels]`.
  func logits(_ hidden: Tensor) -> Tensor

  /// Computes what follows the last layer and comes before the head: the final norm, where the architecture has one.
  /// A pass ends with it; the logit lens applies it to the rows of earlier layers.
  /// - Parameter x: rows of the residual stream. `[rows, width of the layers]`
  /// - Returns: hidden rows. `[rows, width]`
  func finish(_ x: Tensor) -> Tensor

  /// How the logits follow from the residual stream.
  var readout: Readout { get }
}

extension LabelingModel {
  /// The head gives labels to rows, not to tokens.
  public var readout: Readout { .transforms }
}

/// A model that reads from left to right and predicts each token from the tokens before it.
///
/// The decoding loops use this protocol, so they work with every ``CausalModel`` and ``Seq2SeqModel``.
public protocol DecoderModel: LanguageModel {
  /// Reads new ids of one or more sequences in one pass.
  ///
  /// Each segment's ids are appended to its state. The segments may have different lengths and different histories
  /// (streams, beams, prompts: a ragged batch), but each must have a state of its own. If an error is thrown, no state
  /// has changed.
  /// - Parameter recorder: notes the operations for gradients. The states must then be empty, and an encoder-decoder
  ///   model's sources must have been encoded with the same recorder. The hidden rows carry it into ``logits(_:)``.
  /// - Returns: the hidden rows at the requested positions, segment after segment.
  /// - Throws: ``ModelError/tokenOutOfRange(id:vocabulary:)``, ``ModelError/contextExceeded(limit:found:)``.
  func forward(_ segments: [Segment], probe: Probe?, recorder: Recorder?) throws(ModelError) -> HiddenRows
}

extension DecoderModel {
  /// Reads new ids of one or more sequences in one pass.
  public func forward(_ segments: [Segment], probe: Probe? = nil) throws(ModelError) -> HiddenRows {
    try forward(segments, probe: probe, recorder: nil)
  }
}

/// A decoder-only model, such as GPT-2: the prompt is the beginning of the text.
public protocol CausalModel: DecoderModel {
  /// The state of a new, empty sequence.
  func makeState() -> SequenceState
}

/// An encoder-decoder model, such as T5: the decoder's text starts with `decoder_start_token_id`.
public protocol Seq2SeqModel: DecoderModel {
  /// Reads a source text, all of it at once.
  /// - Parameters:
  ///   - ids: the ids as the tokenizer gives them, at least one.
  ///   - recorder: notes the operations for gradients.
  /// - Returns: the encoded source for cross-attention; beams and streams share it.
  /// - Throws: ``ModelError/emptyInput``, ``ModelError/tokenOutOfRange(id:vocabulary:)``.
  func encode(_ ids: [Int], probe: Probe?, recorder: Recorder?) throws(ModelError) -> EncoderState

  /// The state of a new, empty decoder sequence for this source.
  func makeState(_ encoder: EncoderState) -> SequenceState
}

extension Seq2SeqModel {
  /// Reads a source text, all of it at once.
  public func encode(_ ids: [Int], probe: Probe? = nil) throws(ModelError) -> EncoderState {
    try encode(ids, probe: probe, recorder: nil)
  }
}

/// A model that sees the text on both sides and fills gaps, such as BERT.
public protocol MaskedModel: LanguageModel {
  /// Reads whole sequences independently: they are not padded and do not attend to each other.
  /// - Parameter recorder: notes the operations for gradients. The hidden rows carry it into ``logits(_:)``.
  /// - Returns: the hidden rows at the requested positions, sequence after sequence.
  /// - Throws: ``ModelError/emptyInput``, ``ModelError/tokenOutOfRange(id:vocabulary:)``,
  ///   ``ModelError/contextExceeded(limit:found:)``.
  func forward(
    _ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows
}

extension MaskedModel {
  /// Reads whole sequences independently.
  public func forward(_ sequences: [MaskedSequence], probe: Probe? = nil) throws(ModelError) -> HiddenRows {
    try forward(sequences, probe: probe, recorder: nil)
  }
}

/// A model that gives labels to a text or to each of its tokens: a body that reads whole sequences or one that reads
/// from left to right, with a classification head.
public protocol LabelingModel: LanguageModel {
  /// The labels, and whether texts or tokens get them.
  var labels: LabelSet { get }

  /// Reads whole sequences independently.
  /// - Parameters:
  ///   - sequences: the requested positions are ignored by a model that labels texts.
  ///   - recorder: notes the operations for gradients. The hidden rows carry it into ``logits(_:)``.
  /// - Returns: one row for each sequence, or, from a model that labels tokens, one for each requested position.
  /// - Throws: ``ModelError/emptyInput``, ``ModelError/tokenOutOfRange(id:vocabulary:)``,
  ///   ``ModelError/contextExceeded(limit:found:)``, ``ModelError/typeOutOfRange(type:count:)``.
  func forward(
    _ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows
}

extension LabelingModel {
  /// Reads whole sequences independently.
  public func forward(_ sequences: [MaskedSequence], probe: Probe? = nil) throws(ModelError) -> HiddenRows {
    try forward(sequences, probe: probe, recorder: nil)
  }
}

/// An open model of one of the families.
public enum AnyLanguageModel: Sendable {
  /// A decoder-only model, such as GPT-2.
  case causal(any CausalModel)
  /// A masked model, such as BERT.
  case masked(any MaskedModel)
  /// An encoder-decoder model, such as T5.
  case seq2seq(any Seq2SeqModel)
  /// A model that gives labels to texts or tokens.
  case labeling(any LabelingModel)

  /// The model as the protocol that all families share.
  public var base: any LanguageModel {
    switch self {
    case .causal(let model): model
    case .masked(let model): model
    case .seq2seq(let model): model
    case .labeling(let model): model
    }
  }

  /// The family of the model.
  public var family: ModelFamily {
    switch self {
    case .causal: .causal
    case .masked: .masked
    case .seq2seq: .seq2seq
    case .labeling(let model): model.labels.family
    }
  }
}
