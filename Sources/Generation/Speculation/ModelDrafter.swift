import Models
import Sampling

/// Guesses with a smaller model of the same vocabulary.
///
/// It draws with the stream's own chain and coins, so that a guess is right as often as the two models' distributions
/// let it be: at temperature 0 wherever their best tokens agree.
public final class ModelDrafter: Drafter {
  private let sequence: ReadSequence
  private let endOfTextIDs: [Int]
  private let generator: SeededGenerator
  private var chain: SamplerChain

  /// A drafter for one stream.
  /// - Parameters:
  ///   - model: the smaller model; its ids must mean what the stream's mean.
  ///   - options: the stream's options.
  public init(_ model: any CausalModel, options: StreamOptions) {
    sequence = ReadSequence(model)
    endOfTextIDs = options.endOfTextIDs
    generator = SeededGenerator(seed: options.seed, sequence: options.sequence)
    chain = SamplerChain(options.settings)
  }

  /// What the smaller model would go on with; nothing once the text is longer than its context.
  public func draft(after history: TokenHistory, atMost count: Int) throws(GenerationError) -> [Int] {
    var text = history
    var guesses: [Int] = []
    while guesses.count < count, text.ids.count <= sequence.model.facts.contextLength ?? .max {
      let logits = try sequence.logits(after: text.ids)
      let token = chain.draw(
        from: logits, history: text, coin: generator.coin(at: text.outputCount),
        stageCoin: generator.stageCoin(at: text.outputCount))
      let id = token.id
      guesses.append(id)
      guard !endOfTextIDs.contains(id) else { break }
      text.append(id, surprise: token.surprise)
    }
    return guesses
  }
}
