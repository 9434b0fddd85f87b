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
