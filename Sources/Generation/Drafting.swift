import EngineAPI
import Models
import Sampling

/// Guesses how a text continues, so that one forward pass checks several tokens (Leviathan, Kalman, Matias 2023,
/// arXiv:2211.17192).
///
/// A guess never changes a token. The stream samples every token from the model's own logits with the random number of
/// its position. A guess is accepted only if it equals the sampled token; the positions read after a wrong guess are
/// removed again.
public protocol Drafter: AnyObject {
  /// Guesses up to `count` ids that may follow a text. Returns fewer or none if the drafter has no basis for a guess.
  /// - Throws: ``GenerationError/model(_:)``.
  func draft(after history: TokenHistory, atMost count: Int) throws(GenerationError) -> [Int]
}

/// Asks several drafters in order and returns the first non-empty guess.
public final class DrafterList: Drafter {
  private let drafters: [any Drafter]

  /// Drafters in the order in which they are asked.
  public init(_ drafters: [any Drafter]) { self.drafters = drafters }

  /// The first non-empty guess of the drafters.
  public func draft(after history: TokenHistory, atMost count: Int) throws(GenerationError) -> [Int] {
    for drafter in drafters {
      let ids = try drafter.draft(after: history, atMost: count)
      if !ids.isEmpty { return ids }
    }
    return []
  }
}

/// Guesses with a smaller model of the same vocabulary.
///
/// It samples with the stream's own chain and random numbers, so that its guesses agree as often as the two models'
/// distributions allow. At temperature 0 a guess is right wherever the models' most probable tokens agree.
public final class ModelDrafter: Drafter {
  private let sequence: ReadSequence
  private let endOfTextIDs: [Int]
  private let generator: SeededGenerator
  private var chain: SamplerChain

  /// A drafter for one stream.
  /// - Parameters:
  ///   - model: the smaller model; its vocabulary must equal that of the stream's model.
  ///   - options: the stream's options.
  public init(_ model: any CausalModel, options: Decoding<GenerationRequest>) {
    sequence = ReadSequence(model)
    endOfTextIDs = options.endOfTextIDs
    generator = SeededGenerator(seed: options.request.seed, sequence: options.request.sequence)
    chain = SamplerChain(options.request.settings)
  }

  /// The smaller model's continuation; empty once the text is longer than that model's context.
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

/// Guesses that a text repeats itself: finds an earlier occurrence of its last ids and returns the ids that followed it
/// (Saxena 2023, prompt lookup decoding).
public final class PromptLookup: Drafter {
  /// The lengths of the suffixes to look up, longest first.
  private let lengths: [Int]

  /// A lookup of suffixes of `shortest` to `longest` ids.
  public init(shortest: Int = 2, longest: Int = 4) {
    precondition(shortest >= 1 && longest >= shortest, "ends of \(shortest) to \(longest) ids")
    lengths = Array((shortest...longest).reversed())
  }

  /// The ids after the most recent earlier occurrence of the longest suffix that has one. O(ids).
  public func draft(after history: TokenHistory, atMost count: Int) -> [Int] {
    let ids = history.ids
    for length in lengths where ids.count > length {
      let end = ids.count - length
      var place = end - 1
      while place >= 0 {
        if (0..<length).allSatisfy({ ids[place + $0] == ids[end + $0] }) {
          return Array(ids[(place + length)...].prefix(count))
        }
        place -= 1
      }
    }
    return []
  }
}

/// Adapts the number of guesses per step: more after right guesses, fewer after wrong ones. Pauses for some steps if
/// guesses keep failing, so that a text without repetition costs little more than plain decoding.
struct DraftPace {
  /// The initial number of guesses.
  private static let start = 3
  /// The longest pause, in steps.
  private static let longestPause = 16

  private let most: Int
  private var length: Int
  private var failures = 0
  private var pause = 0

  /// A pace of at most `most` guesses a step.
  init(most: Int) {
    self.most = max(most, 0)
    length = min(Self.start, self.most)
  }

  /// How many tokens the next step should guess.
  mutating func next() -> Int {
    guard pause == 0 else {
      pause -= 1
      return 0
    }
    return length
  }

  /// Records how many of a step's guesses were right.
  mutating func note(guessed: Int, right: Int) {
    guard guessed > 0 else { return }
    guard right > 0 else {
      failures += 1
      length = 1
      pause = failures < 2 ? 0 : min(1 << (failures - 1), Self.longestPause)
      return
    }
    failures = 0
    length = min(right == guessed ? max(length, guessed * 2) : right + 1, most)
  }
}

/// Counts a stream's guesses and how many of them were right.
public struct GuessTally: Sendable, Hashable {
  /// Tokens that were guessed and checked.
  public var guessed = 0
  /// Guesses that equal the token that the stream drew.
  public var right = 0

  /// Nothing guessed yet.
  public init() {}
}
