import Foundation
import Models
import Tensors
import TestSupport
import Tokenizers

/// The divergence of a model in a number format from the same model in f32, on real text.
struct FormatAccuracy {
  private let folder: String
  private let tokenizer: Tokenizer
  private let exact: Tensor
  private let rows: (OpenedModel, Tokenizer) throws -> Tensor

  /// - Parameters:
  ///   - model: the name of a bundled model.
  ///   - rows: computes the logits of the model at the measured positions. `[places, vocabulary]`
  init(_ model: String, rows: @escaping (OpenedModel, Tokenizer) throws -> Tensor) throws {
    folder = Fixtures.folder + "/../../models/" + model
    tokenizer = try Tokenizer(folder: folder)
    self.rows = rows
    exact = logSoftmax(try rows(try ModelLoader.open(folder: folder), tokenizer))
  }

  /// The mean over all positions of the Kullback–Leibler divergence of the format's distribution from that in f32, in
  /// bits.
  func meanDivergence(_ format: NumberFormat, cache: CacheFormat = .f32) throws -> Double {
    let opened = try ModelLoader.open(folder: folder, format: format, cache: cache)
    let rounded = logSoftmax(try rows(opened, tokenizer))
    var sum = 0.0
    exact.withUnsafeScalars { exact in
      rounded.withUnsafeScalars { rounded in
        for i in 0..<exact.count { sum += exp(Double(exact[i])) * Double(exact[i] - rounded[i]) }
      }
    }
    return sum / Double(exact.count / exact.width) / log(2)
  }

  /// Splits a text into pieces of `count` tokens, without special tokens.
  static func pieces(_ text: String, of count: Int, _ tokenizer: Tokenizer) -> [[Int]] {
    let ids = tokenizer.encode(text, addSpecialTokens: false).ids
    return stride(from: 0, to: ids.count, by: count).map { Array(ids[$0..<min($0 + count, ids.count)]) }
  }

  /// The logits of a causal model after every token except the first few of each piece.
  static func afterTokens(_ text: String) -> (OpenedModel, Tokenizer) throws -> Tensor {
    { opened, tokenizer in
      guard case .causal(let model) = opened.model else { throw WrongFamily() }
      let segments = pieces(text, of: 256, tokenizer).map {
        Segment(ids: $0, state: model.makeState(), wanted: .range(min(8, $0.count - 1)..<$0.count))
      }
      return model.logits(try model.forward(segments).tensor)
    }
  }

  /// The logits of a masked model where every seventh token is masked.
  static func atMasks(_ text: String) -> (OpenedModel, Tokenizer) throws -> Tensor {
    { opened, tokenizer in
      guard case .masked(let model) = opened.model, let mask = tokenizer.specialTokens.mask else { throw WrongFamily() }
      let sequences = pieces(text, of: 100, tokenizer).map { piece in
        let masked = Array(stride(from: 3, to: piece.count, by: 7))
        var ids = piece
        for position in masked { ids[position] = mask.id }
        let frame = tokenizer.encode("", addSpecialTokens: true).ids
        return MaskedSequence(
          ids: frame.prefix(1) + ids + frame.suffix(1), wanted: .positions(masked.map { $0 + 1 }))
      }
      return model.logits(try model.forward(sequences.filter { $0.ids.count > 6 }).tensor)
    }
  }

  /// The logits of an encoder-decoder model at every token of given translations.
  static func alongTranslations(_ pairs: [(String, String)]) -> (OpenedModel, Tokenizer) throws -> Tensor {
    { opened, tokenizer in
      guard case .seq2seq(let model) = opened.model else { throw WrongFamily() }
      let segments = try pairs.map { source, target in
        let state = model.makeState(try model.encode(tokenizer.encode(source, addSpecialTokens: true).ids))
        let ids = tokenizer.encode(target, addSpecialTokens: false).ids
        return Segment(ids: [opened.generation.decoderStartTokenID ?? 0] + ids, state: state, wanted: .all)
      }
      return model.logits(try model.forward(segments).tensor)
    }
  }

  struct WrongFamily: Error {}
}
