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

  /// The maximum line width in columns; longer lines are hard to read.
  private static let widest = 76

  /// The columns that a line may have on a screen of this size.
  static func width(size: Size) -> Int { min(widest, max(8, OverlayView.room(Rect(size: size)).width - 4)) }

  /// The number of visible lines.
  static func rows(_ card: ModelCard, size: Size) -> Int {
    max(1, dialog(card).visibleLines(in: OverlayView.room(Rect(size: size))))
  }

  /// The largest first line to which a card can be scrolled.
  static func lastTop(_ card: ModelCard, size: Size) -> Int {
    dialog(card).lastTop(in: OverlayView.room(Rect(size: size)))
  }

  private static func dialog(_ card: ModelCard) -> Dialog {
    var dialog = Dialog(title: visible(card.model.name, keepsSpaces: true), lines: card.lines.map(\.spans))
    dialog.margin = OverlayView.margin
    return dialog
  }
}
