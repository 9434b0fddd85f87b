import TerminalUI

/// The key table as a screen to read.
struct HelpView: Widget {
  var state: PlaygroundState
  var top: Int

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var dialog = HelpView.dialog(HelpView.lines(state, glyphs: grid.glyphs))
    dialog.top = top
    grid.draw(dialog, in: HelpView.room(rect))
  }

  /// The lines of the table: sections, keys, what they do.
  static func lines(_ state: PlaygroundState, glyphs: Glyphs = .unicode) -> [[Span]] {
    var lines: [[Span]] = []
    for section in KeyBinding.Section.allCases {
      // One line an action: tabs and contexts in which it has other keys are joined.
      var seen: Set<String> = []
      let bindings = state.keys.bindings.filter { binding in
        binding.section == section && (section == .overlays || binding.tasks.contains(state.task))
          && !binding.keys.isEmpty
          && seen.insert(binding.help).inserted
      }
      guard !bindings.isEmpty else { continue }
      if !lines.isEmpty { lines.append([]) }
      lines.append([Span(section.rawValue, Style(.heading, .bold))])
      for binding in bindings {
        let same = state.keys.bindings.filter {
          $0.help == binding.help && $0.section == section && $0.tasks.contains(state.task)
        }
        var keys: [KeyStroke] = []
        for key in (same.isEmpty ? [binding] : same).flatMap(\.keys) where !keys.contains(key) { keys.append(key) }
        let text = keys.map { $0.label(glyphs: glyphs) }.joined(separator: " ")
        lines += entry(text, binding.help, width: room(Rect(size: state.size)).width - 4)
      }
    }
    return lines
  }

  /// Keys and words side by side, or one below the other where there is too little room for both.
  private static func entry(_ keys: String, _ help: String, width: Int) -> [[Span]] {
    let key = Span("  " + keys, Style(.key))
    if width >= 60 {
      return [[key, Span(String(repeating: " ", count: max(1, 18 - keys.columnWidth)) + help)]]
    }
    let wrapped = WrappedText(help, width: max(8, width - 4))
    return [[key]]
      + wrapped.lines.map { line in
        let bytes = help.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count)
        return [Span("    " + String(decoding: bytes, as: UTF8.self), Style(.dim))]
      }
  }

  /// Where a text to read lies: the whole screen but the tabs and the hints.
  static func room(_ bounds: Rect) -> Rect {
    Rect(bounds.x, bounds.y + 1, bounds.width, bounds.height - 2)
  }

  /// How many lines are seen at once.
  static func rows(size: Size) -> Int { max(1, size.height - 4) }

  /// The furthest that the table can be scrolled.
  static func lastTop(_ state: PlaygroundState) -> Int {
    dialog(lines(state)).lastTop(in: room(Rect(size: state.size)))
  }

  private static func dialog(_ lines: [[Span]]) -> Dialog {
    var dialog = Dialog(title: "Keys", lines: lines)
    dialog.leastMargin = PickerView.leastMargin
    return dialog
  }
}
