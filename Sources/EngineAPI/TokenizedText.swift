/// The role of turning text into ids and back.
public protocol Tokenizing: Engine {
  /// The tokens of a text, special ones added where the tokenizer does so by default.
  func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan]

  /// The tokens of a text that is being written, special ones added, equal to those of `tokenize`. An engine may
  /// remember the previous text and tokenize only what an edit can change.
  func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText

  /// The text of ids, special tokens left out or not.
  func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String

  /// The tokens of ids. An id outside the vocabulary is an error.
  func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue]

  /// A sentence about the model's tokenizer that the user should read; `nil` where there is none. The sentence is among
  /// the notices of the open model too.
  func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String?
}

extension Tokenizing {
  /// No notice.
  public func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String? { nil }

  /// The tokens of a text, special ones added.
  public func tokenize(_ text: String, model: ModelReference) async throws(EngineError) -> [TokenSpan] {
    try await tokenize(text, model: model, addingSpecialTokens: true)
  }

  /// The default: tokenizes the whole draft anew.
  public func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText {
    TokenizedText(text, try await tokenize(text, model: model))
  }
}

/// The tokens of a text, in stretches that were tokenized each on its own: after an edit the stretches that it did not
/// touch are shared with the text before.
public struct TokenizedText: Sendable, Equatable {
  /// A token and the bytes that it stands for.
  public struct Token: Sendable, Hashable {
    /// The token's id.
    public var id: Int
    /// The UTF-8 byte offsets in the text; `0..<0` for tokens that stand for no input.
    public var range: Range<Int>
    /// Whether the tokenizer added it or it is one of the special tokens.
    public var isSpecial: Bool

    /// A token at a place.
    public init(id: Int, range: Range<Int>, isSpecial: Bool) {
      self.id = id
      self.range = range
      self.isSpecial = isSpecial
    }
  }

  /// A part of the text with its tokens.
  public final class Stretch: Sendable, Equatable {
    /// The UTF-8 bytes of the part.
    public let text: [UInt8]
    /// Its tokens; their ranges count from the first byte of the part. A token for no input begins below 0.
    public let tokens: [Token]

    /// A part of a text with its tokens.
    public init(text: [UInt8], tokens: [Token]) {
      self.text = text
      self.tokens = tokens
    }

    /// Whether text and tokens are the same; at once where it is the same object.
    public static func == (left: Stretch, right: Stretch) -> Bool {
      left === right || left.text == right.text && left.tokens == right.tokens
    }
  }

  /// The tokens that the tokenizer puts before the text.
  public let leading: [Token]
  /// The parts of the text.
  public let stretches: [Stretch]
  /// The tokens that the tokenizer puts behind the text.
  public let trailing: [Token]
  /// How many bytes were tokenized to get here; the rest was known.
  public let freshBytes: Int
  /// The number of tokens.
  public let count: Int

  /// The tokens of stretches and those around them.
  public init(leading: [Token] = [], stretches: [Stretch] = [], trailing: [Token] = [], freshBytes: Int = 0) {
    self.leading = leading
    self.stretches = stretches
    self.trailing = trailing
    self.freshBytes = freshBytes
    count = stretches.reduce(leading.count + trailing.count) { $0 + $1.tokens.count }
  }

  /// A text that was tokenized in one go.
  public init(_ text: String, _ spans: [TokenSpan]) {
    let tokens = spans.map { Token(id: $0.token.id, range: $0.range, isSpecial: $0.isSpecial) }
    self.init(stretches: [Stretch(text: Array(text.utf8), tokens: tokens)], freshBytes: text.utf8.count)
  }

  /// Whether there is no token.
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

  /// The token of an index; `nil` where there is none.
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

  /// Calls `body` with tokens and their indices, in order, until it returns `false`. Stretches that end at or before
  /// `offset` are left out, and with an `offset` from 0 on the tokens before the text.
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

  /// The index of the last token that stands for a part of the text.
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

  /// The tokens with an id, with their indices; stretches without it are only looked through.
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

  /// Whether the tokens and their stretches are the same, whatever it cost to get them.
  public static func == (left: TokenizedText, right: TokenizedText) -> Bool {
    left.count == right.count && left.leading == right.leading && left.stretches == right.stretches
      && left.trailing == right.trailing
  }
}

extension TokenizedText.Token {
  /// The token of a stretch that begins at `offset`.
  fileprivate func moved(by offset: Int) -> TokenizedText.Token {
    TokenizedText.Token(
      id: id, range: range.lowerBound < 0 ? 0..<0 : (range.lowerBound + offset)..<(range.upperBound + offset),
      isSpecial: isSpecial)
  }
}
