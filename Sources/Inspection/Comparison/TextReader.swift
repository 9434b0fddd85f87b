import Generation
import Models
import Tensors

/// Reads a text under one model and gives the hidden rows that predict its tokens, a chunk of positions at a time.
///
/// A class, because it owns the state of its sequence.
final class TextReader {
  private enum Source {
    /// A decoder with the ids that it reads, and the index of the id whose row predicts the token at position 0.
    case decoder(any DecoderModel, SequenceState, inputs: [Int], offset: Int)
    /// A masked model. Each position is masked alone.
    case masked(any MaskedModel, maskID: Int, ids: [Int])
  }

  /// The number of ids that a masked model reads at once, in copies of the text.
  private static let maskedIDs = 512

  private let source: Source
  /// The number of ids that were read.
  private(set) var readCount = 0

  /// A reader of a decoder-only model's text.
  init(_ model: any CausalModel, ids: [Int]) {
    source = .decoder(model, model.makeState(), inputs: ids, offset: -1)
  }

  /// A reader of the text of an encoder-decoder model's decoder, after its encoder has read `encoded`.
  init(_ model: any Seq2SeqModel, encoded: [Int], startID: Int, ids: [Int]) throws(GenerationError) {
    let state: SequenceState
    do throws(ModelError) { state = model.makeState(try model.encode(encoded)) } catch { throw .model(error) }
    readCount = encoded.count
    source = .decoder(model, state, inputs: [startID] + ids, offset: 0)
  }

  /// A reader of a masked model's text.
  init(_ model: any MaskedModel, maskID: Int, ids: [Int]) { source = .masked(model, maskID: maskID, ids: ids) }

  /// The model.
  var model: any LanguageModel {
    switch source {
    case .decoder(let model, _, _, _): model
    case .masked(let model, _, _): model
    }
  }

  /// The number of positions that are read in one forward pass.
  var chunk: Int {
    switch source {
    case .decoder: ReadSequence.promptChunk
    case .masked(_, _, let ids): max(1, Self.maskedIDs / max(ids.count, 1))
    }
  }

  /// The hidden rows that predict the tokens at these positions, in order. `[positions, width]`
  /// - Parameter positions: ascending; of a decoder consecutive, and after those of earlier calls.
  func rows(predicting positions: [Int], _ cancellation: Cancellation) throws(GenerationError) -> Tensor {
    switch source {
    case .decoder(let model, let state, let inputs, let offset):
      let first = (positions.first ?? 0) + offset
      let end = first + positions.count
      while state.count < first {
        try cancellation.check()
        let new = Array(inputs[state.count..<min(first, state.count + ReadSequence.promptChunk)])
        _ = try read(model, Segment(ids: new, state: state, wanted: .none))
      }
      return try read(model, Segment(ids: Array(inputs[first..<end]), state: state, wanted: .all))
    case .masked(let model, let maskID, let ids):
      let copies = positions.map { position in
        var copy = ids
        copy[position] = maskID
        return MaskedSequence(ids: copy, wanted: .positions([position]))
      }
      readCount += copies.count * ids.count
      do throws(ModelError) { return try model.forward(copies).tensor } catch { throw .model(error) }
    }
  }

  private func read(_ model: any DecoderModel, _ segment: Segment) throws(GenerationError) -> Tensor {
    readCount += segment.ids.count
    do throws(ModelError) { return try model.forward([segment]).tensor } catch { throw .model(error) }
  }
}
