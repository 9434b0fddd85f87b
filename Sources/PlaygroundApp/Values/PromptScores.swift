import EngineAPI
import TerminalUI

/// How probable the tokens of a prompt are under the model that continues it.
struct PromptScores: Sendable, Equatable {
  /// The latest request.
  private(set) var asked: TokenQuestion?
  /// The version of that request, until it is answered.
  private var awaited: Int?
  /// The text that `tokens` are of.
  private var text = ""
  /// The tokens; the first of a text has no probability.
  private(set) var tokens: [ScoredToken] = []

  /// Whether an answer is awaited.
  var isAwaited: Bool { awaited != nil }

  /// Notes a request.
  mutating func ask(_ question: TokenQuestion, version: Int) { (asked, awaited) = (question, version) }

  /// Forgets the request that is awaited; what is known of an older text stays.
  mutating func forget() { (asked, awaited) = (nil, nil) }

  /// Takes an answer, if it is the awaited one. Where there is none, the text stays plain.
  mutating func receive(_ result: Result<[ScoredToken], EngineError>, version: Int) {
    guard awaited == version, let asked else { return }
    awaited = nil
    tokens = (try? result.get()) ?? []
    text = asked.text
  }

  /// The color of a token of a text by its index, its id, and where it ends, in bytes; nil where it is not known. A token
  /// depends on those before it, so what is known of an older text counts as far as the two agree.
  func heat(of text: String, _ measure: HeatMeasure) -> (Int, Int, Int) -> Role? {
    let agreed = tokens.isEmpty ? 0 : CommonBytes.prefix(text, self.text)
    return { [tokens] index, id, end in
      guard end <= agreed, tokens.indices.contains(index), tokens[index].token.id == id else { return nil }
      return HeatScaleSteps.fraction(tokens[index], measure).map { .heat(fraction: $0) }
    }
  }
}

extension PromptScores {
  /// How many tokens are scored at most where the model's context is not known.
  static let mostTokens = 4_096
}
