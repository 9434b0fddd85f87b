import EngineAPI
import TerminalUI

/// A wrapped line of a model card, with control characters made visible.
struct CardLine: Sendable, Equatable {
  /// The pieces of the line.
  var spans: [Span]

  /// The text without styles.
  var text: String { spans.map(\.text).joined() }

  /// The maximum number of bytes of a card that are shown.
  static let longest = 1 << 16

  /// The text shown for a model without a card.
  static let none = "no card: the folder has no README.md"

  /// The lines of a model's card, without a first heading that is the model's name, which is already shown above.
  static func lines(of model: ModelSummary, width: Int, limit: Int = .max) -> [CardLine] {
    let lines = lines(of: model.card, width: width, limit: limit == .max ? limit : limit + 2)
    guard lines.count > 2, lines[0].text == model.name.split(separator: "/").last.map(String.init),
      lines[0].spans.allSatisfy({ $0.style.role == .heading })
    else { return Array(lines.prefix(limit)) }
    return Array(lines.drop { $0.text.isEmpty || $0 == lines[0] }.prefix(limit))
  }

  /// The lines of a card in Markdown: headings, lists, quotes, code and tables laid out, their marks left out.
  /// - Parameter limit: the maximum number of lines.
  static func lines(of card: String?, width: Int, limit: Int = .max) -> [CardLine] {
    let width = max(1, width)
    var card = card ?? ""
    // Parse only a prefix if few lines are needed. Assumes at most 8 bytes per column, including delimiters and URLs.
    let most = limit < longest / 8 ? min(longest, (limit + 8) * (width + 8) * 8) : longest
    if card.utf8.count > most { card = String(decoding: card.utf8.prefix(most), as: UTF8.self) }
    var lines: [CardLine] = []
    var wasTight = false
    for block in CardBlock.blocks(of: card) {
      guard lines.count < limit else { break }
      let isTight = block.isTight
      let made = block.lines(width: width)
      guard made.contains(where: { !$0.text.isEmpty }) else { continue }
      // Blocks are separated by a blank line, except consecutive items of a list.
      if !lines.isEmpty, !(isTight && wasTight) { lines.append(CardLine(spans: [])) }
      lines += made
      wasTight = isTight
    }
    return lines.isEmpty ? [CardLine(spans: [Span(none)])] : Array(lines.prefix(limit))
  }
}

/// Wraps styled text.
enum CardText {
  /// Wraps pieces to a width. `first` precedes the first line, `others` all further lines.
  static func wrap(_ pieces: [Span], width: Int, first: Span? = nil, others: Span? = nil) -> [CardLine] {
    let margin = max(first?.text.columnWidth ?? 0, others?.text.columnWidth ?? 0)
    let wrapped = WrappedText(pieces.map(\.text).joined(), width: max(1, width - margin))
    var ends: [Int] = []
    for piece in pieces { ends.append((ends.last ?? 0) + piece.text.utf8.count) }
    var index = 0
    return wrapped.lines.enumerated().map { number, line in
      var spans = [number == 0 ? first : others].compactMap(\.self)
      var start = line.range.lowerBound
      while index < pieces.count, ends[index] <= start { index += 1 }
      var place = index
      while start < line.range.upperBound, place < pieces.count {
        let end = min(ends[place], line.range.upperBound)
        let piece = pieces[place]
        let offset = start - (ends[place] - piece.text.utf8.count)
        let bytes = piece.text.utf8.dropFirst(offset).prefix(end - start)
        spans.append(Span(String(decoding: bytes, as: UTF8.self), piece.style))
        start = end
        place += 1
      }
      return CardLine(spans: trimmed(spans))
    }
  }

  /// Removes trailing spaces, which may extend beyond the width at a line break.
  static func trimmed(_ spans: [Span]) -> [Span] {
    var spans = spans
    while var last = spans.popLast() {
      while last.text.last == " " { last.text.removeLast() }
      if !last.text.isEmpty { return spans + [last] }
    }
    return spans
  }
}
