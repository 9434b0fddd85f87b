import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The playground without a screen: lines in, lines out.
struct LineStories {
  /// A playground on lines, and what it has said.
  private struct Reader {
    var player: Player
    private var report = LineReport()

    init(task: TabID = .generate) {
      var settings = PlaygroundSettings()
      (settings.isLinear, settings.hasClipboard) = (true, false)
      settings.sampling = .init()
      settings.sampling?.temperature = 0
      player = Player(LinePort.size.width, LinePort.size.height, task: task, settings: settings)
    }

    /// Sends a line and returns what is said then.
    mutating func say(_ line: String) -> [String] {
      player.send(.line(line))
      return report.lines(player.state, isSettled: true)
    }

    mutating func begin() -> [String] { report.lines(player.state, isSettled: true) }
  }

  @Test func aTextIsWrittenAndContinued() {
    var reader = Reader()
    let start = reader.begin()
    #expect(start.contains("tab: Generate") && start.contains { $0.hasPrefix("model: storyteller, ") }, "\(start)")
    #expect(start.last == "focus: Prompt")
    let typed = reader.say("Once upon a time")
    #expect(typed.contains { $0.hasPrefix("Prompt, ") && $0.hasSuffix(": Once upon a time") }, "\(typed)")
    #expect(typed.contains { $0.hasPrefix("Candidates, ") && $0.hasSuffix(" bits:") }, "\(typed)")
    let made = reader.say("generate")
    #expect(made.first == "working" && made.contains { $0.hasPrefix("A storyteller") }, "\(made)")
    #expect(!made.contains { $0.hasPrefix("Prompt") }, "only what has changed is said: \(made)")
    #expect(made.contains { $0.contains("little girl, who had no father and no mother") }, "\(made)")
  }

  @Test func aCandidateIsTakenByItsNumber() {
    var reader = Reader()
    _ = reader.say("Once upon a time")
    let second = reader.player.state.current.lists[0].rows[1]
    _ = reader.say("take 2")
    let text = reader.player.state.current.prompt.editor.text
    #expect(text == "Once upon a time" + String(decoding: second?.ranked.token.bytes ?? [], as: UTF8.self))
    #expect(reader.say("undo").contains { $0.hasSuffix(": Once upon a time") })
    #expect(reader.say("take 0").contains { $0.hasPrefix("note: there is no row 0: expected 1 to ") })
  }

  @Test func everyTabHasItsWords() {
    var reader = Reader()
    for tab in TabID.allCases {
      let lines = reader.say(tab.title.uppercased())
      #expect(reader.player.state.tab == tab && (tab == .generate || lines.contains("tab: \(tab.title)")), "\(lines)")
      let help = reader.say("help")
      #expect(help.contains { $0.hasPrefix("words everywhere in \(tab.title)") })
      for tab in TabID.allCases { #expect(help.contains { $0.hasPrefix("  \(tab.title.lowercased()): ") }, "\(help)") }
    }
  }

  @Test func everyWordOfTheListMeansItsAction() {
    var reader = Reader()
    for tab in TabID.allCases {
      _ = reader.say(tab.title)
      let state = reader.player.state
      for binding in state.shell.keys.bindings where binding.tabs.contains(tab) {
        guard state.wordList.contains("  \(binding.word): \(binding.entry ?? binding.help)") else { continue }
        #expect(state.action(named: binding.word) != nil, "\(binding.word)")
        #expect(state.action(named: binding.action.rawValue) == binding.action, "\(binding.action.rawValue)")
      }
    }
  }

  @Test func aMaskIsFilledAndATextTranslated() {
    var reader = Reader()
    _ = reader.say("fill mask")
    let gaps = reader.say("Hello, my name is [MASK].")
    #expect(gaps.contains { $0.hasPrefix("Mask") || $0.hasPrefix("Candidates") }, "\(gaps)")
    _ = reader.say("send")
    _ = reader.say("take 1")
    #expect(!reader.player.state.current.prompt.editor.text.contains("[MASK]"))
    _ = reader.say("translate")
    let french = reader.say("send How are you?")
    #expect(french.contains { $0.contains("Translation") || $0.contains("Comment") }, "\(french)")
  }

  @Test func aDialogueIsReadTurnByTurn() {
    var reader = Reader(task: .chat)
    _ = reader.begin()
    let first = reader.say("send Hello")
    #expect(first.contains { $0.contains("you: Hello") }, "\(first)")
    let second = reader.say("send And now?")
    #expect(
      second.contains { $0.contains("you: And now?") } && !second.contains { $0.contains("you: Hello") }, "\(second)")
    #expect(reader.say("retry").contains("working"))
  }

  @Test func wordsValuesAndKeysAreToldApartFromText() {
    var reader = Reader()
    #expect(reader.say("temperature 0.5").contains("note: temperature: 0.50"))
    #expect(reader.say("top p 9").contains { $0.hasPrefix("note: top-p: expected") })
    _ = reader.say("text help")
    #expect(reader.player.state.current.prompt.editor.text == "help")
    _ = reader.say("more quit")
    #expect(reader.player.state.current.prompt.editor.text == "help\nquit")
    #expect(reader.say("pane cand").contains("focus: Candidates"))
    #expect(reader.say("xyzzy").contains { $0.hasPrefix("note: there is no word 'xyzzy' here") })
    #expect(reader.say("pane nowhere").contains { $0.hasPrefix("note: there is no pane 'nowhere'") })
    #expect(reader.say("").contains { $0.hasPrefix("panes: Prompt, Candidates (here)") })
    #expect(reader.say("copy").contains { $0.hasPrefix("note: not copied") || $0.hasPrefix("note: nothing to copy") })
    _ = reader.say("alt-2")
    #expect(reader.player.state.tab == .fillMask)
    _ = reader.say("quit")
    #expect(reader.player.exitCode == 0)
  }

  @Test func aModelIsChosenFromANumberedList() {
    var reader = Reader()
    let list = reader.say("model")
    #expect(list.contains { $0.hasPrefix("list of ") } && list.contains { $0.contains(" 1 ") }, "\(list)")
    let narrowed = reader.say("mini")
    #expect(narrowed.contains { $0.hasPrefix("list of 1 with 'mini'") }, "\(narrowed)")
    let chosen = reader.say("1")
    #expect(chosen.contains { $0.hasPrefix("model: storyteller-mini") }, "\(chosen)")
    _ = reader.say("model")
    #expect(reader.say("close").isEmpty && reader.player.state.shell.overlay == nil)
  }

  @Test func nothingThatIsSaidActsOnATerminal() {
    var reader = Reader()
    var all: [String] = reader.begin()
    for line in [
      "a\u{1B}[31mred\u{7}", "generate", "pane a", "f3", "esc", "f2", "esc", "f1", "tree", "read all", "chat",
    ] {
      all += reader.say(line)
    }
    #expect(all.count > 20)
    #expect(
      all.allSatisfy { line in line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
      })
    #expect(
      all.allSatisfy { line in !line.unicodeScalars.contains { (0x2500...0x259F).contains($0.value) } }, "no bars")
  }
}
