import TerminalUI

extension Layout {
  /// The minimum height of the panes while a notice is shown, in rows.
  private static let leastContent = 6

  /// The layout of a tab. It has no panes if the terminal is too small.
  ///
  /// - Parameters:
  ///   - stripRows: the number of rows of a lesson's strip above the hints.
  ///   - noticeRows: the rows that a notice needs in addition to the row of the hints.
  ///   - isZoomed: whether the focused pane fills the area of all panes.
  init(_ tab: any Tab, size: Size, stripRows: Int = 0, noticeRows: Int = 0, isZoomed: Bool = false) {
    self.init()
    guard size.width >= Layout.least.width, size.height >= Layout.least.height else { return }
    isNarrow = size.width < 72
    let wantedRows = noticeRows
    let noticeRows = min(noticeRows, max(0, size.height - 2 - stripRows - Layout.leastContent))
    // A long notice replaces the legend and, if that is not enough room, also the lesson's sentence.
    let hasLegend = !isNarrow && size.height >= 20 && type(of: tab).hasLegend && noticeRows == 0
    header = Rect(0, 0, size.width, 1)
    hints = Rect(0, size.height - 1, size.width, 1)
    let bottom = (hasLegend ? 2 : 1) + stripRows + noticeRows
    if hasLegend { legend = Rect(0, size.height - bottom, size.width, 1) }
    strip = Rect(0, size.height - 1 - stripRows, size.width, stripRows)
    let besideNotice = stripRows == 0 ? 1 : wantedRows > noticeRows ? stripRows : 0
    notice = Rect(0, size.height - 1 - stripRows - noticeRows, size.width, noticeRows + besideNotice)
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
      state.tabs[state.shell.tab], size: state.shell.size, stripRows: rows,
      noticeRows: NoticeView.extraRows(state), isZoomed: state.shell.isZoomed)
    guard case .sampler = state.shell.overlay else { return }
    sampler = SamplerView.frame(over: self, bounds: overlayBounds(in: state.shell.size))
    if let prompt = self[.prompt]?.frame, sampler.origin == prompt.origin, sampler.width == prompt.width {
      makeRoom(above: sampler)
    }
  }
}
