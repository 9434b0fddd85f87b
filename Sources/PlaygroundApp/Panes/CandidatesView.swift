import EngineAPI
import Sampling
import TerminalUI

/// The candidates for one position of a prompt, stream, masked text or translation.
struct CandidatesView: Widget {
  var list: CandidateList?
  var context: PaneContext
  var title: String
  /// The text shown while there are no candidates.
  var emptyLine: String
  /// Whether to mark the token that the text has at this position. If its row is not visible, it is pinned below the
  /// list.
  var marksActual = true
  /// Whether the title names the source of the probabilities (model or chain) in addition to the entropy.
  var namesSource = true

  private var pane: Layout.Pane { context.pane }
  private var isFocused: Bool { context.isFocused }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if pane.isFramed {
      let search = titleSearch(height: rect.height - 2)
      let room = rect.width - 9 - (search == nil ? title.columnWidth : 12)
      let note = notes(glyphs: grid.glyphs).first { $0.columnWidth <= room } ?? ""
      inside = grid.box(rect, title: search == nil ? title : "", right: note, focused: isFocused, padded: false)
      if let search {
        draw(titleSearch: search, columns: rect.width - 9 - note.columnWidth, at: rect.origin, on: &grid)
      }
    }
    guard let list, !inside.isEmpty else {
      return drawLine(emptyLine, in: inside, on: &grid)
    }
    if let failure = list.failure {
      return drawLine(failure.hint.map { "\(failure.what): \($0)" } ?? failure.what, in: inside, on: &grid)
    }
    guard let answer = list.answer else { return drawLine(emptyLine, in: inside, on: &grid) }
    guard !list.isWaterfall else {
      let waterfall = WaterfallView(
        list: list, answer: answer, isFocused: isFocused, marksActual: marksActual, stage: chosenStage)
      return grid.draw(waterfall, in: inside)
    }
    drawList(list, answer, in: inside, on: &grid)
  }

  /// The stage that is chosen in the sampler overlay.
  private var chosenStage: SamplerStage? {
    if case .sampler(let panel) = context.shell.overlay { panel.stage } else { nil }
  }

  /// The search field, if the pane is too low to show it below the list. It then replaces the title.
  private func titleSearch(height: Int) -> LineInput? {
    guard let list, list.isWaterfall || CandidateColumns.footerRows(height: height) == 0 else { return nil }
    return list.isSearching && isFocused || !list.search.text.isEmpty ? list.search : nil
  }

  private func draw(titleSearch: LineInput, columns: Int, at corner: Point, on grid: inout CellGrid) {
    let isTyped = list?.isSearching == true && isFocused
    let width = min(columns, visible(titleSearch.text, glyphs: grid.glyphs).columnWidth + 4)
    let field = Rect(corner.x + 2, corner.y, max(0, width), 1)
    grid.fill(field)
    let input = LineInputView(titleSearch, prompt: Span("/", Style(.accent)), isFocused: isTyped)
    grid.draw(input, in: field.inset(columns: 1, rows: 0))
  }

  /// The possible notes of the title, longest first: the source of the probabilities, and the entropy.
  private func notes(glyphs: Glyphs) -> [String] {
    guard let list, let answer = list.answer else { return [] }
    let separator = " \(glyphs.separator) "
    let entropy = list.isOfChain ? answer.chainEntropy : answer.entropy
    guard let entropy else { return unknownNotes(list, separator) }
    let bits = NumberText.fixed(entropy, decimals: 2) + " bits"
    if list.isWaterfall {
      var window = list.window
      window.update(height: list.candidateRows(height: pane.inside.height))
      let place = window.footer(glyphs: glyphs)
      // A low pane has no row for the number of kept tokens.
      let kept = answer.steps.last.map { "keeps \(NumberText.grouped($0.kept))" } ?? ""
      guard WaterfallView.factRows(height: pane.inside.height) > 0 else {
        return ["waterfall" + separator + kept, kept, "waterfall"]
      }
      return ["waterfall, in %" + separator + place, "waterfall, in %", "waterfall"]
    }
    guard namesSource else { return [bits] }
    if list.isLive { return ["model, live" + separator + "entropy \(bits)", "live" + separator + bits, "live"] }
    if list.isOfChain {
      return ["after the chain" + separator + "entropy \(bits)", "chain" + separator + bits, "chain"]
    }
    return ["model" + separator + "entropy \(bits)", "model" + separator + bits, bits]
  }

  /// The notes if the entropy is not known.
  private func unknownNotes(_ list: CandidateList, _ separator: String) -> [String] {
    let source = list.isLive ? "model, live" : list.isOfChain ? "after the chain" : "model"
    return [source + separator + "entropy not known", "entropy not known"]
  }

  private func drawLine(_ text: String, in inside: Rect, on grid: inout CellGrid) {
    grid.draw(DimLines(text), in: inside.inset(columns: 1, rows: 0))
  }

  private func drawList(_ list: CandidateList, _ answer: DistributionAnswer, in inside: Rect, on grid: inout CellGrid) {
    var window = list.window
    window.update(height: CandidateColumns.rows(height: inside.height))
    let known = answer.coverage.candidates
    let shown = window.visible.compactMap { list.rows[$0] } + [pinned(list, answer, window)].compactMap(\.self)
    let columns = CandidateColumns(
      width: inside.width, digits: shown.map { $0.rankText(known: known).count }.max() ?? 1,
      longest: shown.map { visible(bytes: $0.ranked.token.bytes, glyphs: grid.glyphs).columnWidth }.max() ?? 0)
    let heading = CandidateColumns.headingRows(height: inside.height)
    if heading > 0 { drawHeading(columns, list, at: inside.origin, on: &grid) }
    let best = context.shell.hasRelativeBars ? bestProbability(list) : 1
    let pinned = pinned(list, answer, window)
    for (row, index) in window.visible.enumerated() {
      let line = Rect(inside.x, inside.y + heading + row, inside.width, 1)
      let isChosen = index == window.selected && isFocused && !list.isLive
      if isChosen { grid.fill(line, style: Style(on: .selection)) }
      guard let candidate = list.rows[index] else {
        grid.draw(grid.glyphs.ellipsis, at: Point(line.x + columns.tokenColumn, line.y), style: Style(.dim))
        continue
      }
      let row = CandidateLine(
        candidate: candidate, known: known, isChain: list.isOfChain, best: best, isChosen: isChosen,
        isActual: marksActual && candidate.ranked.token.id == answer.actual?.ranked.token.id,
        columns: columns, heat: context.shell.heat)
      grid.draw(row, in: line)
    }
    let low = CandidateColumns.footerRows(height: inside.height) < 2
    let pieces =
      list.search.text.isEmpty ? nil : list.pieces?.words(search: list.search.text, glyphs: grid.glyphs)
    if let pieces, answer.matches == 0 {
      drawLine(pieces, in: inside.dropFirst(heading, last: low ? 1 : 2), on: &grid)
    } else if let pieces, !low {
      drawLine(pieces, in: inside.row(inside.height - 2), on: &grid)
    } else if let pinned {
      // Draw it in the blank row above the footer, or in the last row of a low pane.
      let y = inside.maxY - (low ? 1 : 2)
      let line = Rect(inside.x, y, inside.width, 1)
      grid.fill(line)
      let row = CandidateLine(
        candidate: pinned, known: known, isChain: list.isOfChain, best: best, isChosen: false, isActual: true,
        columns: columns, heat: context.shell.heat)
      grid.draw(row, in: line)
      if low { return }
    }
    if CandidateColumns.footerRows(height: inside.height) > 0 {
      drawFooter(list, answer, window, in: inside.row(inside.height - 1), on: &grid)
    }
  }

  /// The token that the text has at this position, if its row is not visible.
  private func pinned(_ list: CandidateList, _ answer: DistributionAnswer, _ window: ListWindow) -> Candidate? {
    guard marksActual, !(list.isSearching && isFocused), let actual = answer.actual,
      !window.visible.contains(where: { list.rows[$0]?.ranked.token.id == actual.ranked.token.id })
    else { return nil }
    // It never covers the chosen row.
    let isCovering = window.height > 1 && CandidateColumns.footerRows(height: window.height + 1) == 0
    return isCovering && isFocused && window.selected == window.visible.last ? nil : actual
  }

  /// The probability that corresponds to a full bar if bars are relative.
  private func bestProbability(_ list: CandidateList) -> Double {
    guard let first = list.rows[0] else {
      return list.rows.values.compactMap { $0.shownProbability(chain: list.isOfChain) }.max() ?? 1
    }
    return first.shownProbability(chain: list.isOfChain) ?? 1
  }

  private func drawHeading(
    _ columns: CandidateColumns, _ list: CandidateList, at origin: Point, on grid: inout CellGrid
  ) {
    let style = Style(.dim)
    let right = { (text: String, column: Int, width: Int) in
      Point(origin.x + column + width - text.columnWidth, origin.y)
    }
    grid.draw("#", at: right("#", columns.rankColumn, columns.rank), style: style)
    if context.shell.hasRelativeBars, columns.bar >= 8 {
      grid.draw("relative", at: Point(origin.x + columns.barColumn, origin.y), style: style)
    }
    grid.draw("token", at: Point(origin.x + columns.tokenColumn, origin.y), style: style, maxWidth: columns.token)
    let percent = list.isOfChain ? "chain" : "prob."
    grid.draw(percent, at: right(percent, columns.percentColumn, NumberText.percentWidth), style: style)
    if columns.hasLogprob {
      let words =
        columns.logprobWidth < CandidateColumns.logprobHead.columnWidth ? "nats" : CandidateColumns.logprobHead
      grid.draw(words, at: right(words, columns.logprobColumn, columns.logprobWidth), style: style)
    }
    if columns.hasCumulative {
      let words = list.isOfChain ? "model" : "covered"
      grid.draw(words, at: right(words, columns.cumulativeColumn, NumberText.percentWidth), style: style)
    }
  }

  /// `67.6 % covered`; `>99.9 % covered` instead of a rounded 100 % before the last token.
  private func covered(_ mass: Double) -> String {
    mass < 1 && mass >= 0.9995 ? ">99.9 % covered" : NumberText.fixed(mass * 100, decimals: 1) + " % covered"
  }

  private func drawFooter(
    _ list: CandidateList, _ answer: DistributionAnswer, _ window: ListWindow, in line: Rect, on grid: inout CellGrid
  ) {
    let line = line.inset(columns: 1, rows: 0)
    if list.isSearching, isFocused {
      let input = LineInputView(list.search, prompt: Span("/", Style(.accent)), placeholder: "a part of a token")
      grid.draw(input, in: line)
      let count = NumberText.grouped(answer.matches)
      if line.width > list.search.text.columnWidth + count.columnWidth + 4 {
        grid.draw(count, in: line, alignment: .right, style: Style(.dim))
      }
      return
    }
    let gap = " \(grid.glyphs.separator) "
    let notes = footers(list, answer, window, columns: line.width, glyphs: grid.glyphs)
      .map { $0.joined(separator: gap) }
    let note = notes.first { $0.columnWidth <= line.width } ?? notes.last ?? ""
    grid.draw(note, in: line, style: Style(.dim))
  }

  /// The possible texts of the footer, most important first: scroll position, covered mass, meaning of the marks.
  private func footers(
    _ list: CandidateList, _ answer: DistributionAnswer, _ window: ListWindow, columns: Int, glyphs: Glyphs
  ) -> [[String]] {
    var place = list.isLive ? "the newest token's \(window.count) best" : window.footer(glyphs: glyphs)
    if !list.search.text.isEmpty { place += " with \(visible(list.search.text, glyphs: glyphs))" }
    let rows = window.visible.compactMap { list.rows[$0] }
    // Explain the cross of removed tokens while one is visible. For the selected row, name the stage that removed it.
    let removed = list.isOfChain ? nil : rows.first { $0.removedBy != nil }
    let cross = removed.map { _ in "\(glyphs.cross) removed" }
    let stage = isFocused && !list.isOfChain ? list.chosen?.removedBy : nil
    let mark = stage.map { "\(glyphs.cross) by \($0.rawValue)" } ?? cross
    if isFocused, columns < 46, let chosen = list.chosen?.shownLogprob(chain: list.isOfChain),
      chosen.isFinite
    {
      let logprob = "log p \(NumberText.fixed(chosen, decimals: 2))"
      let facts = [[place, logprob + " nats"], [place, logprob], [logprob + " nats"], [logprob]]
      return (mark.map { mark in [[place, logprob, mark], [logprob, mark]] } ?? []) + facts
    }
    var covers: String?
    if let mass = rows.last?.cumulative, list.search.text.isEmpty, !list.isOfChain { covers = covered(mass) }
    if let known = answer.coverage.candidates {
      place += " known"
      covers = "\(NumberText.atLeast(answer.coverage.mass, glyphs: glyphs)) covered by \(NumberText.grouped(known))"
    }
    var keeps: String?
    if answer.stages?.isEmpty == false, let kept = answer.kept, list.isOfChain || kept != answer.vocabularySize {
      keeps = "the chain keeps \(NumberText.grouped(kept))"
    }
    let full = [place, covers, keeps, mark].compactMap(\.self)
    let fewer = mark == nil ? [[place, covers]] : [[place, keeps, mark], [place, mark]]
    return [full] + fewer.map { $0.compactMap(\.self) } + [[place]]
  }
}

extension Rect {
  /// The rectangle without its first rows and its last ones; one row at least.
  fileprivate func dropFirst(_ first: Int, last: Int) -> Rect {
    Rect(x, y + first, width, max(1, height - first - last))
  }
}
