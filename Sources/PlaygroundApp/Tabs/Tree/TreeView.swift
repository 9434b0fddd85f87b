import EngineAPI
import Sessions
import TerminalUI

/// The rows of the tree: the probability of each branch's first token, its text, its length and the log-probability of
/// its path, marks and names. Only the rows on the screen are read.
struct TreeView: Widget {
  var tab: TreeState
  var context: PaneContext

  private var tree: SessionTree { context.shell.tree }

  /// The number of visible rows. The field for a name takes the last one.
  static func rows(_ pane: Layout.Pane, naming: Bool) -> Int {
    let room = pane.inside.height - (naming ? 1 : 0)
    return max(1, room)
  }

  /// The deepest level that is indented further.
  private static let deepest = 12
  /// The most characters of a cut word that are left out.
  private static let longestCut = 14
  /// The columns of a level.
  private static let indent = 3

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let wide = rect.width >= 60
      let note =
        wide ? "% of the first token \(grid.glyphs.separator) tokens \(grid.glyphs.separator) log p of the path" : ""
      inside = grid.box(rect, title: title, right: note, focused: context.isFocused || tab.naming != nil, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard !tab.outline.rows.isEmpty else {
      let line = "no text yet: generate one in another tab, then come back"
      return grid.draw(DimLines(line), in: inside.inset(columns: 1, rows: 0))
    }
    var window = tab.window
    window.update(count: tab.outline.rows.count, height: TreeView.rows(context.pane, naming: tab.naming != nil))
    let here = Set(tree.cursors.values.flatMap(\.places).compactMap { tab.outline.row(of: $0, in: tree) })
    for (line, row) in window.visible.enumerated() {
      let room = Rect(inside.x, inside.y + line, inside.width, 1)
      draw(row, isHere: here.contains(row), isSelected: row == window.selected, in: room, on: &grid)
    }
    if let naming = tab.naming {
      let field = Rect(inside.x, inside.maxY - 1, inside.width, 1)
      grid.fill(field)
      grid.draw(
        LineInputView(naming, prompt: Span("name: ", Style(.accent)), placeholder: "leave empty to remove the name"),
        in: field.inset(columns: 1, rows: 0))
    }
  }

  private var title: String {
    tab.reference == nil || tab.comparison != nil ? "Tree" : "Tree, compared with the row of ="
  }

  private func draw(_ row: Int, isHere: Bool, isSelected: Bool, in line: Rect, on grid: inout CellGrid) {
    let known = tab.outline.rows[row]
    let ground: Role? = isSelected && (context.isFocused || tab.naming != nil) ? .selection : nil
    if ground != nil { grid.fill(line, style: Style(on: .selection)) }
    let end = tab.outline.end(of: row, in: tree)
    let right = facts(row, end, isHere: isHere, width: line.width, glyphs: grid.glyphs)
    let rightWidth = right.reduce(0) { $0 + $1.text.columnWidth }
    var left: [Span] = [
      Span(isSelected ? grid.glyphs.chosen : " ", Style(.accent, on: ground)),
      Span(rails(row, glyphs: grid.glyphs, width: line.width), Style(.border, on: ground)),
    ]
    let start = tree.path(to: end, from: tree.length(of: tab.outline.beginning(of: row, in: tree)))
    if let first = start.first, known.parent != nil {
      if let logprob = first.logprob {
        let role = HeatScaleSteps.fraction(first, context.shell.heat).map { Role.heat(fraction: $0) } ?? .text
        left.append(Span(NumberText.percent(Probability.of(logprob: logprob)) + " ", Style(role, on: ground)))
      } else if start.isByHand(at: 0) {
        left.append(Span("by hand ", Style(.dim, on: ground)))
      }
    }
    let used = left.reduce(0) { $0 + $1.text.columnWidth }
    let room = line.width - used - rightWidth - 2
    left += words(start, end, room: room, ground: ground, glyphs: grid.glyphs)
    grid.draw(left, at: line.origin, maxWidth: max(0, line.width - rightWidth - 1))
    let shown = right.map { Span($0.text, $0.style.on(ground)) }
    grid.draw(shown, at: Point(line.maxX - rightWidth, line.y), maxWidth: rightWidth)
  }

  /// The lines that lead from a row to its parent.
  private func rails(_ row: Int, glyphs: Glyphs, width: Int) -> String {
    let rows = tab.outline.rows
    guard rows[row].parent != nil else { return "" }
    let (vertical, corner, fork) = glyphs.isASCII ? ("|", "`", "+") : ("│", "└", "├")
    let dash = glyphs.isASCII ? "-" : "─"
    let isLast = { (row: Int) in rows[row].index == tab.outline.siblings(of: row).count - 1 }
    var parts = [(isLast(row) ? corner : fork) + dash + " "]
    var next = rows[row].parent
    while let above = next, rows[above].parent != nil {
      parts.append((isLast(above) ? " " : vertical) + "  ")
      next = rows[above].parent
    }
    // Deep rows keep the lines that are nearest to them.
    let most = max(1, min(TreeView.deepest, width / (3 * TreeView.indent)))
    guard parts.count > most else { return parts.reversed().joined() }
    return glyphs.ellipsis + "  " + parts.prefix(most - 1).reversed().joined()
  }

  /// What a row says that is the beginning of a dialogue, or a message that no prompt has written yet.
  private func message(_ node: NodeID) -> String? {
    guard case .turn(let message, _, _) = tree.origin(of: node) else { return nil }
    return message.content.isEmpty ? "a dialogue" : "\(message.role): \(message.content)"
  }

  /// The words of a row, colored, as far as there is room.
  private func words(_ path: TokenPath, _ end: Place, room: Int, ground: Role?, glyphs: Glyphs) -> [Span] {
    guard room > 0 else { return [] }
    if path.isEmpty {
      let source = tree[tree.root(of: end)]?.source.flatMap { tree.typedText(before: $0) }
      let text =
        source.map { "of: " + $0 } ?? message(end.node) ?? (tab.isGrowing(end.node) ? glyphs.ellipsis : "nothing yet")
      return [
        Span(
          visible(text, glyphs: glyphs, keepsSpaces: true).fitted(to: room, .tail, mark: glyphs.ellipsis),
          Style(.dim, on: ground))
      ]
    }
    let isRoot = tree.length(of: end) == path.count
    // A prompt is known by its end, which the branches continue; other rows by their beginning.
    if isRoot, path.first?.logprob == nil {
      let bytes = path.suffix(max(1, room)).flatMap(\.token.bytes)
      let text = visible(String(decoding: bytes, as: UTF8.self), glyphs: glyphs, keepsSpaces: true)
      let isCut = path.count > room || text.columnWidth > room
      var shown = text.fitted(to: room, .head, mark: glyphs.ellipsis)
      if isCut, shown == text { shown = glyphs.ellipsis + shown }
      // A word whose beginning is cut off is left out, unless it is a long one.
      let rest = shown.dropFirst(glyphs.ellipsis.count)
      let isWordCut = isCut && rest.first != " " && text.dropLast(rest.count).last.map { $0 != " " } ?? false
      if isWordCut, let space = shown.prefix(TreeView.longestCut).firstIndex(of: " ") {
        shown = glyphs.ellipsis + shown[space...]
      }
      return [Span(shown, Style(.text, on: ground, .bold))]
    }
    var spans: [Span] = []
    var used = 0
    var reader = TokenPieces()
    for index in path.indices {
      let token = path[index]
      let piece = visible(
        reader.next(token.token, endOfText: [], isLast: index == path.count - 1), glyphs: glyphs, keepsSpaces: true)
      let role = HeatScaleSteps.fraction(token, context.shell.heat).map { Role.heat(fraction: $0) } ?? .text
      spans.append(Span(piece, Style(role, on: ground, path.isByHand(at: index) ? .underline : [])))
      used += piece.columnWidth
      if used > room { break }
    }
    guard used > room || tab.isGrowing(end.node) else { return spans }
    return spans.fitted(to: room, mark: glyphs.ellipsis, Style(.dim, on: ground))
  }

  /// The numbers and marks at the right of a row.
  private func facts(_ row: Int, _ end: Place, isHere: Bool, width: Int, glyphs: Glyphs) -> [Span] {
    var spans: [Span] = []
    let name = names(row)
    if tab.reference.map({ tab.outline.row(of: $0, in: tree) == row }) ?? false {
      spans.append(Span(" =", Style(.accent, .bold)))
    }
    if let name {
      spans.append(
        Span(
          " " + visible(name, glyphs: glyphs, keepsSpaces: true).fitted(to: 16, .tail, mark: glyphs.ellipsis),
          Style(.accent)))
    }
    if isMarked(row) { spans.append(Span(glyphs.isASCII ? " *" : " ★", Style(.warning))) }
    if isHere { spans.append(Span(" " + glyphs.dot + (width >= 60 ? " here" : ""), Style(.accent))) }
    guard width >= 44 else { return spans }
    let length = tree.length(of: end) - tree.length(of: tab.outline.beginning(of: row, in: tree))
    let logprob = tree.logprob(of: end)
    let numbers =
      NumberText.padded(NumberText.grouped(length), 6)
      + NumberText.padded(logprob == 0 ? "" : NumberText.fixed(logprob, decimals: 1), 9)
    return spans + [Span(numbers + " ", Style(.dim))]
  }

  /// The names of places on a row.
  private func names(_ row: Int) -> String? {
    let names = tab.outline.rows[row].segments.flatMap { segment -> [String] in
      let labels = tree[segment.node]?.labels ?? [:]
      return labels.filter { contains(segment, $0.key) }.sorted { $0.key < $1.key }.map(\.value)
    }
    return names.isEmpty ? nil : names.joined(separator: ", ")
  }

  private func isMarked(_ row: Int) -> Bool {
    tab.outline.rows[row].segments.contains { segment in
      tree[segment.node]?.marks.contains { contains(segment, $0) } ?? false
    }
  }

  /// Whether a place in a node lies on a segment.
  private func contains(_ segment: TreeOutline.Segment, _ count: Int) -> Bool {
    (count > segment.from || count == 0 && segment.from == 0) && count <= segment.to ?? .max
  }
}

extension [Span] {
  /// The spans cut to a width, with a mark in place of those that are left out. Only the first one is cut itself.
  fileprivate func fitted(to width: Int, mark: String, _ style: Style) -> [Span] {
    var result: [Span] = []
    var left = width - mark.columnWidth
    for span in self {
      let columns = span.text.columnWidth
      if columns <= left {
        result.append(span)
        left -= columns
      } else {
        if result.isEmpty { result.append(Span(span.text.fitted(to: Swift.max(0, left), .clip), span.style)) }
        break
      }
    }
    return result + [Span(mark, style)]
  }
}
