import EngineAPI
import TerminalUI

/// The columns and rows of the lens: one column a position, one row a layer, the last layer above.
struct LensColumns: Equatable {
  /// The columns of the layers' names.
  static let label = 6

  private let inside: Rect
  /// The columns of a cell, with the blank before the next one.
  let cell: Int
  /// The number of positions that fit.
  let count: Int

  /// The table inside a pane.
  init(_ inside: Rect) {
    self.inside = inside
    cell = inside.width >= 56 ? 9 : 8
    count = max(1, (inside.width - 1 - Self.label) / cell)
  }

  /// The rows above the layers: the tokens of the text.
  var headRows: Int { inside.height >= 3 ? 1 : 0 }
  /// The rows below the layers: where the followed token settled, and what may mislead in the text.
  var footRows: Int { inside.height >= 10 ? 2 : inside.height >= 7 ? 1 : 0 }

  /// The first column of a cell.
  func x(_ column: Int) -> Int { inside.x + 1 + Self.label + column * cell }

  /// The layers that are shown, the last one above.
  func shown(_ layers: Int, cursor: Int) -> [Int] {
    let rows = max(1, inside.height - headRows - footRows)
    let lowest = min(max(0, cursor - rows / 2), max(0, layers + 1 - rows))
    return Array((lowest...min(layers, lowest + rows - 1)).reversed())
  }

  /// The column at a place of the screen.
  func column(at x: Int) -> Int? {
    let column = (x - self.x(0)) / cell
    return x >= self.x(0) && column < count ? column : nil
  }

  /// The layer at a row of the screen.
  func row(at y: Int, layers: Int, cursor: Int) -> Int? {
    let rows = shown(layers, cursor: cursor)
    let index = y - inside.y - headRows
    return rows.indices.contains(index) ? rows[index] : nil
  }
}

/// What each layer would predict at each position, or the norms of the residual stream.
struct LensView: Widget {
  var tab: InsideState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let arrows = grid.glyphs.isASCII ? "text >  layers ^" : "text →  layers ↑"
      inside = grid.box(
        rect, title: tab.cells.title, right: rect.width >= 44 ? arrows : "", focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let answer = tab.look.answer, let table = tab.look.answered?.table, let layers = tab.layers,
      answer.table.count == layers + 1
    else {
      return grid.draw(DimLines(tab.emptyLine(context.shell)), in: inside.inset(columns: 1, rows: 0))
    }
    if tab.cells == .restored, let line = tab.sweepLine {
      return grid.draw(DimLines(line), in: inside.inset(columns: 1, rows: 0))
    }
    let columns = LensColumns(inside)
    let positions = table.positions.prefix(columns.count)
    if columns.headRows > 0 { drawTokens(answer, positions, columns, y: inside.y, on: &grid) }
    let rows = columns.shown(layers, cursor: tab.row)
    for (index, layer) in rows.enumerated() where columns.headRows + index < inside.height {
      let y = inside.y + columns.headRows + index
      drawLabel(layer, answer, at: Point(inside.x + 1, y), on: &grid)
      for (column, position) in positions.enumerated() {
        drawCell(answer, layer, column, position, Point(columns.x(column), y), width: columns.cell - 1, on: &grid)
      }
    }
    for (index, words) in remarks(answer, glyphs: grid.glyphs).prefix(columns.footRows).enumerated() {
      let line = inside.row(inside.height - columns.footRows + index).inset(columns: 1, rows: 0)
      grid.draw(words, in: line, style: Style(.dim))
    }
  }

  private func drawTokens(
    _ answer: InspectionAnswer, _ positions: Range<Int>, _ columns: LensColumns, y: Int, on grid: inout CellGrid
  ) {
    for (column, position) in positions.enumerated() where answer.tokens.indices.contains(position) {
      let isHere = position == tab.position
      grid.draw(
        visible(bytes: answer.tokens[position].bytes, glyphs: grid.glyphs), at: Point(columns.x(column), y),
        style: isHere ? Style(.accent, .bold) : Style(.dim), maxWidth: columns.cell - 1, truncation: .tail)
    }
  }

  /// The layer's number, and a mark where the followed token settled.
  private func drawLabel(_ layer: Int, _ answer: InspectionAnswer, at point: Point, on grid: inout CellGrid) {
    let isHere = layer == tab.row
    let number = NumberText.padded(layer == 0 ? "emb" : String(layer), 3)
    grid.draw(number, at: point, style: isHere ? Style(.accent, .bold) : Style(.dim))
    guard answer.settled == layer, tab.cells != .norms, tab.cells != .restored else { return }
    grid.draw(grid.glyphs.isASCII ? "*" : "◆", at: Point(point.x + 4, point.y), style: Style(.accent))
  }

  private func drawCell(
    _ answer: InspectionAnswer, _ layer: Int, _ column: Int, _ position: Int, _ point: Point, width: Int,
    on grid: inout CellGrid
  ) {
    let isHere = layer == tab.row && position == tab.position
    let ground: Role? = isHere ? (context.isFocused ? .cursor : .selection) : nil
    if isHere { grid.fill(Rect(point.x, point.y, width, 1), style: Style(on: ground)) }
    if tab.cells == .norms {
      guard answer.norms.indices.contains(layer), answer.norms[layer].indices.contains(position) else { return }
      let norm = NumberText.fixed(answer.norms[layer][position], decimals: 1)
      grid.draw(
        NumberText.padded(norm, width), at: point, style: Style(.text, on: ground), maxWidth: width)
      return
    }
    if tab.cells == .restored {
      guard let shares = tab.sweep.answer?.sweep?.restored, shares.indices.contains(layer - 1),
        shares[layer - 1].indices.contains(position)
      else { return }
      return drawShare(shares[layer - 1][position], point, width: width, ground, on: &grid)
    }
    guard answer.table[layer].indices.contains(column) else { return }
    let first = answer.table[layer][column]
    let probability = first.logprob.map(Probability.of) ?? 0
    let token = visible(bytes: first.token.bytes, glyphs: grid.glyphs)
    if context.colors == .none {
      // Without colors the mark of the legend stands before the token.
      let mark = grid.glyphs.shade(HeatPlace.probability(probability))
      grid.draw(mark + token, at: point, style: Style(.text, on: ground), maxWidth: width, truncation: .tail)
    } else {
      grid.draw(
        token, at: point, style: Style(HeatScaleSteps.role(probability: probability), on: ground), maxWidth: width,
        truncation: .tail)
    }
  }

  /// A share of the sweep, in the color of its amount.
  private func drawShare(_ share: Double, _ point: Point, width: Int, _ ground: Role?, on grid: inout CellGrid) {
    let fraction = RestoredShare.fraction(share)
    let text = NumberText.padded(NumberText.fixed(share * 100, decimals: 0) + " %", width - 1)
    let isPlain = context.colors == .none
    let role = isPlain ? Role.text : .heat(fraction: fraction)
    grid.draw(
      (isPlain ? grid.glyphs.shade(fraction) : " ") + text, at: point, style: Style(role, on: ground), maxWidth: width)
  }

  /// Where the followed token settled, and what may mislead in the text; of the sweep its differences of logits.
  private func remarks(_ answer: InspectionAnswer, glyphs: Glyphs) -> [String] {
    if tab.cells == .restored, let sweep = tab.sweep.answer?.sweep {
      let names = [sweep.token, sweep.against].map { visible(bytes: $0.bytes, glyphs: glyphs) }
      return [
        "logits \(names[0]) - \(names[1]): here \(NumberText.signed(sweep.corrupted)), "
          + "in the other text \(NumberText.signed(sweep.clean))",
        "other text: \(visible(tab.donor?.text ?? "", glyphs: glyphs, keepsSpaces: true))",
      ]
    }
    let token = visible(bytes: answer.token.token.bytes, glyphs: glyphs)
    let mark = glyphs.isASCII ? "*" : "◆"
    let settled =
      answer.settled.map { "\(mark) \(token) first from \(InsideState.name(layer: $0)) on" }
      ?? "\(token) is not first in the last layer"
    return [settled] + answer.notices
  }
}

/// The share of a lost difference of logits that an activation restores, on the heat scale.
enum RestoredShare {
  /// The place of a share: nothing is the beginning of the scale, everything its end.
  static func fraction(_ share: Double) -> Double {
    let bounded = share.isNaN ? 0 : min(max(share, 0), 1)
    let step = min(3, Int(bounded * 4))
    return HeatPlace.place(in: step, bounded * 4 - Double(step))
  }

  /// The steps of the scale.
  static func legend(isColored: Bool) -> HeatLegend {
    let steps = ["<25 %", "<50 %", "<75 %", "more"].enumerated().map { index, words in
      HeatLegend.Step([0.25, 0.75].map { HeatPlace.place(in: index, $0) }, words)
    }
    return HeatLegend("\(isColored ? "color" : "marks"): restored", steps: steps, isColored: isColored)
  }
}

/// The prediction of one layer at one token, and the followed token through the layers.
struct CellView: Widget {
  var tab: InsideState
  var context: PaneContext

  /// The rows below the candidates.
  private static func footRows(height: Int, watched: Int) -> Int {
    height >= 7 + watched ? 4 + watched : height >= 7 ? 4 : 0
  }

  /// The rows of candidates in a pane of this height, above the facts and the watched strings.
  static func rows(height: Int, watched: Int) -> Int { max(1, height - footRows(height: height, watched: watched)) }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let title = title(glyphs: grid.glyphs)
      let bits = tab.prediction?.entropy.map { NumberText.fixed($0, decimals: 2) + " bits" } ?? ""
      inside = grid.box(
        rect, title: title, right: title.columnWidth + bits.columnWidth + 9 <= rect.width ? bits : "",
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let answer = tab.look.answer, let prediction = tab.prediction else {
      return grid.draw(DimLines(tab.emptyLine(context.shell)), in: inside.inset(columns: 1, rows: 0))
    }
    let rows = Self.rows(height: inside.height, watched: answer.watched.count)
    var window = tab.candidateRows
    window.update(count: prediction.top.count, height: rows)
    let longest = window.visible.map { visible(bytes: prediction.top[$0].token.bytes).columnWidth }.max() ?? 0
    let width = min(max(longest, 6), max(6, inside.width / 2 - 6))
    for (row, index) in window.visible.enumerated() {
      let isChosen = index == window.selected && context.isFocused
      draw(prediction.top[index], answer, isChosen: isChosen, token: width, in: inside.row(row), on: &grid)
    }
    let foot = Self.footRows(height: inside.height, watched: answer.watched.count)
    guard foot > 0 else { return }
    drawFacts(answer, in: Rect(inside.x + 1, inside.maxY - foot + 1, inside.width - 2, foot - 1), on: &grid)
  }

  private func title(glyphs: Glyphs) -> String {
    guard let answer = tab.look.answer else { return "Layer" }
    let name = InsideState.name(layer: tab.row)
    let part = tab.cells == .afterAttention && tab.row > 0 ? ", attention" : ""
    return name.prefix(1).uppercased() + name.dropFirst() + part + " "
      + tab.placeWords(answer, context.shell, glyphs: glyphs)
  }

  private func draw(
    _ ranked: RankedToken, _ answer: InspectionAnswer, isChosen: Bool, token width: Int, in line: Rect,
    on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    let probability = ranked.logprob.map(Probability.of) ?? 0
    if isChosen {
      grid.fill(line, style: Style(on: .selection))
      grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground))
    }
    let isFollowed = ranked.token.id == answer.token.token.id
    if isFollowed { grid.draw(grid.glyphs.dot, at: Point(line.x + 1, line.y), style: Style(.accent, on: ground)) }
    let rank = NumberText.padded(ranked.rank.map { String($0) } ?? "", 2)
    grid.draw(rank, at: Point(line.x + 3, line.y), style: Style(.dim, on: ground))
    grid.draw(
      visible(bytes: ranked.token.bytes, glyphs: grid.glyphs), at: Point(line.x + 7, line.y),
      style: Style(.text, on: ground, isFollowed ? .bold : []), maxWidth: width, truncation: .tail)
    let start = line.x + 8 + width
    let end = line.maxX - NumberText.percentWidth - 2
    let style = Style(HeatScaleSteps.bar(probability: probability), on: ground)
    if end > start {
      grid.draw(
        bar: Bar.text(probability, width: end - start, glyphs: grid.glyphs),
        in: Rect(start, line.y, end - start, 1), style: style)
    }
    grid.draw(
      NumberText.percent(probability), at: Point(line.maxX - NumberText.percentWidth - 1, line.y),
      style: Style(.text, on: ground), maxWidth: NumberText.percentWidth)
  }

  /// The followed token's rank, the watched strings, the entropy and the norm, layer by layer.
  private func drawFacts(_ answer: InspectionAnswer, in rect: Rect, on grid: inout CellGrid) {
    let ranks = answer.lens.map { Double($0.prediction.finalRank ?? 0) }
    let entropies = answer.lens.map { $0.prediction.entropy ?? 0 }
    let norms = answer.norms.map { $0.indices.contains(answer.position) ? $0[answer.position] : 0 }
    let name = visible(bytes: answer.token.token.bytes, glyphs: grid.glyphs)
    let grouped = { (value: Double) in NumberText.grouped(Int(min(max(0, value), 1e12))) }
    let column = min(14, max(10, rect.width / 3))
    // A low pane shows the first of them.
    let lines =
      [("rank \(name)", ranks.map { $0 > 0 ? Probability.logarithm($0) : 0 }, ranks.map(grouped))]
      + answer.watched.map { watched in
        let shares = watched.layers.map(Probability.of(logprob:))
        let numbers = shares.map { String(NumberText.percent($0).drop { $0 == " " }) }
        return (visible(watched.text, glyphs: grid.glyphs), shares, numbers)
      }
      + [
        (column < 13 ? "bits" : "entropy, bits", entropies, entropies.map { NumberText.fixed($0, decimals: 2) }),
        ("norm", norms, norms.map { NumberText.fixed($0, decimals: 1) }),
      ]
    for (row, (words, values, numbers)) in lines.enumerated() where row < rect.height {
      guard let first = numbers.first, let last = numbers.last else { continue }
      let label = words.fitted(to: column, .tail, mark: grid.glyphs.ellipsis)
      let room = max(0, rect.width - column - 2 - first.columnWidth - last.columnWidth - 1)
      let plot = LayerPlot.text(values, width: min(room, 32), glyphs: grid.glyphs)
      let y = rect.y + row
      grid.draw(label, at: Point(rect.x, y), style: Style(.dim))
      grid.draw(
        [Span(first + " ", Style(.dim)), Span(plot, Style(.accent)), Span(" " + last, Style(.text))],
        at: Point(rect.x + column + 1, y), maxWidth: rect.width - column - 1)
    }
  }
}
