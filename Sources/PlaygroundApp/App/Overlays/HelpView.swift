import TerminalUI

/// The help screen: the key table as text.
struct HelpView: Widget {
  var state: PlaygroundState
  var top: Int

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var dialog = HelpView.dialog(HelpView.lines(state, glyphs: grid.glyphs))
    dialog.top = top
    grid.draw(dialog, in: OverlayView.room(rect))
  }

  /// The lines of the table: sections, keys, what they do.
  static func lines(_ state: PlaygroundState, glyphs: Glyphs = .unicode) -> [[Span]] {
    var lines: [[Span]] = []
    for section in KeyBinding.Section.allCases {
      // One line per action, with its keys in all tabs and contexts.
      var seen: Set<String> = []
      let bindings = state.shell.keys.bindings.filter { binding in
        binding.section == section && (section == .overlays || binding.tabs.contains(state.tab))
          && !binding.keys.isEmpty
          && seen.insert(binding.help).inserted
      }
      guard !bindings.isEmpty else { continue }
      if !lines.isEmpty, state.shell.size.height > lowScreen { lines.append([]) }
      lines.append([Span(section.rawValue, Style(.heading, .bold))])
      if section == .candidates {
        for (sign, words) in signs(glyphs) { lines += entry(sign, words, width: width(state)) }
      }
      if section == .prompt {
        for (keys, words) in editing {
          let free = keys.filter { state.shell.keys.action(for: $0, in: .prompt, tab: state.tab) == nil }
          guard !free.isEmpty else { continue }
          lines += entry(free.map { $0.label(glyphs: glyphs) }.joined(separator: " "), words, width: width(state))
        }
      }
      for binding in bindings {
        let same = state.shell.keys.bindings.filter {
          $0.help == binding.help && $0.section == section && $0.tabs.contains(state.tab)
        }
        var keys: [KeyStroke] = []
        for key in (same.isEmpty ? [binding] : same).flatMap(\.keys) where !keys.contains(key) { keys.append(key) }
        let text = keys.map { $0.label(glyphs: glyphs) }.joined(separator: " ")
        lines += entry(text, binding.help, width: width(state))
      }
    }
    return lines
  }

  /// Screens up to this height have no free lines between the sections.
  private static let lowScreen = 30

  /// Keys of `EditorCommand` that edit the prompt's text; those that the key table gives another meaning are left out.
  private static let editing: [([KeyStroke], String)] = [
    ([KeyStroke("a", .control), KeyStroke("e", .control)], "Start and end of the line"),
    ([KeyStroke("b", .alt), KeyStroke("f", .alt)], "One word back or forward"),
    ([KeyStroke("w", .control), KeyStroke("d", .alt)], "Delete the word before or behind"),
    ([KeyStroke("u", .control), KeyStroke("k", .control)], "Delete to the start or end of the line"),
    ([KeyStroke("y", .control)], "Insert what was deleted last"),
  ]

  /// What the marks beside candidates mean.
  private static func signs(_ glyphs: Glyphs) -> [(String, String)] {
    [(glyphs.dot, "The token in the text at this position"), (glyphs.cross, "A token that the sampler chain removes")]
  }

  /// The columns of a line.
  private static func width(_ state: PlaygroundState) -> Int {
    OverlayView.room(state.shell.overlayBounds).width - 4
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

  /// The number of visible lines.
  static func rows(_ state: PlaygroundState) -> Int {
    max(1, dialog(lines(state)).visibleLines(in: OverlayView.room(state.shell.overlayBounds)))
  }

  /// The largest first line to which the table can be scrolled.
  static func lastTop(_ state: PlaygroundState) -> Int {
    dialog(lines(state)).lastTop(in: OverlayView.room(state.shell.overlayBounds))
  }

  private static func dialog(_ lines: [[Span]]) -> Dialog {
    var dialog = Dialog(title: "Keys", lines: lines)
    dialog.margin = OverlayView.margin
    return dialog
  }
}
