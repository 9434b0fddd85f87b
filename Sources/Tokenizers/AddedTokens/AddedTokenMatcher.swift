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
