/// A pair of marks between which models write their reasoning before an answer.
public struct ReasoningMarks: Sendable, Hashable {
  /// The mark before the reasoning.
  public let open: String
  /// The mark after it.
  public let close: String

  /// The marks that models use.
  public static let known = [
    ReasoningMarks(open: "<think>", close: "</think>"),
    ReasoningMarks(open: "<thinking>", close: "</thinking>"),
    ReasoningMarks(open: "[THINK]", close: "[/THINK]"),
    ReasoningMarks(open: "<seed:think>", close: "</seed:think>"),
    ReasoningMarks(open: "<|START_THINKING|>", close: "<|END_THINKING|>"),
    ReasoningMarks(open: "<|inner_prefix|>", close: "<|inner_suffix|>"),
  ]

  /// The marks whose reasoning a prompt begins, because it ends with the first one; `nil` if there are none.
  public static func opened(by prompt: String) -> ReasoningMarks? {
    var text = Substring(prompt)
    while text.last?.isWhitespace == true { text.removeLast() }
    return known.first { text.hasSuffix($0.open) }
  }
}

/// An answer in two parts.
public struct ReasonedText: Sendable, Hashable {
  /// The reasoning without its marks; `nil` if there is none.
  public var reasoning: String?
  /// The answer after it.
  public var content: String
  /// Whether the reasoning has not ended.
  public var isReasoning = false
  /// Where the answer begins in the text, in UTF-8 bytes.
  public var offset = 0

  /// Splits an answer.
  /// - Parameters:
  ///   - text: what the model wrote.
  ///   - opened: the marks whose reasoning the prompt has begun.
  public init(_ text: String, opened: ReasoningMarks? = nil) {
    let start = text.drop { $0.isWhitespace }
    let marks = ReasoningMarks.known.first { start.hasPrefix($0.open) } ?? opened
    guard let marks else {
      content = text
      return
    }
    let inner = start.hasPrefix(marks.open) ? start.dropFirst(marks.open.count) : text[...]
    guard let end = inner.ranges(of: marks.close).first else {
      (reasoning, content, isReasoning, offset) = (Self.trimmed(inner), "", true, text.utf8.count)
      return
    }
    let thoughts = Self.trimmed(inner[..<end.lowerBound])
    reasoning = thoughts
    content = String(inner[end.upperBound...].drop { $0.isNewline })
    offset = text.utf8.count - content.utf8.count
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isNewline == true { text.removeFirst() }
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }
}
