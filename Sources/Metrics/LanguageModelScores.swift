import Platform

/// How well a language model predicts a text: sums that stay exact while texts are added, and what follows from them.
public struct LanguageModelScores: Sendable, Hashable {
  /// The sum of the natural logarithms of the probabilities of all predicted tokens.
  public private(set) var logprob = 0.0
  /// The predicted tokens.
  public private(set) var tokens = 0
  /// The bytes of UTF-8 of the predicted text.
  public private(set) var bytes = 0
  /// The words of the predicted text, if they are counted.
  public private(set) var words = 0

  /// No text.
  public init() {}

  /// Adds a text.
  public mutating func add(logprob: Double, tokens: Int, bytes: Int, words: Int = 0) {
    self.logprob += logprob
    self.tokens += tokens
    self.bytes += bytes
    self.words += words
  }

  /// The mean negative logarithm of a token's probability, in nats; `nil` without tokens.
  public var loss: Double? { tokens > 0 ? -logprob / Double(tokens) : nil }

  /// The exponential of the mean loss of a token; infinite if it is too large for a double, `nil` without tokens.
  public var perplexity: Double? { loss.map { exp($0) } }

  /// The exponential of the loss of a word, `nil` without words.
  public var wordPerplexity: Double? { words > 0 ? exp(-logprob / Double(words)) : nil }

  /// The bits that an ideal coder needs for one byte of the text. Unlike perplexity it can be compared between
  /// tokenizers. `nil` without bytes.
  public var bitsPerByte: Double? { bytes > 0 ? -logprob / Double(bytes) / log(2) : nil }
}
