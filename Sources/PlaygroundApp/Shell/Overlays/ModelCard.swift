import EngineAPI

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
