/// Splits a template into tokens and applies Jinja's rules for white space around tags.
struct Lexer {
  /// The text with all line breaks as `\n`, without the final one.
  let source: [UInt8]
  private let options: TemplateOptions
  var index = 0
  var tokens: [LocatedToken] = []
  /// Whether the last tag ended with a line break.
  private var startsLine = true

  init(_ source: String, options: TemplateOptions) {
    self.options = options
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.utf8.count)
    var previous: UInt8 = 0
    for byte in source.utf8 {
      if byte != UInt8(ascii: "\n") || previous != UInt8(ascii: "\r") {
        bytes.append(byte == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : byte)
      }
      previous = byte
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    self.source = bytes
  }

  /// All tokens of the template.
  mutating func tokenize() throws(TemplateError) -> [LocatedToken] {
    while index < source.count {
      guard let tag = nextTag() else {
        add(.data(Text(source[index...])), at: index)
        break
      }
      addData(before: tag.start, sign: tag.sign, isPrint: tag.kind == .print)
      index = tag.end
      switch tag.kind {
      case .comment: try skipComment(from: tag.start)
      case .raw: try readRaw(from: tag.start)
      case .print:
        add(.printBegin, at: tag.start)
        try readTag(.printEnd)
      case .block:
        add(.blockBegin, at: tag.start)
        try readTag(.blockEnd)
      }
    }
    add(.end, at: source.count)
    return tokens
  }

  mutating func add(_ token: Token, at offset: Int) { tokens.append(LocatedToken(token: token, offset: offset)) }

  // MARK: - Tags

  private enum TagKind {
    case print, block, comment, raw
  }

  /// The start of a tag. `sign` is the `-` or `+` after it, or 0; `end` is the offset of its contents.
  private struct Tag {
    let kind: TagKind
    let start: Int
    let sign: UInt8
    var end: Int
  }

  private func nextTag() -> Tag? {
    var start = index
    while start + 1 < source.count {
      if source[start] == UInt8(ascii: "{"), let tag = tag(at: start) { return tag }
      start += 1
    }
    return nil
  }

  private func tag(at start: Int) -> Tag? {
    let kind: TagKind
    switch source[start + 1] {
    case UInt8(ascii: "{"): kind = .print
    case UInt8(ascii: "#"): kind = .comment
    case UInt8(ascii: "%"): kind = .block
    default: return nil
    }
    let sign = self.sign(at: start + 2)
    let end = start + (sign == 0 ? 2 : 3)
    if kind == .block, let end = rawBegin(at: end) { return Tag(kind: .raw, start: start, sign: sign, end: end) }
    return Tag(kind: kind, start: start, sign: sign, end: end)
  }

  private func sign(at offset: Int) -> UInt8 {
    guard offset < source.count, source[offset] == UInt8(ascii: "-") || source[offset] == UInt8(ascii: "+") else {
      return 0
    }
    return source[offset]
  }

  /// The offset after `raw %}` if it follows at `offset`; `nil` otherwise.
  private func rawBegin(at offset: Int) -> Int? {
    guard let word = match("raw", at: skipSpace(offset)) else { return nil }
    let end = skipSpace(word)
    return match("-%}", at: end).map(skipSpace) ?? match("%}", at: end)
  }

  /// Adds the text before a tag, with white space stripped according to the tag's sign and the options.
  private mutating func addData(before end: Int, sign: UInt8, isPrint: Bool) {
    var text = source[index..<end]
    if sign == UInt8(ascii: "-") {
      text = text[..<Characters.end(strippingSpace: text)]
    } else if sign == 0, options.stripsLines, !isPrint {
      let line = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.startIndex
      if line > text.startIndex || startsLine, Characters.end(strippingSpace: text[line...]) == line {
        text = text[..<line]
      }
    }
    if !text.isEmpty { add(.data(Text(text)), at: index) }
    startsLine = false
  }

  /// The offset after the end mark of a block or comment at `offset`; `nil` if there is none.
  private func blockEnd(_ mark: StaticString, at offset: Int) -> Int? {
    if let end = match("+", at: offset).flatMap({ match(mark, at: $0) }) { return end }
    if let end = match("-", at: offset).flatMap({ match(mark, at: $0) }) { return skipSpace(end) }
    guard let end = match(mark, at: offset) else { return nil }
    return options.trimsBlocks ? match("\n", at: end) ?? end : end
  }

  private mutating func skipComment(from start: Int) throws(TemplateError) {
    for offset in index..<max(index, source.count) {
      if let end = blockEnd("#}", at: offset) { return leave(at: end) }
    }
    throw error("an unclosed comment", at: start, expected: "'#}'", found: "the end of the template")
  }

  private mutating func readRaw(from start: Int) throws(TemplateError) {
    leave(at: index)
    for offset in index..<max(index, source.count) where source[offset] == UInt8(ascii: "{") {
      guard let begin = match("{%", at: offset) else { continue }
      let sign = self.sign(at: begin)
      guard let word = match("endraw", at: skipSpace(sign == 0 ? begin : begin + 1)),
        let end = blockEnd("%}", at: skipSpace(word))
      else { continue }
      addData(before: offset, sign: sign, isPrint: false)
      return leave(at: end)
    }
    throw error("an unclosed 'raw'", at: start, expected: "'{% endraw %}'", found: "the end of the template")
  }

  private mutating func leave(at end: Int) {
    index = end
    startsLine = source[end - 1] == UInt8(ascii: "\n")
  }

  /// Reads the tokens of a tag up to its end.
  private mutating func readTag(_ end: Token) throws(TemplateError) {
    var open: [Symbol] = []
    while true {
      if open.isEmpty, let next = end == .printEnd ? printEnd() : blockEnd("%}", at: index) {
        add(end, at: index)
        return leave(at: next)
      }
      index = skipSpace(index)
      guard index < source.count else { return }
      if open.isEmpty, end == .printEnd ? printEnd() != nil : blockEnd("%}", at: index) != nil { continue }
      try readToken(&open)
    }
  }

  private func printEnd() -> Int? { match("-}}", at: index).map(skipSpace) ?? match("}}", at: index) }

  // MARK: - Matching

  /// The offset after `text` if it is at `offset`; `nil` otherwise.
  func match(_ text: StaticString, at offset: Int) -> Int? {
    let length = text.utf8CodeUnitCount
    guard offset + length <= source.count else { return nil }
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: length)
    return source[offset..<offset + length].elementsEqual(bytes) ? offset + length : nil
  }

  func skipSpace(_ offset: Int) -> Int { Characters.start(strippingSpace: source[offset...]) }

  func error(_ what: String, at offset: Int, expected: String, found: String, hint: String? = nil) -> TemplateError {
    TemplateError(
      .syntax, what, at: TemplatePlace(offset: offset, in: source), expected: expected, found: found, hint: hint)
  }
}
