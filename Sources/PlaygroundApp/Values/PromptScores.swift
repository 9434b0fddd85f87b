import EngineAPI
import TerminalUI

/// How probable the tokens of a prompt are under the model that continues it.
struct PromptScores: Sendable, Equatable {
  /// The latest request.
  private(set) var asked: TokenQuestion?
  /// The version of that request, until it is answered.
  private var awaited: Int?
  /// The text of `tokens`.
  private var text = ""
  /// The tokens; the first of a text has no probability.
  private(set) var tokens: [ScoredToken] = []

  /// Whether an answer is awaited.
  var isAwaited: Bool { awaited != nil }

  /// Notes a request.
  mutating func ask(_ question: TokenQuestion, version: Int) { (asked, awaited) = (question, version) }

  /// Clears the pending request, and keeps the tokens of an older text.
  mutating func forget() { (asked, awaited) = (nil, nil) }

  /// Takes an answer if it is the awaited one. If scoring failed, the text stays uncolored.
  mutating func receive(_ result: Result<[ScoredToken], EngineError>, version: Int) {
    guard awaited == version, let asked else { return }
    awaited = nil
    tokens = (try? result.get()) ?? []
    text = asked.text
  }

  /// Returns a function from a token's index, id and end offset in bytes to its color, or `nil` if that is unknown. A
  /// token's probability depends only on the tokens before it, so scores of an older text are used for the common
  /// prefix.
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
