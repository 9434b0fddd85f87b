/// The role of converting between text and ids.
public protocol Tokenizing: Engine {
  /// The tokens of a text. With `addingSpecialTokens`, includes the special tokens that the tokenizer adds by default.
  func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan]

  /// The tokens of a text that is being edited, equal to those of `tokenize` with special tokens. An engine may
  /// remember the previous text and tokenize only the changed part.
  func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText

  /// The text of a list of ids, with or without special tokens.
  func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String

  /// The tokens of a list of ids. Throws if an id is outside the vocabulary.
  func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue]

  /// A one-sentence notice about the model's tokenizer for the user; `nil` if there is none. It is also among the open
  /// model's notices.
  func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String?
}

extension Tokenizing {
  /// The default: no notice.
  public func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String? { nil }

  /// The tokens of a text, including special tokens.
  public func tokenize(_ text: String, model: ModelReference) async throws(EngineError) -> [TokenSpan] {
    try await tokenize(text, model: model, addingSpecialTokens: true)
  }

  /// The default: tokenizes the whole text.
  public func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText {
    TokenizedText(text, try await tokenize(text, model: model))
  }
}

/// The tokens of a text, in segments that were tokenized independently. After an edit, the unchanged segments are
/// shared with the previous value.
public struct TokenizedText: Sendable, Equatable {
  /// A token and its byte range in the text.
  public struct Token: Sendable, Hashable {
    /// The token's id.
    public var id: Int
    /// The UTF-8 byte offsets in the text; `0..<0` for tokens without input bytes.
    public var range: Range<Int>
    /// True if the tokenizer added the token, or it is a special token.
    public var isSpecial: Bool

    /// A token with these values.
    public init(id: Int, range: Range<Int>, isSpecial: Bool) {
      self.id = id
      self.range = range
      self.isSpecial = isSpecial
    }
  }

  /// A segment of the text with its tokens.
  public final class Stretch: Sendable, Equatable {
    /// The UTF-8 bytes of the segment.
    public let text: [UInt8]
    /// Its tokens, with ranges relative to the segment's first byte. A token without input bytes has a negative lower
    /// bound.
    public let tokens: [Token]

    /// A segment with these values.
    public init(text: [UInt8], tokens: [Token]) {
      self.text = text
      self.tokens = tokens
    }

    /// True if text and tokens are equal. O(1) for the same object.
    public static func == (left: Stretch, right: Stretch) -> Bool {
      left === right || left.text == right.text && left.tokens == right.tokens
    }
  }

  /// The tokens that the tokenizer adds before the text.
  public let leading: [Token]
  /// The segments of the text.
  public let stretches: [Stretch]
  /// The tokens that the tokenizer adds after the text.
  public let trailing: [Token]
  /// The number of bytes tokenized for this value; the rest was reused.
  public let freshBytes: Int
  /// The number of tokens.
  public let count: Int

  /// A value with these segments and surrounding tokens.
  public init(leading: [Token] = [], stretches: [Stretch] = [], trailing: [Token] = [], freshBytes: Int = 0) {
    self.leading = leading
    self.stretches = stretches
    self.trailing = trailing
    self.freshBytes = freshBytes
    count = stretches.reduce(leading.count + trailing.count) { $0 + $1.tokens.count }
  }

  /// A text that was tokenized as one segment.
  public init(_ text: String, _ spans: [TokenSpan]) {
    let tokens = spans.map { Token(id: $0.token.id, range: $0.range, isSpecial: $0.isSpecial) }
    self.init(stretches: [Stretch(text: Array(text.utf8), tokens: tokens)], freshBytes: text.utf8.count)
  }

  /// True if there are no tokens.
  public var isEmpty: Bool { count == 0 }

  /// The ids of all tokens.
  public var ids: [Int] {
    var ids: [Int] = []
    ids.reserveCapacity(count)
    for token in leading { ids.append(token.id) }
    for stretch in stretches { for token in stretch.tokens { ids.append(token.id) } }
    for token in trailing { ids.append(token.id) }
    return ids
  }

  /// All tokens.
  public var tokens: [Token] {
    var tokens: [Token] = []
    tokens.reserveCapacity(count)
    forEachToken(endingAfter: -1) { _, token in
      tokens.append(token)
      return true
    }
    return tokens
  }

  /// The token at an index; `nil` if the index is out of range.
  public subscript(index: Int) -> Token? {
    var left = index
    guard left >= 0 else { return nil }
    if left < leading.count { return leading[left] }
    left -= leading.count
    var start = 0
    for stretch in stretches {
      if left < stretch.tokens.count { return stretch.tokens[left].moved(by: start) }
      left -= stretch.tokens.count
      start += stretch.text.count
    }
    return left < trailing.count ? trailing[left] : nil
  }

  /// Calls `body` with each token and its index, in order, until it returns `false`. Skips segments that end at or
  /// before the byte `offset`, and, if `offset` is at least 0, the tokens before the text.
  public func forEachToken(endingAfter offset: Int, _ body: (Int, Token) -> Bool) {
    var index = 0
    if offset < 0 { for token in leading { if !take(token, &index, body) { return } } }
    index = leading.count
    var start = 0
    for stretch in stretches {
      let end = start + stretch.text.count
      if end > offset {
        for token in stretch.tokens { if !take(token.moved(by: start), &index, body) { return } }
      } else {
        index += stretch.tokens.count
      }
      start = end
    }
    for token in trailing { if !take(token, &index, body) { return } }
  }

  private func take(_ token: Token, _ index: inout Int, _ body: (Int, Token) -> Bool) -> Bool {
    defer { index += 1 }
    return body(index, token)
  }

  /// The index of the last token that has input bytes.
  public var lastIndexInText: Int? {
    if let last = trailing.lastIndex(where: { !$0.range.isEmpty }) { return count - trailing.count + last }
    var end = count - trailing.count
    for stretch in stretches.reversed() {
      let start = end - stretch.tokens.count
      if let last = stretch.tokens.lastIndex(where: { !$0.range.isEmpty }) { return start + last }
      end = start
    }
    return leading.lastIndex { !$0.range.isEmpty }
  }

  /// All tokens with the given id, with their indices.
  public func all(id: Int) -> [(index: Int, token: Token)] {
    var found: [(index: Int, token: Token)] = []
    var index = 0
    func look(_ tokens: [Token], _ start: Int) {
      for (place, token) in tokens.enumerated() where token.id == id {
        found.append((index + place, token.moved(by: start)))
      }
      index += tokens.count
    }
    look(leading, 0)
    var start = 0
    for stretch in stretches {
      look(stretch.tokens, start)
      start += stretch.text.count
    }
    look(trailing, 0)
    return found
  }

  /// Compares tokens and segments, but not `freshBytes`.
  public static func == (left: TokenizedText, right: TokenizedText) -> Bool {
    left.count == right.count && left.leading == right.leading && left.stretches == right.stretches
      && left.trailing == right.trailing
  }
}

extension TokenizedText.Token {
  /// A segment's token, with its range moved by `offset` bytes.
  fileprivate func moved(by offset: Int) -> TokenizedText.Token {
    TokenizedText.Token(
      id: id, range: range.lowerBound < 0 ? 0..<0 : (range.lowerBound + offset)..<(range.upperBound + offset),
      isSpecial: isSpecial)
  }
}
