import EngineAPI
import TerminalUI

/// What each part of the model adds to the difference of two tokens' logits, the largest amount first. With the rest
/// below the list they add up to the difference.
struct SumsView: Widget {
  var tab: InsideState
  var context: PaneContext

  /// The rows of the list in a pane of this height.
  static func rows(height: Int) -> Int { max(1, height - (height >= 4 ? 1 : 0)) }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let title = title(glyphs: grid.glyphs)
      let sum = tab.sums.answer?.logit.map { NumberText.signed($0) } ?? ""
      inside = grid.box(
        rect, title: title, right: title.columnWidth + sum.columnWidth + 9 <= rect.width ? sum : "",
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    let parts = tab.orderedParts
    guard !parts.isEmpty else {
      return grid.draw(DimLines(tab.sumsLine(context.shell)), in: inside.inset(columns: 1, rows: 0))
    }
    let hasRest = inside.height >= 4
    var window = tab.partRows
    window.update(count: parts.count, height: Self.rows(height: inside.height))
    let largest = parts.first.map { abs($0.logit) } ?? 0
    for (row, index) in window.visible.enumerated() {
      draw(parts[index].name, parts[index].logit, of: largest, in: inside.row(row), on: &grid)
    }
    guard hasRest else { return }
    let rest = parts.indices.filter { !window.visible.contains($0) }.reduce(0) { $0 + parts[$1].logit }
    let line = inside.row(inside.height - 1).inset(columns: 1, rows: 0)
    let sum = NumberText.padded(NumberText.signed(rest), Self.numberEnd(inside.width) - "the rest".count)
    let places = ["  " + window.footer(glyphs: grid.glyphs), "  of \(NumberText.grouped(parts.count))", ""]
    let words = places.map { "the rest" + sum + $0 }.first { $0.columnWidth <= line.width }
    grid.draw(words ?? "the rest" + sum, at: line.origin, style: Style(.dim), maxWidth: line.width)
  }

  /// The column after a row's number.
  private static func numberEnd(_ width: Int) -> Int { min(29, max(22, width / 2)) }

  private func title(glyphs: Glyphs) -> String {
    guard let answer = tab.look.answer else { return "What adds up" }
    let tokens = [answer.token.token] + [tab.rival(answer)?.token].compactMap(\.self)
    return "Logits: " + tokens.map { visible(bytes: $0.bytes, glyphs: glyphs) }.joined(separator: " - ")
  }

  /// A part: its name, what it adds, and a bar to the right of the middle, or to the left if it subtracts.
  private func draw(_ name: String, _ logit: Double, of largest: Double, in line: Rect, on grid: inout CellGrid) {
    let end = Self.numberEnd(line.width)
    grid.draw(name, at: Point(line.x + 1, line.y), style: Style(.text), maxWidth: end - 8, truncation: .tail)
    grid.draw(
      NumberText.padded(NumberText.signed(logit), 8), at: Point(line.x + 1 + end - 8, line.y), style: Style(.text))
    let half = (line.width - end - 4) / 2
    guard half >= 2, largest > 0 else { return }
    let middle = line.x + 1 + end + 1 + half
    let share = abs(logit) / largest
    if logit >= 0 {
      grid.draw(
        Bar.text(share, width: half, glyphs: grid.glyphs), at: Point(middle + 1, line.y), style: Style(.streamA))
    } else {
      let cells = Int((share * Double(half)).rounded())
      let full = grid.glyphs.eighths.last ?? "#"
      grid.draw(
        String(repeating: full, count: cells), at: Point(middle - cells, line.y), style: Style(.streamB))
    }
    grid.draw(grid.glyphs.vertical, at: Point(middle, line.y), style: Style(.border))
  }
}

extension InsideState {
  /// The parts with their names, the largest amount first.
  var orderedParts: [(name: String, logit: Double)] {
    let parts = sums.answer?.attribution ?? []
    return parts.enumerated().sorted { (abs($0.element.logit), $1.offset) > (abs($1.element.logit), $0.offset) }.map {
      (Self.name($0.element), $0.element.logit)
    }
  }

  /// Why there are no sums.
  func sumsLine(_ shell: Shell) -> String {
    if let failure = sums.failure {
      return [failure.what, failure.found].compactMap(\.self).joined(separator: ": ")
    }
    if sums.awaited != nil { return "the parts are being added up" }
    return look.answer == nil ? emptyLine(shell) : ""
  }

  /// A part in words, with layers and heads counted from 1.
  private static func name(_ part: AttributedPart) -> String {
    let layer = part.layer.map { "layer \($0 + 1) " } ?? ""
    switch part.kind {
    case .embedding: return "embedding"
    case .head: return layer + (part.isCross ? "cross " : "head ") + "\((part.head ?? 0) + 1)"
    case .feedForward: return layer + "ffn"
    case .bias: return part.layer == nil ? "last biases" : layer + "biases"
    case .rounding: return "rounding"
    }
  }
}

/// What the model predicts with parts switched off, beside what it predicts with all of them.
struct ChangeView: Widget {
  var tab: InsideState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    var isInTitle = false
    if context.pane.isFramed {
      let count = tab.off.count
      let title = "Without " + (count == 1 ? tab.off[0].words : "\(NumberText.words(count)) parts")
      let bits = tab.change.map { "KL \(Self.bits($0.divergence.forward)) bits" } ?? ""
      isInTitle = title.columnWidth + bits.columnWidth + 9 <= rect.width
      inside = grid.box(
        rect, title: title, right: isInTitle ? bits : "", focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let change = tab.change else {
      let line = tab.look.awaited == nil ? tab.emptyLine(context.shell) : "the changed model reads the text"
      return grid.draw(DimLines(line), in: inside.inset(columns: 1, rows: 0))
    }
    let number = NumberText.percentWidth
    let width = max(6, inside.width - 2 - 2 * (number + 2))
    let head = inside.row(0)
    if inside.height >= 3 {
      grid.draw(figures(change, isInTitle: isInTitle, width: width), at: Point(head.x + 1, head.y), style: Style(.dim))
      for (column, words) in ["as it is", "without"].enumerated() {
        grid.draw(
          NumberText.padded(words, number), at: Point(head.x + 1 + width + 2 + column * (number + 2), head.y),
          style: Style(.heading))
      }
    }
    let first = inside.height >= 3 ? 1 : 0
    let listing = inside.height - first >= 4 ? 1 : 0
    for (row, pair) in change.pairs.prefix(max(0, inside.height - first - listing)).enumerated() {
      let line = inside.row(first + row)
      grid.draw(
        visible(bytes: pair.token.bytes, glyphs: grid.glyphs), at: Point(line.x + 1, line.y), style: Style(.text),
        maxWidth: width, truncation: .tail)
      for (column, probability) in [pair.before, pair.after].enumerated() {
        let text = probability.map { NumberText.percent($0) } ?? NumberText.padded("less", number)
        let grows = (pair.after ?? 0) > (pair.before ?? 0)
        grid.draw(
          text, at: Point(line.x + 1 + width + 2 + column * (number + 2), line.y),
          style: Style(probability == nil ? .dim : .text, column == 1 && grows ? .bold : []))
      }
    }
    guard listing > 0 else { return }
    let options = tab.off.map { ModelChange.scale($0, by: 0).option }.joined(separator: " ")
    grid.draw(options, in: inside.row(inside.height - 1).inset(columns: 1, rows: 0), style: Style(.dim))
  }

  static func bits(_ value: Double) -> String { NumberText.finite(value, decimals: 3) }

  /// The divergence both ways, or the one that the title does not show, as room allows.
  private func figures(_ change: ChangedPrediction, isInTitle: Bool, width: Int) -> String {
    let (forward, backward) = (Self.bits(change.divergence.forward), Self.bits(change.divergence.backward))
    let texts =
      isInTitle
      ? ["back \(backward) bits", "back \(backward)"]
      : ["KL \(forward)  back \(backward) bits", "KL \(forward) bits", "KL \(forward)"]
    return texts.first { $0.columnWidth <= width } ?? ""
  }
}

extension InsideState {
  /// The prediction with the parts that are switched off now; `nil` while it is computed.
  var change: ChangedPrediction? {
    look.answered?.changes == off.map { .scale($0, by: 0) } ? look.answer?.changed : nil
  }
}

extension ChangedPrediction {
  /// The first tokens of both predictions with their probabilities, the larger of the two first; `nil` for one that is
  /// not among the first ones.
  var pairs: [(token: TokenValue, before: Double?, after: Double?)] {
    let probability = { (list: [RankedToken], id: Int) in
      list.first { $0.token.id == id }.flatMap { $0.logprob.map(Probability.of) }
    }
    var seen: Set<Int> = []
    let tokens = (before + top).map(\.token).filter { seen.insert($0.id).inserted }
    return tokens.map { (token: $0, before: probability(before, $0.id), after: probability(top, $0.id)) }.sorted {
      (max($0.before ?? 0, $0.after ?? 0), $1.token.id) > (max($1.before ?? 0, $1.after ?? 0), $0.token.id)
    }
  }
}
