/// A part of the screen that draws itself into a rectangle of a grid. A value: the same widget draws the same cells.
public protocol Widget: Sendable {
  /// Draws into `rect`, and nowhere else.
  func draw(in rect: Rect, on grid: inout CellGrid)
}

extension CellGrid {
  /// Draws a widget into a rectangle.
  public mutating func draw(_ widget: some Widget, in rect: Rect) { widget.draw(in: rect, on: &self) }
}
