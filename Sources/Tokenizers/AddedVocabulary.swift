import JSONText

/// The added tokens of a tokenizer: their ids, and the matchers that find them in text.
struct AddedVocabulary: Sendable {
  private(set) var idsByContent: [[UInt8]: Int] = [:]
  private(set) var tokensByID: [Int: AddedToken] = [:]
  private(set) var specialContents: Set<[UInt8]> = []

  /// The text that each token decodes to. A token matched in normalized text decodes to its normalized form.
  private(set) var decodedContents: [Int: [UInt8]] = [:]

  private var rawMatcher = AddedTokenMatcher()
  private var normalizedMatcher = AddedTokenMatcher()

  /// Whether special tokens that appear in the text are tokenized as plain text.
  var splitsSpecialTokens = false

  /// The largest id of an added token, plus one.
  var idLimit: Int { (tokensByID.keys.max() ?? -1) + 1 }

  /// The id of an added token, or else of a piece of the model's vocabulary.
  func id(of content: [UInt8], _ vocabulary: Vocabulary) -> Int? {
    idsByContent[content] ?? vocabulary.id(of: content)
  }

  /// Adds tokens. A token that is already known keeps its id; any other gets the next free id. As in the reference, the
  /// ids written in the file are ignored.
  mutating func add(_ tokens: [AddedToken], _ vocabulary: Vocabulary) {
    var largest = idsByContent.values.max()
    for token in tokens where !token.content.isEmpty {
      let id: Int
      if let known = self.id(of: token.content, vocabulary) {
        id = known
      } else if let largest, largest >= vocabulary.count || vocabulary.count == 0 {
        id = largest + 1
      } else {
        id = vocabulary.count
      }
      largest = max(largest ?? id, id)
      idsByContent[token.content] = id
      tokensByID[id] = token
      if token.special { specialContents.insert(token.content) }
    }
  }

  /// Rebuilds the matchers from the current tokens.
  mutating func prepare(_ normalizer: (any Normalizer)?) {
    rawMatcher = AddedTokenMatcher()
    normalizedMatcher = AddedTokenMatcher()
    for (id, token) in tokensByID.sorted(by: { $0.key < $1.key }) {
      if token.normalized {
        var text = AlignedText(bytes: token.content, origin: 0)
        normalizer?.normalize(&text)
        normalizedMatcher.add(text.bytes, id: id)
        // The reference keeps the normalized form even if the token is later added again as one matched in raw text.
        decodedContents[id] = text.bytes
      } else {
        rawMatcher.add(token.content, id: id)
      }
    }
  }

  /// The text a token decodes to, and whether it is special, so that `skipSpecialTokens` omits it.
  func decoded(_ id: Int) -> (content: [UInt8], isSpecial: Bool)? {
    guard let content = decodedContents[id] ?? tokensByID[id]?.content else { return nil }
    return (content, specialContents.contains(content))
  }

  /// A part of a text: an added token (`id` is set), or text for the model.
  struct Part {
    var range: Range<Int>
    var id: Int?
  }

  /// Splits raw text at the tokens that are matched before normalization.
  func cutRaw(_ text: TextBuffer) -> [Part] { cut(text, rawMatcher) }

  /// Splits normalized text at the tokens that are matched after normalization.
  func cutNormalized(_ text: TextBuffer) -> [Part] { cut(text, normalizedMatcher) }

  private func cut(_ text: TextBuffer, _ matcher: AddedTokenMatcher) -> [Part] {
    var parts: [Part] = []
    // The end of the last match, including white space that `stripsRight` consumed.
    var position = 0
    matcher.forEachMatch(text) { id, match in
      guard let token = tokensByID[id], !(splitsSpecialTokens && specialContents.contains(token.content)) else {
        return
      }
      if token.singleWord, hasWord(before: match.lowerBound, text) || hasWord(at: match.upperBound, text) { return }
      var start = match.lowerBound
      var end = match.upperBound
      if token.stripsLeft {
        while start > position {
          let (code, length) = text.scalar(before: start)
          guard ScalarClass.isWhitespace(code) else { break }
          start -= length
        }
        start = max(start, position)
      }
      while token.stripsRight, end < text.count {
        let (code, length) = text.scalar(at: end)
        guard ScalarClass.isWhitespace(code) else { break }
        end += length
      }
      if position < start { parts.append(Part(range: position..<start, id: nil)) }
      parts.append(Part(range: start..<end, id: id))
      position = end
    }
    if position < text.count { parts.append(Part(range: position..<text.count, id: nil)) }
    return parts
  }

  private func hasWord(before index: Int, _ text: TextBuffer) -> Bool {
    index > 0 && ScalarClass.isWord(text.scalar(before: index).code)
  }

  private func hasWord(at index: Int, _ text: TextBuffer) -> Bool {
    index < text.count && ScalarClass.isWord(text.scalar(at: index).code)
  }
}

/// A token that is matched in the text directly, before the model tokenizes the rest.
struct AddedToken: Sendable, Equatable {
  var content: [UInt8]
  /// Matches only where neither neighbor is a word character (`single_word`).
  var singleWord = false
  /// The match includes the white space before it (`lstrip`).
  var stripsLeft = false
  /// The match includes the white space after it (`rstrip`).
  var stripsRight = false
  /// Is matched in normalized text instead of raw text.
  var normalized = false
  /// Is omitted from decoded text on request.
  var special = false

  /// A special token given only by its text; the other options keep their defaults.
  init(special text: String) {
    content = Array(text.utf8)
    special = true
  }

  /// A token from its JSON description. `normalized` defaults to `!special`.
  init(_ field: Field, special: Bool? = nil) throws(TokenizerError) {
    content = try field["content"].bytes()
    singleWord = try field["single_word"].bool(default: false)
    stripsLeft = try field["lstrip"].bool(default: false)
    stripsRight = try field["rstrip"].bool(default: false)
    self.special = if let special { special } else { try field["special"].bool(default: false) }
    normalized = try field["normalized"].bool(default: !self.special)
  }
}

/// Leftmost-longest matching of several strings (the match kind that Aho-Corasick calls leftmost-longest).
struct AddedTokenMatcher: Sendable {
  private var trie = ByteTrie()

  /// Adds a string. If the same string is added twice, the first id wins. An empty string never matches.
  mutating func add(_ content: [UInt8], id: Int) {
    guard !content.isEmpty, longestMatch(content) != content.count else { return }
    trie.insert(content, value: id)
  }

  private func longestMatch(_ content: [UInt8]) -> Int {
    content.withUnsafeBufferPointer { match($0, at: 0)?.end ?? 0 }
  }

  /// Reports the matches from left to right, without overlaps.
  func forEachMatch(_ text: TextBuffer, _ body: (_ id: Int, _ range: Range<Int>) -> Void) {
    guard trie.nodeCount > 1 else { return }
    var index = 0
    while index < text.count {
      if trie.canBegin(with: text[index]), let found = match(text, at: index) {
        body(found.id, index..<found.end)
        index = found.end
      } else {
        index += 1
      }
    }
  }

  private func match(_ text: TextBuffer, at start: Int) -> (id: Int, end: Int)? {
    var found: (id: Int, end: Int)?
    var node: Int32 = 0
    var index = start
    while index < text.count, let next = trie.child(node, text[index]) {
      node = next
      index += 1
      let id = trie.values[Int(node)]
      if id >= 0 { found = (Int(id), index) }
    }
    return found
  }
}
