import TerminalUI

/// A block of a model card: the subset of CommonMark's blocks that cards use.
enum CardBlock {
  /// A heading of level 1 to 6.
  case heading(level: Int, String)
  /// Running text.
  case paragraph(String)
  /// An item of a list: how deep, its mark, its text.
  case item(depth: Int, mark: String, String)
  /// A quoted paragraph.
  case quote(String)
  /// Lines of code.
  case code([String])
  /// Rows of cells; the first is the head.
  case table([[String]])

  /// Whether consecutive blocks of this kind have no blank line between them.
  var isTight: Bool { if case .item = self { true } else { false } }

  /// The block as lines of a width.
  func lines(width: Int) -> [CardLine] {
    switch self {
    case .heading(let level, let text):
      let style = Style(.heading, level <= 2 ? .bold : [])
      return CardText.wrap(CardInline.spans(text, base: style), width: width)
    case .paragraph(let text): return CardText.wrap(CardInline.spans(text), width: width)
    case .item(let depth, let mark, let text):
      let margin = String(repeating: " ", count: min(2 * depth, max(0, width / 4)))
      let hang = String(repeating: " ", count: mark.columnWidth + 1)
      return CardText.wrap(
        CardInline.spans(text), width: width, first: Span(margin + mark + " ", Style(.dim)), others: Span(margin + hang)
      )
    case .quote(let text):
      let bar = Span("| ", Style(.dim))
      return CardText.wrap(CardInline.spans(text), width: width, first: bar, others: bar)
    case .code(let lines):
      return lines.flatMap { line in
        let text = visible(line, keepsSpaces: true)
        return CardText.wrap([Span(text, Style(.key))], width: width, first: Span("  "), others: Span("    "))
      }
    case .table(let rows): return CardTable(rows).lines(width: width)
    }
  }

  // MARK: - Reading

  /// The blocks of a card, its front matter left out. O(bytes).
  static func blocks(of card: String) -> [CardBlock] {
    var lines = card.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { spelled($0) }
    if lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") { lines.removeFirst(end + 1) }
    var reader = Reader(lines: lines)
    reader.read()
    return reader.blocks
  }

  /// The line with tabs expanded and trailing spaces removed, except two spaces that mark a hard line break.
  private static func spelled(_ line: Substring) -> String {
    var text = line.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ")
    let breaks = text.hasSuffix("  ")
    while text.last?.isWhitespace == true { text.removeLast() }
    return breaks && !text.isEmpty ? text + "\\" : text
  }

  private struct Reader {
    let lines: [String]
    var blocks: [CardBlock] = []
    private var index = 0
    /// The lines of the block that is being read, and its kind.
    private var text: [String] = []
    private var make: (String) -> CardBlock = { .paragraph($0) }

    init(lines: [String]) { self.lines = lines }

    mutating func read() {
      while index < lines.count {
        let line = lines[index]
        let body = line.drop { $0 == " " }
        index += 1
        if body.isEmpty {
          close()
        } else if let fence = fence(body) {
          close()
          code(until: fence)
        } else if let (level, title) = heading(body) {
          close()
          blocks.append(.heading(level: level, title))
        } else if isUnderline(body), !text.isEmpty, isParagraph {
          blocks.append(.heading(level: body.first == "=" ? 1 : 2, text.joined(separator: " ")))
          text = []
        } else if isRule(body) {
          close()
        } else if body.hasPrefix("|") || (body.contains("|") && isHead(at: index - 1)) {
          close()
          table()
        } else if let item = item(body) {
          close()
          let depth = min((line.count - body.count) / 2, 8)
          begin([item.text]) { .item(depth: depth, mark: item.mark, $0) }
        } else if body.hasPrefix(">") {
          let quoted = String(body.drop { $0 == ">" || $0 == " " })
          if isQuote { text.append(quoted) } else { close(); begin([quoted]) { .quote($0) } }
          isQuote = true
          continue
        } else if text.isEmpty, line.hasPrefix("    ") {
          index -= 1
          indented()
        } else {
          text.append(String(body))
        }
        isQuote = false
      }
      close()
    }

    private var isQuote = false
    private var isParagraph: Bool { if case .paragraph = make("") { true } else { false } }

    private mutating func begin(_ first: [String], _ make: @escaping (String) -> CardBlock) {
      text = first
      self.make = make
    }

    private mutating func close() {
      // A backslash at the end of a line is a line break; other lines are joined by spaces.
      var joined = ""
      for line in text {
        if joined.hasSuffix("\\") {
          joined.removeLast()
          joined += "\n"
        } else if !joined.isEmpty {
          joined += " "
        }
        joined += line
      }
      if joined.hasSuffix("\\") { joined.removeLast() }
      if !joined.isEmpty { blocks.append(make(joined)) }
      begin([]) { .paragraph($0) }
    }

    private func fence(_ body: Substring) -> Substring? {
      guard let sign = body.first, sign == "`" || sign == "~" else { return nil }
      let run = body.prefix { $0 == sign }
      return run.count >= 3 && !body.dropFirst(run.count).contains("`") ? run : nil
    }

    private mutating func code(until fence: Substring) {
      var code: [String] = []
      while index < lines.count {
        let line = lines[index]
        index += 1
        if line.drop(while: { $0 == " " }).hasPrefix(fence) { break }
        code.append(line.hasSuffix("\\") ? String(line.dropLast()) : line)
      }
      if !code.isEmpty { blocks.append(.code(code)) }
    }

    private mutating func indented() {
      var code: [String] = []
      while index < lines.count, lines[index].hasPrefix("    ") {
        code.append(String(lines[index].dropFirst(4)))
        index += 1
      }
      blocks.append(.code(code))
    }

    private func heading(_ body: Substring) -> (Int, String)? {
      let level = body.prefix { $0 == "#" }.count
      let rest = body.dropFirst(level)
      guard (1...6).contains(level), rest.isEmpty || rest.first == " " else { return nil }
      var title = rest.drop { $0 == " " }
      while title.last == "#" || title.last == " " || title.last == "\\" { title.removeLast() }
      return (level, String(title))
    }

    private func isUnderline(_ body: Substring) -> Bool {
      guard let sign = body.first, sign == "=" || sign == "-" else { return false }
      return body.allSatisfy { $0 == sign }
    }

    private func isRule(_ body: Substring) -> Bool {
      guard let sign = body.first, "-*_".contains(sign) else { return false }
      let signs = body.filter { $0 != " " && $0 != "\\" }
      return signs.count >= 3 && signs.allSatisfy { $0 == sign }
    }

    private func item(_ body: Substring) -> (mark: String, text: String)? {
      if let sign = body.first, "-*+".contains(sign), body.dropFirst().first == " " {
        return ("-", String(body.dropFirst(2).drop { $0 == " " }))
      }
      let digits = body.prefix { $0.isASCII && $0.isNumber }
      let rest = body.dropFirst(digits.count)
      guard (1...9).contains(digits.count), let sign = rest.first, sign == "." || sign == ")",
        rest.dropFirst().first == " "
      else { return nil }
      return (digits + String(sign), String(rest.dropFirst(2).drop { $0 == " " }))
    }

    /// Whether the next line is the rule under a table's head.
    private func isHead(at line: Int) -> Bool {
      line + 1 < lines.count && lines[line + 1].contains("-") && CardTable.isRule(CardTable.cells(lines[line + 1]))
    }

    private mutating func table() {
      index -= 1
      var rows: [[String]] = []
      while index < lines.count, lines[index].contains("|") {
        let cells = CardTable.cells(lines[index])
        if !CardTable.isRule(cells) { rows.append(cells) }
        index += 1
      }
      blocks.append(.table(rows))
    }
  }
}
