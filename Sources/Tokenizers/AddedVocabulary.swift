import JSONText

/// The added tokens, their ids, and the search for them in texts.
struct AddedVocabulary: Sendable {
  private(set) var idsByContent: [[UInt8]: Int] = [:]
  private(set) var tokensByID: [Int: AddedToken] = [:]
  private(set) var specialContents: Set<[UInt8]> = []

  /// What a token becomes in decoded text: a token that is looked for in normalized text is written so, too.
  private(set) var decodedContents: [Int: [UInt8]] = [:]

  private var rawMatcher = AddedTokenMatcher()
  private var normalizedMatcher = AddedTokenMatcher()

  /// Whether special tokens written in the text are taken for plain text.
  var splitsSpecialTokens = false

  /// The largest id plus one.
  var idLimit: Int { (tokensByID.keys.max() ?? -1) + 1 }

  /// The id of a token, added or the model's.
  func id(of content: [UInt8], _ vocabulary: Vocabulary) -> Int? {
    idsByContent[content] ?? vocabulary.id(of: content)
  }

  /// Adds tokens: one that the vocabulary knows keeps its id, another gets the next free one, as in the reference (the
  /// ids that a file states are not looked at).
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

  /// Makes the search ready for the tokens that are there.
  mutating func prepare(_ normalizer: (any Normalizer)?) {
    rawMatcher = AddedTokenMatcher()
    normalizedMatcher = AddedTokenMatcher()
    for (id, token) in tokensByID.sorted(by: { $0.key < $1.key }) {
      if token.normalized {
        var text = AlignedText(bytes: token.content, origin: 0)
        normalizer?.normalize(&text)
        normalizedMatcher.add(text.bytes, id: id)
        // The reference keeps this even when the token is added again, then to be found in the raw text.
        decodedContents[id] = text.bytes
      } else {
        rawMatcher.add(token.content, id: id)
      }
    }
  }

  /// What a token becomes in decoded text, and whether it is left out where special tokens are not wanted.
  func decoded(_ id: Int) -> (content: [UInt8], isSpecial: Bool)? {
    guard let content = decodedContents[id] ?? tokensByID[id]?.content else { return nil }
    return (content, specialContents.contains(content))
  }

  /// A part of a text: an added token, or text for the model.
  struct Part {
    var range: Range<Int>
    var id: Int?
  }

  /// Cuts the raw text at tokens that are looked for there.
  func cutRaw(_ text: TextBuffer) -> [Part] { cut(text, rawMatcher) }

  /// Cuts a normalized text at tokens that are looked for there.
  func cutNormalized(_ text: TextBuffer) -> [Part] { cut(text, normalizedMatcher) }

  private func cut(_ text: TextBuffer, _ matcher: AddedTokenMatcher) -> [Part] {
    var parts: [Part] = []
    // The end of the last token, white space that it took along included.
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

/// A token that is found in the text itself, before anything else looks at it.
struct AddedToken: Sendable, Equatable {
  var content: [UInt8]
  /// Only matches where no word character is beside it.
  var singleWord = false
  /// Takes the white space before it along.
  var stripsLeft = false
  /// Takes the white space after it along.
  var stripsRight = false
  /// Is looked for in the normalized text.
  var normalized = false
  /// Can be left out of decoded text.
  var special = false

  /// A token given as plain text, special as the reference takes it.
  init(special text: String) {
    content = Array(text.utf8)
    special = true
  }

  /// A token from its description; `normalized` is by default what `special` is not.
  init(_ field: Field, special: Bool? = nil) throws(TokenizerError) {
    content = try field["content"].bytes()
    singleWord = try field["single_word"].bool(default: false)
    stripsLeft = try field["lstrip"].bool(default: false)
    stripsRight = try field["rstrip"].bool(default: false)
    self.special = if let special { special } else { try field["special"].bool(default: false) }
    normalized = try field["normalized"].bool(default: !self.special)
  }
}

/// Finds the leftmost of several strings, and there the longest (what Aho-Corasick with that rule finds).
struct AddedTokenMatcher: Sendable {
  private var trie = ByteTrie()

  /// Adds a string; of equal ones the first counts, an empty one is never found.
  mutating func add(_ content: [UInt8], id: Int) {
    guard !content.isEmpty, longestMatch(content) != content.count else { return }
    trie.insert(content, value: id)
  }

  private func longestMatch(_ content: [UInt8]) -> Int {
    content.withUnsafeBufferPointer { match($0, at: 0)?.end ?? 0 }
  }

  /// Reports the matches from left to right; they do not overlap.
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
