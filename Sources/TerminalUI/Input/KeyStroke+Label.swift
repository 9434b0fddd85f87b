extension KeyStroke {
  /// The stroke as hints and help show it: `Ctrl-Q`, `Alt-Enter`, `↑`, `?`.
  public func label(glyphs: Glyphs = .unicode) -> String {
    var prefix = ""
    if modifiers.contains(.control) { prefix += "Ctrl-" }
    if modifiers.contains(.alt) { prefix += "Alt-" }
    if modifiers.contains(.shift) { prefix += "Shift-" }
    let name =
      switch key {
      case .character(" "): "Space"
      case .character(let character): modifiers.isEmpty ? String(character) : character.uppercased()
      case .enter: "Enter"
      case .tab: "Tab"
      case .backtab: "Shift-Tab"
      case .backspace: "Backspace"
      case .delete: "Del"
      case .insert: "Ins"
      case .escape: "Esc"
      case .up: glyphs.isASCII ? "Up" : glyphs.up
      case .down: glyphs.isASCII ? "Down" : glyphs.down
      case .left: glyphs.isASCII ? "Left" : glyphs.left
      case .right: glyphs.isASCII ? "Right" : glyphs.right
      case .home: "Home"
      case .end: "End"
      case .pageUp: "PgUp"
      case .pageDown: "PgDn"
      case .function(let number): "F\(number)"
      }
    return prefix + name
  }
}
