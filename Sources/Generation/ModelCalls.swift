import Models
import Tensors

// The models' errors are one case of this module's.

extension DecoderModel {
  func read(_ segments: [Segment]) throws(GenerationError) -> HiddenRows {
    do throws(ModelError) { return try forward(segments) } catch { throw .model(error) }
  }
}

extension MaskedModel {
  func read(_ sequences: [MaskedSequence]) throws(GenerationError) -> HiddenRows {
    do throws(ModelError) { return try forward(sequences) } catch { throw .model(error) }
  }
}

extension LanguageModel {
  /// - Throws: ``GenerationError/model(_:)`` where an id is not one of the vocabulary; a scored text's ids are not
  ///   all read.
  func check(_ ids: [Int]) throws(GenerationError) {
    let vocabulary = facts.vocabularySize
    if let id = ids.first(where: { !(0..<vocabulary).contains($0) }) {
      throw .model(.tokenOutOfRange(id: id, vocabulary: vocabulary))
    }
  }

  /// Hands the logits of each hidden row to `body`, in order. The head takes a few rows at a time: a row of logits is
  /// big.
  func forEachRow(
    of hidden: Tensor, _ cancellation: Cancellation, _ body: (Int, [Float]) throws(GenerationError) -> Void
  ) throws(GenerationError) {
    let atOnce = 32
    var first = 0
    while first < hidden.rowCount {
      try cancellation.check()
      let last = min(first + atOnce, hidden.rowCount)
      let logits = logits(hidden.rows(first..<last))
      for row in first..<last { try body(row, logits.row(row - first)) }
      first = last
    }
  }
}
