import Testing

@testable import TerminalUI

@Suite("Keys as text")
struct KeyStrokeTests {
  @Test(
    "Keystrokes are parsed from and written as text",
    arguments: [
      ("ctrl-q", KeyStroke("q", .control)), ("alt-enter", KeyStroke(.enter, .alt)), ("?", KeyStroke("?")),
      ("f1", KeyStroke(.function(1))), ("shift-tab", KeyStroke(.backtab)), ("G", KeyStroke("G")),
      ("ctrl-alt-left", KeyStroke(.left, [.control, .alt])), ("-", KeyStroke("-")),
      ("ctrl--", KeyStroke("-", .control)),
      ("space", KeyStroke(" ")), ("ctrl-space", KeyStroke(" ", .control)), ("shift-up", KeyStroke(.up, .shift)),
      ("日", KeyStroke("日")), ("esc", KeyStroke(.escape)), ("alt-[", KeyStroke("[", .alt)),
      ("f12", KeyStroke(.function(12))),
    ])
  func textForm(_ text: String, _ stroke: KeyStroke) {
    #expect(KeyStroke(text) == stroke)
    #expect(stroke.description == text)
  }

  @Test("Aliases of keys and modifiers are accepted")
  func spellings() {
    #expect(KeyStroke("Ctrl-Q") == KeyStroke("q", .control))
    #expect(KeyStroke("control-alt-del") == KeyStroke(.delete, [.control, .alt]))
    #expect(KeyStroke("shift-a") == KeyStroke("A"))
    #expect(KeyStroke("Escape") == KeyStroke(.escape))
    #expect(KeyStroke("C-M-x") == KeyStroke("x", [.control, .alt]))
    #expect(KeyStroke(.tab, .shift) == KeyStroke(.backtab))
  }

  @Test(
    "Invalid key names are rejected",
    arguments: ["", "ctrl-", "hyper-x", "f0", "f25", "f1x", "quit", "\u{7}", "ctrl-ctrl", "\u{301}"])
  func wrong(_ text: String) {
    #expect(KeyStroke(text) == nil)
  }

  @Test("Every keystroke parses back from its text form")
  func roundTrip() {
    var keys: [Key] = [
      .enter, .tab, .backtab, .backspace, .delete, .insert, .escape, .up, .down, .left, .right, .home, .end, .pageUp,
      .pageDown,
    ]
    keys += (1...24).map { .function($0) }
    keys += (0x20...0x7E).map { .character(Character(Unicode.Scalar(UInt8($0)))) }
    for key in keys {
      for bits in UInt8(0)..<8 {
        let stroke = KeyStroke(key, Modifiers(rawValue: bits))
        #expect(KeyStroke(stroke.description) == stroke)
        #expect(!stroke.label().isEmpty)
      }
    }
  }

  @Test("Labels show modifiers and keys")
  func labels() {
    #expect(KeyStroke("q", .control).label() == "Ctrl-Q")
    #expect(KeyStroke(.enter, .alt).label() == "Alt-Enter")
    #expect(KeyStroke(.backtab).label() == "Shift-Tab")
    #expect(KeyStroke(.left).label() == "←")
    #expect(KeyStroke(.left).label(glyphs: .ascii) == "Left")
    #expect(KeyStroke("g").label() == "g")
  }

  @Test("Only characters without Control or Alt type text")
  func typed() {
    #expect(KeyStroke("a").typedCharacter == "a")
    #expect(KeyStroke("a", .alt).typedCharacter == nil)
    #expect(KeyStroke(.enter).typedCharacter == nil)
  }
}
