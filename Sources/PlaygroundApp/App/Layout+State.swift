import TerminalUI

extension Layout {
  /// The layout of a tab. It has no panes if the terminal is too small.
  ///
  /// - Parameters:
  ///   - stripRows: the number of rows of a lesson's strip above the hints.
  ///   - isZoomed: whether the focused pane fills the area of all panes.
  init(_ tab: any Tab, size: Size, stripRows: Int = 0, isZoomed: Bool = false) {
    self.init()
    guard size.width >= Layout.least.width, size.height >= Layout.least.height else { return }
    isNarrow = size.width < 72
    let hasLegend = !isNarrow && size.height >= 20 && type(of: tab).hasLegend
    header = Rect(0, 0, size.width, 1)
    hints = Rect(0, size.height - 1, size.width, 1)
    let bottom = (hasLegend ? 2 : 1) + stripRows
    if hasLegend { legend = Rect(0, size.height - bottom, size.width, 1) }
    strip = Rect(0, size.height - 1 - stripRows, size.width, stripRows)
    let content = Rect(0, 1, size.width, size.height - 1 - bottom)
    let form: PaneArrangement.Form = !isNarrow ? .wide : size.height < 18 ? .close : .tall
    var arrangement = PaneArrangement(content: content, form: form, zoomed: isZoomed ? tab.focus : nil)
    tab.arrange(&arrangement)
    panes = arrangement.panes
  }

  /// The layout of a state.
  init(_ state: PlaygroundState) {
    let rows = state.lesson == nil ? 0 : LessonView.rows
    self.init(
      state.tabs[state.shell.tab], size: state.shell.size, stripRows: rows, isZoomed: state.shell.isZoomed)
  }
}
