import EngineAPI
import TerminalUI

/// A model's card, to be read.
struct CardView: Widget {
  var card: ModelCard

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var dialog = CardView.dialog(card)
    dialog.top = card.top
    grid.draw(dialog, in: OverlayView.room(rect))
  }

  /// Columns of a line: prose is hard to read where lines are longer.
  private static let widest = 76

  /// The columns that a line may have on a screen of this size.
  static func width(size: Size) -> Int { min(widest, max(8, OverlayView.room(Rect(size: size)).width - 4)) }

  /// How many lines are seen at once.
  static func rows(_ card: ModelCard, size: Size) -> Int {
    max(1, dialog(card).visibleLines(in: OverlayView.room(Rect(size: size))))
  }

  /// The furthest that a card can be scrolled.
  static func lastTop(_ card: ModelCard, size: Size) -> Int {
    dialog(card).lastTop(in: OverlayView.room(Rect(size: size)))
  }

  private static func dialog(_ card: ModelCard) -> Dialog {
    var dialog = Dialog(title: visible(card.model.name, keepsSpaces: true), lines: card.lines.map(\.spans))
    dialog.margin = OverlayView.margin
    return dialog
  }
}

/// The card of a model being read, over the list that it was opened from.
public struct ModelCard: Sendable, Equatable {
  /// The model.
  var model: ModelSummary
  /// The list that comes back.
  var picker: Picker
  /// The card's lines, for the width that they were made for.
  private(set) var lines: [CardLine] = []
  /// The first line shown.
  var top = 0
  private var width = 0

  /// A card from its beginning.
  init(model: ModelSummary, picker: Picker) {
    self.model = model
    self.picker = picker
  }

  /// Lays the lines out for a screen, and keeps the place within them.
  mutating func fit(width: Int, lastTop: (ModelCard) -> Int) {
    if width != self.width {
      // The place in the text is kept, not the number of a line.
      let share = lines.isEmpty ? 0 : Double(top) / Double(lines.count)
      lines = CardLine.lines(of: model, width: width)
      top = Int(share * Double(lines.count))
      self.width = width
    }
    top = min(max(top, 0), lastTop(self))
  }
}
