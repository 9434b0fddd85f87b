/// Finds the delimiters at which text is split.
protocol Cutter {
  /// Reports every match in `range` of the text, from left to right.
  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void)
}

/// Matches a fixed string. An empty string never matches.
struct StringCutter: Cutter {
  let needle: [UInt8]

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    guard let first = needle.first else { return }
    var index = range.lowerBound
    while index + needle.count <= range.upperBound {
      if text[index] == first, needle.elementsEqual(text[index..<index + needle.count]) {
        report(index..<index + needle.count)
        index += needle.count
      } else {
        index += 1
      }
    }
  }
}

/// Matches every single character of a class.
struct CharacterCutter: Cutter {
  let isDelimiter: @Sendable (UInt32) -> Bool

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    var index = range.lowerBound
    while index < range.upperBound {
      let (code, length) = text.scalar(at: index)
      if isDelimiter(code) { report(index..<index + length) }
      index += length
    }
  }
}

/// Matches `\w+|[^\w\s]+`: runs of word characters, and runs of characters that are neither word characters nor white
/// space.
struct WordCutter: Cutter {
  private enum Kind { case word, other, space }

  private func kind(_ code: UInt32) -> Kind {
    if ScalarClass.isWhitespace(code) { return .space }
    return ScalarClass.isWord(code) ? .word : .other
  }

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    var start = range.lowerBound
    var current = Kind.space
    var index = start
    while index < range.upperBound {
      let (code, length) = text.scalar(at: index)
      let next = kind(code)
      if next != current {
        if current != .space { report(start..<index) }
        start = index
        current = next
      }
      index += length
    }
    if current != .space, start < index { report(start..<index) }
  }
}

/// A hand-written matcher for GPT-2's pattern (Radford et al. 2019, `encoder.py`). Its matches cover the whole text.
struct GPT2Cutter: Cutter {
  /// The equivalent regular expression.
  static let pattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  private enum Kind: UInt8 { case other, letter, number, space }

  /// The kinds of all characters of the basic multilingual plane, computed once because the standard library's property
  /// lookup is slow.
  private static let kinds: [UInt8] = (UInt32(0)..<0x10000).map { computeKind($0).rawValue }

  private static func computeKind(_ code: UInt32) -> Kind {
    if ScalarClass.isWhitespace(code) { return .space }
    guard let scalar = Unicode.Scalar(code) else { return .other }
    let category = scalar.properties.generalCategory
    if category.isLetter { return ScalarClass.isYounger(scalar, than: 16) ? .other : .letter }
    if category.isNumber { return ScalarClass.isYounger(scalar, than: 16) ? .other : .number }
    return .other
  }

  @inline(__always) private func kind(_ code: UInt32, _ kinds: UnsafeBufferPointer<UInt8>) -> Kind {
    code < 0x10000 ? Kind(rawValue: kinds[Int(code)]) ?? .other : Self.computeKind(code)
  }

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    Self.kinds.withUnsafeBufferPointer { kinds in
      var start = range.lowerBound
      while start < range.upperBound {
        let end = matchEnd(text, start, range.upperBound, kinds)
        report(start..<end)
        start = end
      }
    }
  }

  private func matchEnd(_ text: TextBuffer, _ start: Int, _ limit: Int, _ kinds: UnsafeBufferPointer<UInt8>) -> Int {
    if text[start] == UInt8(ascii: "'"), let end = contractionEnd(text, start, limit) { return end }
    var index = start
    var (code, length) = text.scalar(at: index)
    if code == 0x20, index + 1 < limit {
      let next = text.scalar(at: index + 1)
      if kind(next.code, kinds) != .space {
        index += 1
        (code, length) = next
      }
    }
    let first = kind(code, kinds)
    var lastLength = length
    index += length
    while index < limit {
      let (code, length) = text.scalar(at: index)
      guard kind(code, kinds) == first else { break }
      index += length
      lastLength = length
    }
    // Before another character, a run of white space leaves its last character to the next match: `\s+(?!\S)`.
    if first == .space, index < limit, index - lastLength > start { return index - lastLength }
    return index
  }

  /// The end of `'s`, `'t`, `'m`, `'d`, `'re`, `'ve` or `'ll` at `start`.
  private func contractionEnd(_ text: TextBuffer, _ start: Int, _ limit: Int) -> Int? {
    guard start + 1 < limit else { return nil }
    switch text[start + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return start + 2 < limit && text[start + 2] == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"):
      return start + 2 < limit && text[start + 2] == UInt8(ascii: "l") ? start + 3 : nil
    default: return nil
    }
  }
}
