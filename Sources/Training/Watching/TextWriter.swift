import Models
import Tokenizers

/// Writes the text that an encoder-decoder model makes of each source: always the most probable token.
struct TextWriter {
  let tokenizer: Tokenizer
  /// `decoder_start_token_id`
  let start: Int
  /// Ids that end a text.
  let ends: Set<Int>
  /// The most tokens of a text.
  let limit: Int

  /// The written text of each example, and its target.
  func texts(
    _ examples: any ExampleSet, _ model: AnyLanguageModel
  ) throws(TrainingError) -> [(written: String, reference: String)] {
    guard case .seq2seq(let model) = model else { return [] }
    var texts: [(written: String, reference: String)] = []
    do throws(ModelError) {
      for index in 0..<examples.count {
        let example = examples.example(index, epoch: 0)
        guard case .classes(let targets) = example.targets else { continue }
        texts.append(
          (tokenizer.decode(try write(example.source, model)), tokenizer.decode(targets.filter { !ends.contains($0) })))
      }
    } catch {
      throw TrainingError(.model, error)
    }
    return texts
  }

  private func write(_ source: [Int], _ model: any Seq2SeqModel) throws(ModelError) -> [Int] {
    let state = model.makeState(try model.encode(source))
    var (ids, next) = ([Int](), start)
    while ids.count < limit {
      next = Probabilities.best(model.logits(try model.forward([Segment(ids: [next], state: state)]).tensor).row(0))
      guard !ends.contains(next) else { break }
      ids.append(next)
    }
    return ids
  }
}
