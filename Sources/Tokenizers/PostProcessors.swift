/// Completes an encoding: trims ranges, or adds special tokens around the text.
protocol PostProcessor: Sendable {
  /// - Parameters:
  ///   - tokens: the tokens of the text, changed in place.
  ///   - addSpecialTokens: whether to add special tokens.
  ///   - context: the original text and the model's vocabulary.
  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext)
}

/// Input that post-processors may read besides the tokens.
struct PostProcessingContext {
  /// The original text.
  let text: TextBuffer
  /// The model's vocabulary.
  let vocabulary: Vocabulary
  /// Whether the first token is at the beginning of the text.
  var startsText = true
}

/// A token before and during post-processing.
struct EncodedToken: Equatable {
  var id: Int
  /// The bytes of the original text that the token covers; `0..<0` for none.
  var range: Range<Int>
  /// Whether the token was matched in the text as an added token.
  var isAdded = false
}

/// Applies post-processors in order.
struct PostProcessorSequence: PostProcessor {
  let parts: [any PostProcessor]

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    for part in parts { part.process(&tokens, addSpecialTokens: addSpecialTokens, context) }
  }
}

/// Adds fixed tokens around the text (`TemplateProcessing`, `BertProcessing`, `RobertaProcessing`).
struct TemplateProcessor: PostProcessor {
  enum Part: Sendable, Equatable {
    case text
    case tokens([Int])
  }

  let parts: [Part]

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    guard addSpecialTokens else { return }
    var result: [EncodedToken] = []
    result.reserveCapacity(tokens.count + 2)
    for part in parts {
      switch part {
      case .text: result.append(contentsOf: tokens)
      case .tokens(let ids): result.append(contentsOf: ids.map { EncodedToken(id: $0, range: 0..<0) })
      }
    }
    tokens = result
  }
}

/// Removes leading and trailing spaces of each token from its range (`trim_offsets`).
struct TrimmingProcessor: PostProcessor {
  /// Whether the pre-tokenizer adds a space before the text. A single leading space of the first token is then that
  /// one, which is not part of the text and must not be trimmed.
  let addPrefixSpace: Bool

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    for index in tokens.indices {
      let token = tokens[index]
      var (leading, trailing) = spaces(of: token, context)
      if leading == 0, trailing == 0 { continue }
      if addPrefixSpace, leading == 1, index == 0 && context.startsText || token.range.lowerBound == 0 { leading = 0 }
      var range = token.range
      for _ in 0..<leading where !range.isEmpty { range = context.text.droppingFirst(of: range) }
      for _ in 0..<trailing where !range.isEmpty { range = context.text.droppingLast(of: range) }
      tokens[index].range = range
    }
  }

  /// The number of space characters at each end: of an added token's text, or of the vocabulary piece, where `Ġ` counts
  /// too.
  private func spaces(of token: EncodedToken, _ context: PostProcessingContext) -> (leading: Int, trailing: Int) {
    if token.isAdded { return spaces(TextBuffer(rebasing: context.text[token.range])) }
    return context.vocabulary.piece(of: token.id)?.withUnsafeBufferPointer(spaces) ?? (0, 0)
  }

  private func spaces(_ text: TextBuffer) -> (leading: Int, trailing: Int) {
    let isSpace = { (code: UInt32) in code == 0x120 || ScalarClass.isWhitespace(code) }
    var (leading, trailing) = (0, 0)
    var index = 0
    while index < text.count, isSpace(text.scalar(at: index).code) {
      index += text.scalar(at: index).length
      leading += 1
    }
    index = text.count
    while index > 0, isSpace(text.scalar(before: index).code) {
      index -= text.scalar(before: index).length
      trailing += 1
    }
    return (leading, trailing)
  }
}

extension TextBuffer {
  /// The range without its first character, which may be cut off at its left end.
  fileprivate func droppingFirst(of range: Range<Int>) -> Range<Int> {
    var index = range.lowerBound + 1
    while index < range.upperBound, self[index] & 0xC0 == 0x80 { index += 1 }
    return index..<range.upperBound
  }

  /// The range without its last character, which may be cut off at its right end.
  fileprivate func droppingLast(of range: Range<Int>) -> Range<Int> {
    var index = range.upperBound - 1
    while index > range.lowerBound, self[index] & 0xC0 == 0x80 { index -= 1 }
    return range.lowerBound..<index
  }
}
