import EngineAPI
import TerminalUI

extension Slot {
  /// The comparison with another number format.
  static let insideFormats = Slot(.inside, "formats")
}

/// Another number format of the model: where its pass over the text differs, and which matrix is the cause.
extension InsideState {
  /// The title of the list of number formats.
  static let formatPicker = "Other number format"

  /// The rows of the list of number formats: those that the model does not have.
  func formatChoices(_ shell: Shell) -> [PickerItem] {
    let own = shell.information(model)?.format ?? .f32
    let rows = NumberFormat.uniform.filter { $0 != own }.map {
      PickerItem(name: $0.rawValue, detail: "", choice: .own($0.rawValue, list: Self.formatPicker))
    }
    return rows
      + (otherFormat == nil
        ? [] : [PickerItem(name: "none", detail: "", choice: .own("none", list: Self.formatPicker))])
  }

  /// Chooses a format, or none.
  mutating func choose(format name: String) -> [Effect] {
    otherFormat = NumberFormat(rawValue: name)
    let wasAwaited = formats.clear()
    if otherFormat == nil, focus == .formats { focus = .sums }
    if otherFormat != nil { focus = .formats }
    return wasAwaited ? [.cancel(.insideFormats)] : []
  }

  /// Requests the comparison, once for a text: it opens the model once for each matrix.
  mutating func askFormats(_ shell: inout Shell) -> [Effect] {
    guard let otherFormat else { return [] }
    guard look.awaited == nil, let answered = look.answered else { return [] }
    var request = InspectionRequest(
      context: answered.context, position: firstMask(shell), parts: [], topCount: 1)
    request.otherFormat = otherFormat
    return formats.ask(request, &shell).map { [.inspect(Ticket(.insideFormats, version: $0), request)] } ?? []
  }

  /// Why there is no comparison.
  func formatsLine(_ shell: Shell) -> String {
    if look.answer == nil { return emptyLine(shell) }
    if let failure = formats.failure { return Self.words(failure) }
    return "the model is read once for each of its matrices"
  }
}

/// The layers in two number formats, and the first matrix that moves the distribution.
struct FormatsView: Widget {
  var tab: InsideState
  var context: PaneContext

  /// The rows below the layers.
  static func footRows(height: Int) -> Int { height >= 6 ? 3 : height >= 4 ? 1 : 0 }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    let bend = tab.formats.awaited == nil ? tab.formats.answer?.bend : nil
    if context.pane.isFramed {
      let names = bend.map { "\($0.wide.rawValue) and \($0.narrow.rawValue)" } ?? tab.otherFormat?.rawValue ?? ""
      let bits = bend.map { "KL \(ChangeView.bits($0.meanDivergence)) bits" } ?? ""
      inside = grid.box(
        rect, title: names, right: names.columnWidth + bits.columnWidth + 9 <= rect.width ? bits : "",
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let bend else {
      return grid.draw(DimLines(tab.formatsLine(context.shell)), in: inside.inset(columns: 1, rows: 0))
    }
    let foot = Self.footRows(height: inside.height)
    let layers = bend.layers.filter { $0.lens != nil }
    var window = tab.formatRows
    window.update(count: layers.count, height: max(1, inside.height - foot))
    let largest = layers.map(\.difference).max() ?? 0
    for (row, index) in window.visible.enumerated() {
      draw(layers[index], of: largest, in: inside.row(row), on: &grid)
    }
    guard foot > 0 else { return }
    let lines = Self.lines(bend, width: inside.width - 2, glyphs: grid.glyphs)
    for (row, line) in lines.prefix(foot).enumerated() {
      let place = Rect(inside.x + 1, inside.maxY - min(foot, lines.count) + row, inside.width - 2, 1)
      grid.draw(line, in: place, style: Style(row == 0 && foot > 1 ? .accent : .dim))
    }
  }

  /// The first matrix that moves the distribution, what it does alone, and what keeping it would win. Each line is the
  /// fullest form that fits into the width.
  static func lines(_ bend: FormatBendAnswer, width: Int, glyphs: Glyphs) -> [String] {
    let fitting = { (forms: [String]) in forms.first { $0.columnWidth <= width } ?? forms[forms.count - 1] }
    guard let first = bend.first else { return [fitting(["the distributions are the same", "no difference"])] }
    let alone = "alone KL \(ChangeView.bits(first.alone))"
    let gain = bend.gain(of: first).map { gain in
      let start = "kept in \(bend.wide.rawValue) it \(gain < 0 ? "loses" : "wins") \(ChangeView.bits(abs(gain)))"
      return fitting([start + " of \(ChangeView.bits(bend.meanDivergence)) bits", start + " bits", start])
    }
    return [
      shortened(first.name, width: width, glyphs: glyphs),
      fitting(["moves it first: \(alone) bits", "first: \(alone) bits", alone]),
    ] + [gain].compactMap(\.self)
  }

  /// A tensor's name. If it is too long, its first parts are left out: the last ones say which matrix it is.
  private static func shortened(_ name: String, width: Int, glyphs: Glyphs) -> String {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)[...]
    var text = name
    while text.columnWidth > width, parts.count > 1 {
      parts.removeFirst()
      text = glyphs.ellipsis + parts.joined(separator: ".")
    }
    return text
  }

  /// A layer: the difference of its residual stream with a bar, and the divergence of its lens.
  private func draw(_ layer: BentLayer, of largest: Double, in line: Rect, on grid: inout CellGrid) {
    let name = layer.layer == 0 ? "emb" : "\(layer.layer)"
    let differs = layer.topAgrees == false
    grid.draw(NumberText.padded(name, 4), at: line.origin, style: Style(.dim))
    if differs { grid.draw(grid.glyphs.isASCII ? "*" : "◆", at: Point(line.x + 5, line.y), style: Style(.accent)) }
    grid.draw(
      NumberText.padded(NumberText.fixed(layer.difference * 100, decimals: 2) + " %", 9),
      at: Point(line.x + 7, line.y), style: Style(.text), maxWidth: max(0, line.width - 7))
    let bits = layer.lens.map { NumberText.padded("KL " + ChangeView.bits($0.forward), 11) } ?? ""
    let start = line.x + 17
    let end = line.maxX - bits.columnWidth - 2
    if end > start, largest > 0 {
      grid.draw(
        Bar.text(layer.difference / largest, width: end - start, glyphs: grid.glyphs), at: Point(start, line.y),
        style: Style(.streamA))
    }
    guard start + bits.columnWidth < line.maxX else { return }
    grid.draw(bits, at: Point(line.maxX - bits.columnWidth - 1, line.y), style: Style(.dim))
  }
}
