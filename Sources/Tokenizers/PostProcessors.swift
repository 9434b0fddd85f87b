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
  /// The second text of a pair; its tokens follow those of the first.
  var second: TextBuffer?
  /// The model's vocabulary.
  let vocabulary: Vocabulary
  /// Whether the first token is at the beginning of the text.
  var startsText = true

  /// The text that a token comes from.
  func text(of token: EncodedToken) -> TextBuffer { token.isSecond ? second ?? text : text }
}

/// A token before and during post-processing.
struct EncodedToken: Equatable {
  var id: Int
  /// The bytes of the original text that the token covers; `0..<0` for none.
  var range: Range<Int>
  /// Whether the token was matched in the text as an added token.
  var isAdded = false
  /// Whether the token comes from the second text of a pair.
  var isSecond = false
  /// The segment of the token (`token_type_ids`).
  var type: UInt8 = 0
}

/// Applies post-processors in order.
struct PostProcessorSequence: PostProcessor {
  let parts: [any PostProcessor]

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    for part in parts { part.process(&tokens, addSpecialTokens: addSpecialTokens, context) }
  }
}

/// Adds fixed tokens around the text or around two texts (`TemplateProcessing`, `BertProcessing`,
/// `RobertaProcessing`).
struct TemplateProcessor: PostProcessor {
  enum Part: Sendable, Equatable {
    case text
    case tokens([Int])
  }

  /// A part of a pair: a text or tokens, and the segment that they get.
  struct PairPart: Sendable, Equatable {
    enum Content: Sendable, Equatable {
      case first, second
      case tokens([Int])
    }

    var content: Content
    var type: UInt8

    init(_ content: Content, _ type: UInt8) {
      self.content = content
      self.type = type
    }
  }

  /// How a pair is framed by the tokens before and after a single text.
  enum PairStyle {
    /// `first A last B last`, from B on in segment 1 (BERT).
    case segments
    /// `first A last last B last`, all in segment 0 (RoBERTa).
    case doubled
    /// `first A last first B last`, each text with its frame in a segment of its own (GPT-2, Llama).
    case framed
    /// The same, all in segment 0 (T5).
    case framedPlain
  }

  let parts: [Part]
  let pair: [PairPart]
  /// Whether the tokens after a text are left out if the text already ends with them.
  var addsLastOnce = false

  init(parts: [Part], pair: [PairPart]) {
    self.parts = parts
    self.pair = pair
  }

  /// One frame for a text and for each part of a pair.
  init(first: [Int], last: [Int], pairs: PairStyle) {
    let tokens = { (ids: [Int], type: UInt8) in ids.isEmpty ? [] : [PairPart(.tokens(ids), type)] }
    parts = (first.isEmpty ? [] : [.tokens(first)]) + [.text] + (last.isEmpty ? [] : [.tokens(last)])
    switch pairs {
    case .segments:
      pair = tokens(first, 0) + [PairPart(.first, 0)] + tokens(last, 0) + [PairPart(.second, 1)] + tokens(last, 1)
    case .doubled:
      pair =
        tokens(first, 0) + [PairPart(.first, 0)] + tokens(last + last, 0) + [PairPart(.second, 0)] + tokens(last, 0)
    case .framed, .framedPlain:
      let type: UInt8 = pairs == .framed ? 1 : 0
      pair =
        tokens(first, 0) + [PairPart(.first, 0)] + tokens(last, 0) + tokens(first, type) + [PairPart(.second, type)]
        + tokens(last, type)
    }
  }

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    if context.second != nil { return processPair(&tokens, addSpecialTokens: addSpecialTokens) }
    guard addSpecialTokens else { return }
    var result: [EncodedToken] = []
    result.reserveCapacity(tokens.count + 2)
    for part in parts {
      switch part {
      case .text: result.append(contentsOf: tokens)
      case .tokens(let ids) where !isWritten(ids, result):
        result.append(contentsOf: ids.map { EncodedToken(id: $0, range: 0..<0) })
      case .tokens: break
      }
    }
    tokens = result
  }

  /// Whether the tokens can be left out, because `addsLastOnce` is set and the text before them already ends with them.
  private func isWritten(_ ids: [Int], _ tokens: [EncodedToken]) -> Bool {
    addsLastOnce && !tokens.isEmpty && tokens.suffix(ids.count).map(\.id) == ids
  }

  /// Assembles a pair. The texts get their segments even without special tokens.
  private func processPair(_ tokens: inout [EncodedToken], addSpecialTokens: Bool) {
    var result: [EncodedToken] = []
    result.reserveCapacity(tokens.count + 4)
    for part in pair {
      let isSecond = part.content == .second
      if case .tokens(let ids) = part.content {
        guard addSpecialTokens, !isWritten(ids, result) else { continue }
        result.append(contentsOf: ids.map { EncodedToken(id: $0, range: 0..<0, type: part.type) })
      } else {
        for var token in tokens where token.isSecond == isSecond {
          token.type = part.type
          result.append(token)
        }
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
      let isFirst = index == 0 ? context.startsText : token.isSecond && !tokens[index - 1].isSecond
      if addPrefixSpace, leading == 1, isFirst || token.range.lowerBound == 0 { leading = 0 }
      let text = context.text(of: token)
      var range = token.range
      for _ in 0..<leading where !range.isEmpty { range = text.droppingFirst(of: range) }
      for _ in 0..<trailing where !range.isEmpty { range = text.droppingLast(of: range) }
      tokens[index].range = range
    }
  }

  /// The number of space characters at each end: of an added token's text, or of the vocabulary piece, where `Ġ` counts
  /// too.
  private func spaces(of token: EncodedToken, _ context: PostProcessingContext) -> (leading: Int, trailing: Int) {
    if token.isAdded { return spaces(TextBuffer(rebasing: context.text(of: token)[token.range])) }
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
