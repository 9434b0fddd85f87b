import Testing

@testable import TerminalUI

@Suite("The terminfo entries of true color")
struct DirectColorTests {
  @Test(
    "A terminal that announces true color has an entry for it",
    arguments: [
      ("xterm-256color", "xterm-direct2"), ("xterm", "xterm-direct2"), ("tmux-256color", "tmux-direct"),
      ("alacritty", "alacritty-direct"), ("xterm-kitty", "kitty-direct"), ("screen-256color", "screen-direct"),
    ])
  func entries(_ type: String, _ entry: String) {
    for value in ["truecolor", "24bit"] {
      #expect(DirectColor.entry(for: type, environment: ["COLORTERM": value]) == entry)
    }
  }

  @Test("No entry is looked up if nothing announces true color or the terminal's own entry has it")
  func none() {
    for environment in [[:], ["COLORTERM": ""], ["COLORTERM": "yes"]] {
      #expect(DirectColor.entry(for: "xterm-256color", environment: environment) == nil)
    }
    for type in ["xterm-direct", "xterm-direct2", "foot-direct"] {
      #expect(DirectColor.entry(for: type, environment: ["COLORTERM": "truecolor"]) == nil)
    }
  }

  @Test("The notice names the entry, fits into 80 columns, and has no control characters")
  func notice() {
    #expect(DirectColor.notice(missing: "xterm-direct2").contains("lacks xterm-direct2 "))
    let hostile = DirectColor.notice(missing: "\u{1B}]0;" + String(repeating: "x", count: 300))
    #expect(hostile.columnWidth <= 78 && !hostile.unicodeScalars.contains { $0.value < 0x20 })
  }
}
