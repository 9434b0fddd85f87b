import EngineAPI
import TerminalUI

/// What the model predicts with its changes, beside what it predicts without them.
struct ChangeView: Widget {
  var tab: InsideState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    var isInTitle = false
    if context.pane.isFramed {
      let title = tab.changeTitle(glyphs: grid.glyphs)
      let bits = tab.change.map { "KL \(Self.bits($0.divergence.forward)) bits" } ?? ""
      isInTitle = title.columnWidth + bits.columnWidth + 9 <= rect.width
      inside = grid.box(
        rect, title: title, right: isInTitle ? bits : "", focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    let listed = Self.listed(height: inside.height, changes: tab.changes.count)
    let list = Rect(inside.x, inside.maxY - listed, inside.width, listed)
    let body = Rect(inside.x, inside.y, inside.width, inside.height - listed)
    drawChanges(in: list, on: &grid)
    guard let change = tab.change else {
      return grid.draw(DimLines(tab.changeLine(context.shell)), in: body.inset(columns: 1, rows: 0))
    }
    if change.hasNoEffect {
      grid.draw(Self.withoutEffect, in: body.row(0).inset(columns: 1, rows: 0), style: Style(.error))
      return
    }
    draw(change, isInTitle: isInTitle, in: body, on: &grid)
  }

  static let withoutEffect = "without effect: the prediction is the same to the last bit"

  /// The rows of the list of changes in a pane of this height.
  static func listed(height: Int, changes: Int) -> Int {
    height >= 5 ? min(changes, max(1, height / 3)) : 0
  }

  /// The tokens of both predictions.
  private func draw(_ change: ChangedPrediction, isInTitle: Bool, in body: Rect, on grid: inout CellGrid) {
    let number = NumberText.percentWidth
    let width = max(6, body.width - 2 - 2 * (number + 2))
    let head = body.row(0)
    let isHeaded = body.height >= 2
    if isHeaded {
      grid.draw(figures(change, isInTitle: isInTitle, width: width), at: Point(head.x + 1, head.y), style: Style(.dim))
      for (column, words) in ["as it is", tab.areAllOff ? "without" : "changed"].enumerated() {
        grid.draw(
          NumberText.padded(words, number), at: Point(head.x + 1 + width + 2 + column * (number + 2), head.y),
          style: Style(.heading))
      }
    }
    let first = isHeaded ? 1 : 0
    for (row, pair) in change.pairs.prefix(max(0, body.height - first)).enumerated() {
      let line = body.row(first + row)
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
  }

  /// The changes as options of the command line. Of several the chosen one has a mark.
  private func drawChanges(in list: Rect, on grid: inout CellGrid) {
    guard !list.isEmpty else { return }
    var window = ListWindow(count: tab.changes.count, height: list.height, selected: tab.chosenChange)
    window.select(tab.chosenChange)
    for (row, index) in window.visible.enumerated() {
      let line = list.row(row)
      let isChosen = index == tab.chosenChange && tab.changes.count > 1
      if isChosen { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent)) }
      grid.draw(
        visible(tab.changes[index].option, glyphs: grid.glyphs, keepsSpaces: true),
        in: line.inset(columns: 1, rows: 0), style: Style(isChosen ? .text : .dim))
    }
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
  /// The prediction with the changes that are made now; `nil` while it is computed.
  var change: ChangedPrediction? {
    changed.answered?.changes == changes && changed.answered?.context == look.answered?.context
      ? changed.answer?.changed : nil
  }

  /// Whether all changes switch a part off.
  var areAllOff: Bool { off.count == changes.count }

  /// `Without layer 2 head 1`, `With 3 changes`.
  fileprivate func changeTitle(glyphs: Glyphs) -> String {
    guard changes.count == 1, let only = changes.first else {
      let count = NumberText.words(changes.count)
      return areAllOff ? "Without \(count) parts" : "With \(count) changes"
    }
    return (areAllOff ? "Without " : "") + only.words(glyphs: glyphs)
  }

  /// Why there is no changed prediction.
  func changeLine(_ shell: Shell) -> String {
    if look.answer == nil { return emptyLine(shell) }
    if let failure = changed.failure { return Self.words(failure) }
    return "the changed model reads the text"
  }
}

extension ModelChange {
  /// The change in words; a part that is switched off is only named.
  func words(glyphs: Glyphs) -> String {
    switch self {
    case .scale(let part, by: 0): return part.words
    case .scale(let part, let factor):
      return "\(part.words) \(glyphs.isASCII ? "x" : "×") \(NumberText.fixed(factor, decimals: 2))"
    case .patch(let patch): return "Patch after layer \(patch.layer + 1) at token \(patch.position + 1)"
    case .steer(let vector):
      let name = vector.path.split(separator: "/").last.map(String.init) ?? vector.path
      return "Steered by \(name) \(glyphs.isASCII ? "x" : "×") \(NumberText.fixed(vector.scale, decimals: 2))"
    }
  }
}

extension ChangedPrediction {
  /// Whether both distributions are the same.
  var hasNoEffect: Bool { divergence == .zero }
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
