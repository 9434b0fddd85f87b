import TerminalUI

/// Parses inline Markdown: emphasis, code and links become styles, and their delimiters are removed. Delimiters without
/// a partner are kept. O(bytes).
struct CardInline {
  private let text: [Character]
  private var index = 0
  private var spans: [Span] = []
  private var plain = ""
  private let base: Style
  private var attributes: Style.Attributes = []
  /// The indexes of each character searched for so far, ascending.
  private var places: [Character: [Int]] = [:]
  /// The indexes of the runs of backticks by their length, ascending.
  private var ticks: [Int: [Int]] = [:]

  /// The pieces of a text.
  static func spans(_ text: String, base: Style = .plain) -> [Span] {
    var reader = CardInline(text: Array(text), base: base)
    reader.read()
    return reader.spans
  }

  private init(text: [Character], base: Style) {
    self.text = text
    self.base = base
    var place = 0
    while place < text.count {
      let count = run(of: "`", at: place)
      if count > 0 { ticks[count, default: []].append(place) }
      place += max(1, count)
    }
  }

  private mutating func read() {
    while index < text.count {
      switch text[index] {
      case "\\" where isPunctuation(at: index + 1):
        plain.append(text[index + 1])
        index += 2
      case "`": code()
      case "*", "_": emphasis(text[index])
      case "!" where character(at: index + 1) == "[": index += 1
      case "[": if let end = link() { index = end } else { take() }
      case "]" where character(at: index + 1) == "(": address()
      case "<": tag()
      case "&": entity()
      case "\n":
        plain += "\n"
        index += 1
      default: take()
      }
    }
    flush()
  }

  private mutating func take() {
    plain.append(text[index])
    index += 1
  }

  private mutating func flush() {
    if !plain.isEmpty {
      let lines = plain.split(separator: "\n", omittingEmptySubsequences: false)
      let text = lines.map { visible($0, keepsSpaces: true) }.joined(separator: "\n")
      spans.append(Span(text, base.with(attributes)))
    }
    plain = ""
  }

  private func character(at place: Int) -> Character? { text.indices.contains(place) ? text[place] : nil }

  private func isPunctuation(at place: Int) -> Bool {
    guard let character = character(at: place) else { return false }
    return character.isASCII && (character.isPunctuation || character.isSymbol)
  }

  /// The next index of a character at or after `start`; the number of characters if it does not occur.
  private mutating func next(_ wanted: Character, from start: Int) -> Int {
    let known = places[wanted] ?? text.indices.filter { text[$0] == wanted }
    places[wanted] = known
    return CardInline.first(known, from: start) ?? text.count
  }

  /// The first of ascending indexes at or after `start`.
  private static func first(_ places: [Int], from start: Int) -> Int? {
    var range = 0..<places.count
    while let middle = range.isEmpty ? nil : (range.lowerBound + range.upperBound) / 2 {
      range = places[middle] < start ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound < places.count ? places[range.lowerBound] : nil
  }

  private func run(of sign: Character, at start: Int) -> Int {
    var end = start
    while end < text.count, text[end] == sign { end += 1 }
    return end - start
  }

  private mutating func code() {
    let count = run(of: "`", at: index)
    // Backtick runs of another length are part of the code.
    guard let end = CardInline.first(ticks[count] ?? [], from: index + count) else {
      for _ in 0..<count { take() }
      return
    }
    flush()
    let code = String(text[(index + count)..<end]).split(separator: "\n").joined(separator: " ")
    let shown =
      code.count > 2 && code.hasPrefix(" ") && code.hasSuffix(" ") ? String(code.dropFirst().dropLast()) : code
    spans.append(Span(visible(shown, keepsSpaces: true), Style(.key)))
    index = end + count
  }

  private mutating func emphasis(_ sign: Character) {
    let count = run(of: sign, at: index)
    let before = character(at: index - 1)
    let after = character(at: index + count)
    let inWord = sign == "_" && before.map { $0.isLetter || $0.isNumber } == true
    let wanted: Style.Attributes = count == 1 ? .italic : count == 2 ? .bold : [.italic, .bold]
    let isOpen = !attributes.isDisjoint(with: wanted)
    let closes = isOpen && before?.isWhitespace == false
    let opens = !isOpen && !inWord && after?.isWhitespace == false && next(sign, from: index + count) < text.count
    guard count <= 3, closes || opens else {
      for _ in 0..<count { take() }
      return
    }
    flush()
    attributes.formSymmetricDifference(wanted)
    index += count
  }

  /// The index after a link's `[`, where its text begins; `nil` if there is no link.
  private mutating func link() -> Int? {
    // For an image inside a link, show only the image's alternative text.
    if character(at: index + 1) == "!" { return index + 1 }
    let end = next("]", from: index)
    guard character(at: end + 1) == "(", next(")", from: end) < text.count else { return nil }
    if end == index + 1 { return nil }
    return index + 1
  }

  /// Passes over `](address)`.
  private mutating func address() {
    let end = next(")", from: index)
    guard end < text.count else { return take() }
    index = end + 1
  }

  /// Skips an HTML tag or comment. A URL in angle brackets is kept without the brackets.
  private mutating func tag() {
    let end = next(">", from: index)
    let first = character(at: index + 1)
    guard end < text.count, let first, first.isLetter || first == "/" || first == "!" else { return take() }
    let inside = String(text[(index + 1)..<end])
    if inside.contains("://") && !inside.contains(" ") || inside.contains("@") && !inside.contains(" ") {
      plain += inside
    } else if inside.lowercased().hasPrefix("br") {
      plain += "\n"
    }
    index = end + 1
  }

  private mutating func entity() {
    for (name, sign) in [
      ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&#39;", "'"),
    ]
    where text[index..<min(index + name.count, text.count)].elementsEqual(name) {
      plain += sign
      index += name.count
      return
    }
    take()
  }
}
