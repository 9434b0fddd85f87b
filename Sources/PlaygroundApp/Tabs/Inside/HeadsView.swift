import EngineAPI
import TerminalUI

/// Where the heads of a layer look: the weights of the chosen one over the text, and all heads as a list.
struct HeadsView: Widget {
  var tab: InsideState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let heads = tab.heads
    var inside = rect
    if context.pane.isFramed {
      let title = title(heads, width: rect.width, glyphs: grid.glyphs)
      let note = note(glyphs: grid.glyphs)
      inside = grid.box(
        rect, title: title, right: title.columnWidth + note.columnWidth + 9 <= rect.width ? note : "",
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let answer = tab.look.answer, !heads.isEmpty else {
      return grid.draw(DimLines(emptyLine), in: inside.inset(columns: 1, rows: 0))
    }
    let chosen = heads.firstIndex { $0.head.head == tab.head } ?? 0
    let map = WeightMap(
      tokens: tokens(answer), weights: heads[chosen].weights, cursor: cursorInMap(answer),
      center: cursorInMap(answer) ?? heads[chosen].most)
    let most = inside.height >= 5 ? max(2, (inside.height - min(heads.count, inside.height / 2)) / 2 * 2) : 0
    let mapRows = min(most, 2 * map.lines(width: inside.width - 2, glyphs: grid.glyphs).count)
    grid.draw(map, in: Rect(inside.x + 1, inside.y, inside.width - 2, mapRows))
    var window = ListWindow(count: heads.count, height: max(1, inside.height - mapRows), selected: chosen)
    window.select(chosen)
    for (row, index) in window.visible.enumerated() {
      let line = inside.row(mapRows + row)
      guard !line.isEmpty else { continue }
      draw(heads[index], answer, isChosen: index == chosen, in: line, on: &grid)
    }
  }

  /// The tokens that the weights belong to: the keys; backward the queries.
  private func tokens(_ answer: InspectionAnswer) -> [TokenValue] {
    tab.looksBack ? (tab.kind == .encoder ? answer.source ?? [] : answer.tokens) : tab.lookedAt(answer)
  }

  /// The cursor's token in the map; `nil` if the map is that of the other text of a translation.
  private func cursorInMap(_ answer: InspectionAnswer) -> Int? {
    tab.kind == .cross ? nil : tab.attentionCursor(answer)
  }

  private var emptyLine: String {
    guard tab.look.answer != nil else { return tab.emptyLine(context.shell) }
    return tab.look.awaited != nil ? "the model reads the text" : "no attention of this kind in this layer"
  }

  /// `Attention · layer 6 · head 3 of 5`, or less.
  private func title(_ heads: [RankedHead], width: Int, glyphs: Glyphs) -> String {
    let name =
      switch tab.kind {
      case .own: "Attention"
      case .cross: "Cross-attention"
      case .encoder: "Encoder attention"
      }
    guard let layer = tab.layer, !heads.isEmpty else { return name }
    let facts = [name, "layer \(layer + 1)", "head \(tab.head + 1) of \(heads.count)"]
    let whole = facts.joined(separator: " \(glyphs.separator) ")
    return whole.columnWidth + 6 <= width ? whole : facts.dropFirst().joined(separator: " \(glyphs.separator) ")
  }

  /// `from ·a`, or `to ·a`.
  private func note(glyphs: Glyphs) -> String {
    guard let answer = tab.look.answer else { return "" }
    let tokens = tab.walksSource ? answer.source ?? [] : answer.tokens
    let index = tab.attentionCursor(answer)
    guard tokens.indices.contains(index) else { return "" }
    return (tab.looksBack ? "to " : "from ") + visible(bytes: tokens[index].bytes, glyphs: glyphs)
  }

  /// A head: its number and that of its key head, its weights as a strip, its largest weight, and at which token.
  private func draw(
    _ ranked: RankedHead, _ answer: InspectionAnswer, isChosen: Bool, in line: Rect, on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen && context.isFocused ? .selection : nil
    if ground != nil { grid.fill(line, style: Style(on: ground)) }
    if isChosen { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground)) }
    let isOff = tab.isOff(head: ranked.head.head)
    let sharesKeys = tab.look.answer?.attention.contains { $0.keyHead != $0.head } ?? false
    let number = NumberText.padded("\(ranked.head.head + 1)", 3)
    var x = line.x + 1
    x += grid.draw(
      number, at: Point(x, line.y), style: Style(isOff ? .dim : .text, on: ground, isChosen ? .bold : []))
    if sharesKeys {
      x += grid.draw(
        " keys " + NumberText.padded("\(ranked.head.keyHead + 1)", 2), at: Point(x, line.y),
        style: Style(.dim, on: ground))
    }
    let names = tokens(answer)
    let most = names.indices.contains(ranked.most) ? visible(bytes: names[ranked.most].bytes, glyphs: grid.glyphs) : ""
    let words = isOff ? "switched off" : tab.looksBack ? "from \(most)" : "on \(most)"
    let wordsWidth = min(22, max(0, line.width / 3))
    let strip = max(0, min(60, ranked.weights.count, line.maxX - x - NumberText.percentWidth - wordsWidth - 3))
    x += 1
    let plot = WeightMap.strip(ranked.weights, width: strip, glyphs: grid.glyphs)
    grid.draw(plot, at: Point(x, line.y), style: Style(isOff ? .dim : .accent, on: ground), maxWidth: strip)
    x += strip
    grid.draw(NumberText.percent(ranked.share), at: Point(x, line.y), style: Style(.text, on: ground))
    x += NumberText.percentWidth + 1
    grid.draw(
      words, at: Point(x, line.y), style: Style(.dim, on: ground), maxWidth: min(wordsWidth, max(0, line.maxX - x)),
      truncation: .tail)
  }
}

extension InsideState {
  /// Whether a head of the shown attention is switched off, alone or with its layer.
  func isOff(head: Int) -> Bool {
    guard let layer else { return false }
    let words: [ModelPart.Word?] = kind == .own ? [nil, .decoder] : kind == .cross ? [.cross] : [.encoder]
    return words.contains { word in
      off.contains(ModelPart(word, layer: layer, .head(head))) || off.contains(ModelPart(word, layer: layer, .whole))
    }
  }
}

/// Tokens with the weight of each below it: as high as the weight is large.
struct WeightMap: Widget {
  var tokens: [TokenValue]
  var weights: [Float]
  /// The token to mark.
  var cursor: Int?
  /// The token that stays on the screen.
  var center: Int

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty, rect.height >= 2 else { return }
    let glyphs = grid.glyphs
    let lines = lines(width: rect.width, glyphs: glyphs)
    let rows = rect.height / 2
    let line = lines.firstIndex { $0.contains { $0.index == center } } ?? 0
    let top = min(max(0, line - rows / 2), max(0, lines.count - rows))
    for row in 0..<min(rows, lines.count - top) {
      for (index, x, text) in lines[top + row] {
        let weight = weights.indices.contains(index) ? Double(weights[index]) : 0
        let style = Style(
          weight >= 0.01 ? .text : .dim, on: index == cursor ? .cursor : nil, weight >= 0.1 ? .bold : [])
        let point = Point(rect.x + x, rect.y + 2 * row)
        grid.draw(text, at: point, style: style, maxWidth: rect.width - x)
        let bar = String(repeating: Self.bar(weight, glyphs), count: max(1, text.columnWidth))
        grid.draw(bar, at: Point(point.x, point.y + 1), style: Style(.accent), maxWidth: rect.width - x)
      }
    }
  }

  /// The tokens in lines, each with its index and its first column.
  func lines(width: Int, glyphs: Glyphs) -> [[(index: Int, x: Int, text: String)]] {
    var lines: [[(index: Int, x: Int, text: String)]] = [[]]
    var x = 0
    for (index, token) in tokens.enumerated() {
      let text = visible(bytes: token.bytes, glyphs: glyphs).fitted(to: max(1, width), .tail, mark: glyphs.ellipsis)
      let columns = max(1, text.columnWidth)
      if x > 0, x + columns > width {
        lines.append([])
        x = 0
      }
      lines[lines.count - 1].append((index, x, text))
      x += columns + 1
    }
    return lines
  }

  /// The bar of a weight; blank below one percent.
  static func bar(_ weight: Double, _ glyphs: Glyphs) -> String {
    guard weight >= 0.01 else { return " " }
    return glyphs.sparks[min(glyphs.sparks.count - 1, Int(weight * Double(glyphs.sparks.count)))]
  }

  /// Weights as a row of bars; of more weights than columns each bar shows the largest of several.
  static func strip(_ weights: [Float], width: Int, glyphs: Glyphs) -> String {
    guard width > 0, !weights.isEmpty else { return "" }
    let count = min(width, weights.count)
    return (0..<count).map { column in
      let range =
        column * weights.count / count..<max(column * weights.count / count + 1, (column + 1) * weights.count / count)
      return bar(Double(weights[range].max() ?? 0), glyphs)
    }.joined()
  }
}
