/// Completes an encoding: trims ranges and sets special tokens around.
protocol PostProcessor: Sendable {
  /// - Parameters:
  ///   - tokens: the encoding.
  ///   - addSpecialTokens: whether special tokens are wanted.
  ///   - context: the text and the pieces of the tokens.
  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext)
}

/// What post-processors may look at.
struct PostProcessingContext {
  /// The original text.
  let text: TextBuffer
  /// The model's pieces.
  let vocabulary: Vocabulary
  /// Whether the first token is the first one of the text.
  var startsText = true
}

/// A token of an encoding on its way through the post-processors.
struct EncodedToken: Equatable {
  var id: Int
  /// The bytes of the original that it stands for; `0..<0` for none.
  var range: Range<Int>
  /// Whether it was found in the text as an added token.
  var isAdded = false
}

/// Post-processors one after the other.
struct PostProcessorSequence: PostProcessor {
  let parts: [any PostProcessor]

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    for part in parts { part.process(&tokens, addSpecialTokens: addSpecialTokens, context) }
  }
}

/// Puts the text between fixed tokens: templates, and the special cases of BERT.
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

/// Takes the spaces at the ends of tokens out of their ranges.
struct TrimmingProcessor: PostProcessor {
  /// The pre-tokenizer puts a space in front of the text: a single leading space of the first token is that one, and is
  /// nothing to trim.
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

  /// How many characters at the ends are spaces: in an added token's text, else in the model's piece, `Ġ` included.
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
  /// The range without its first character, which may be a part of one.
  fileprivate func droppingFirst(of range: Range<Int>) -> Range<Int> {
    var index = range.lowerBound + 1
    while index < range.upperBound, self[index] & 0xC0 == 0x80 { index += 1 }
    return index..<range.upperBound
  }

  /// The range without its last character, which may be a part of one.
  fileprivate func droppingLast(of range: Range<Int>) -> Range<Int> {
    var index = range.upperBound - 1
    while index > range.lowerBound, self[index] & 0xC0 == 0x80 { index -= 1 }
    return range.lowerBound..<index
  }
}
