import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct OverlayStories {
  @Test func helpIsMadeFromTheTable() {
    var player = Player()
    player.press("tab ?")
    let lines = HelpView.lines(player.state).map { $0.map(\.text).joined() }
    for binding in KeyTable.defaults where binding.tabs.contains(.generate) {
      #expect(lines.contains { $0.contains(binding.help) }, "\(binding.help)")
    }
    #expect(player.screen.contains("╭─ Keys"))
    player.press("G")
    #expect(player.screen.contains("Close"))
    player.press("g q")
    #expect(player.state.overlay == nil && player.exitCode == nil)
  }

  @Test func helpNamesTheKeysThatEditALine() {
    let shown = { (player: Player) in HelpView.lines(player.state).map { $0.map(\.text).joined() } }
    for (keys, words) in [("Ctrl-A Ctrl-E", "Start and end of the line"), ("Ctrl-Y", "Insert what was deleted last")] {
      #expect(shown(Player()).contains { $0.contains(keys) && $0.contains(words) })
    }
    let player = Player(settings: PlaygroundSettings(keys: ["app.help": ["ctrl-a"]]))
    #expect(!shown(player).contains { $0.contains("Ctrl-A Ctrl-E") }, "a configured key keeps its meaning")
  }

  @Test func helpShowsTheConfiguredKeys() {
    var player = Player(settings: PlaygroundSettings(keys: ["app.help": ["f12"]]))
    player.press("f12")
    #expect(player.screen.contains("F12"))
    #expect(!player.screen.contains("? F1"))
  }

  @Test func helpNeverScrollsBeyondItsEnd() {
    var player = Player(40, 12)
    player.press("f1 G")
    guard case .help(let top) = player.state.overlay else {
      Issue.record("no help")
      return
    }
    #expect(top == HelpView.lastTop(player.state) && top > 0)
    player.press("up")
    #expect(player.state.overlay == .help(top: top - 1))
    player.send(.input(.resize(Size(200, 120))))
    #expect(player.state.overlay == .help(top: 0))
  }

  @Test func samplerSettingsActOnTheCandidatesAtOnce() {
    var player = Player()
    player.press("right tab d")
    let before = player.state.generate.candidates.rows[0]?.chainProbability ?? 0
    player.press("s right right right right")
    #expect(player.state.generate.leading.settings.temperature == 1.2)
    let after = player.state.generate.candidates.rows[0]?.chainProbability ?? 0
    #expect(after < before)
    player.type("0.5")
    #expect(player.screen.contains("0.5"))
    player.press("enter")
    #expect(player.state.generate.leading.settings.temperature == 0.5)
    #expect((player.state.generate.candidates.rows[0]?.chainProbability ?? 0) > before)
    player.press("enter")
    #expect(player.state.overlay == nil)
  }

  @Test func eachStageShowsWhatItKeeps() {
    var player = Player()
    player.press("right tab s down")
    player.type("3")
    player.press("enter")
    #expect(player.state.generate.leading.settings.topK == 3)
    #expect(player.screen.contains("top-k                   3         3     -303"))
    #expect(player.screen.contains("keeps 3 of 306 tokens"))
  }

  @Test func theOrderOfTheChainIsTheUsers() {
    var player = Player()
    player.press("tab s K K")
    let order = player.state.generate.leading.settings.order
    #expect(order.firstIndex(of: .temperature) == 4)
    #expect(Set(order) == Set(SamplerStage.defaultOrder))
    player.press("shift-down J J")
    #expect(player.state.generate.leading.settings.order.firstIndex(of: .temperature) == 7)
    player.press("D")
    #expect(player.state.generate.leading.settings == SamplingSettings())
  }

  @Test func wrongValuesAreNamedAndNotTaken() {
    var player = Player()
    player.press("tab s")
    player.type("-1")
    player.press("enter")
    #expect(player.state.notice == "temperature: expected a number of at least 0, found -1")
    #expect(player.state.generate.leading.settings.temperature == 1)
    player.press("g")
    player.type("258=-5")
    player.press("enter")
    #expect(player.state.generate.leading.settings.logitBias == [258: -5])
    player.type("999999=1")
    player.press("enter")
    #expect(player.state.notice == "no such token id: expected 0 to 305, found 999999")
    player.press("backspace")
    #expect(player.state.generate.leading.settings.logitBias == [:])
  }

  @Test func valuesStopAtTheirBounds() {
    for row in SamplerRow.rows(SamplerValues(chain: SamplingSettings(), maxTokens: 256, seed: 0)) {
      var player = Player(80, 24)
      player.press("tab s g")
      let rows = SamplerRow.rows(player.state.samplerValues)
      for _ in 0..<(rows.firstIndex(of: row) ?? 0) { player.press("down") }
      for _ in 0..<300 { player.press("left") }
      for _ in 0..<40 { player.press("right") }
      let chain = player.state.generate.leading.settings
      #expect(chain.temperature >= 0 && (0...1).contains(chain.topP) && chain.topK >= 0 && chain.repetitionPenalty > 0)
      #expect(chain.typicalP > 0 && (0...1).contains(chain.minP) && chain.minTokens >= 0)
    }
  }

  @Test func aModelIsChosenFromTheListWithItsCard() {
    var player = Player()
    player.press("tab m")
    #expect(player.screen.contains("Fairy tales, 8,192 tokens, 21 million weights."))
    player.type("mini")
    player.press("enter")
    #expect(player.state.generate.leading.model == ModelReference("storyteller-mini"))
    #expect(player.state.opened[ModelReference("storyteller-mini")]?.information != nil)
  }

  @Test func aModelOfAnotherFamilyOpensItsTab() {
    var player = Player()
    player.press("f2")
    player.type("inter")
    player.press("enter")
    #expect(player.state.tab == .translate)
    #expect(player.state.generate.leading.model == ModelReference("storyteller"))
  }

  @Test func aBrokenModelIsToldAndCanBeTriedAgain() {
    var player = Player(80, 24)
    player.press("f2")
    player.type("broken")
    player.press("enter")
    #expect(player.screen.contains("can't open the weights"))
    #expect(player.screen.contains("hint      fetch the file again"))
    player.press("x f2")
    player.type("broken")
    player.press("enter")
    let loads = player.effects.filter { $0 == .load(ModelReference("broken")) }
    #expect(loads.count == 2)
  }

  @Test func themesAreShownWhileTheyAreChosen() throws {
    let greys = (0..<16).map { (step: Int) -> RGB in
      let grey = UInt8(step * 16)
      return RGB(grey, grey, grey)
    }
    let scheme = try #require(Scheme(greys))
    let themes = ["one", "two", "three"].map { Theme(name: $0, scheme: scheme) }
    var player = Player(settings: PlaygroundSettings(themes: themes, theme: "two"))
    #expect(player.state.theme?.name == "two")
    player.press("f4 down")
    #expect(player.state.theme?.name == "three")
    player.press("esc")
    #expect(player.state.theme?.name == "two")
    player.press("f4 up enter")
    #expect(player.state.theme?.name == "one" && player.state.overlay == nil)
  }

  @Test func thePaletteRunsAnyAction() {
    var player = Player()
    player.press("ctrl-p")
    player.type("color")
    player.press("enter")
    #expect(player.state.heat == .rank && player.state.overlay == nil)
    player.press("ctrl-p")
    player.type("no such action at all")
    #expect(player.screen.contains("nothing matches"))
    player.press("enter esc")
    #expect(player.state.overlay == nil)
  }

  @Test func searchFindsAnyTokenOfTheVocabulary() {
    var player = Player()
    player.press("right tab /")
    player.type("grand")
    #expect(player.state.generate.candidates.rows[0]?.ranked.token.text == " grandmother")
    #expect(player.state.generate.candidates.count == 1)
    player.press("enter")
    #expect(player.screen.contains("1 of 1 with grand"))
    player.press("enter")
    #expect(player.state.prompt.editor.text.hasSuffix("lived a grandmother"))
    player.press("esc")
    #expect(player.state.generate.candidates.search.text.isEmpty && player.state.generate.candidates.count == 306)
  }

  @Test func theWholeVocabularyIsScrolled() {
    var player = Player()
    player.press("right tab G")
    #expect(player.screen.contains("279–306 of 306"))
    #expect(player.state.generate.candidates.chosen?.ranked.rank == 306)
    player.press("pageup ctrl-u g")
    #expect(player.state.generate.candidates.window.selected == 0)
  }

  @Test func removedTokensNameTheirStage() {
    var player = Player(settings: .steady)
    player.press("right tab d")
    #expect(player.screen.contains("✗ min-p"))
    #expect(player.screen.contains("after the chain"))
    #expect(player.screen.contains("the chain keeps 1"))
  }

  @Test func tabsKeepWhatIsTheirs() {
    var player = Player(settings: .steady)
    player.press("right enter alt-2")
    player.type("a [MASK]")
    player.press("tab ]")
    #expect(player.state.tab == .translate)
    player.type("x")
    player.press("alt-1")
    #expect(player.state.prompt.editor.text.hasPrefix("Once upon") && player.screen.contains("down to the sea."))
    player.press("tab ] ] [")
    #expect(player.state.tab == .fillMask && player.state.prompt.editor.text == "a [MASK]")
  }

  @Test func aStreamRunsOnWhileAnotherTabIsOpen() {
    var player = Player(settings: .steady)
    player.holdsStreams = true
    player.press("right enter alt-3")
    player.stream(5)
    #expect(player.state.generate.leading.run?.trace.tokens.count == 5)
    player.press("ctrl-c")
    #expect(player.effects.contains(.cancel(.stream(0))))
  }

  @Test func theMouseGivesTheFocusAndScrolls() {
    var player = Player(settings: .steady)
    player.press("right enter f8")
    #expect(player.effects.contains(.captureMouse(true)))
    player.send(.input(.mouse(MouseEvent(.press(0), at: Point(70, 5)))))
    #expect(player.state.focus == .candidates && player.state.generate.candidates.window.selected == 2)
    player.send(.input(.mouse(MouseEvent(.scrollDown, at: Point(70, 5)))))
    #expect(player.state.generate.candidates.window.selected == 5)
    player.send(.input(.mouse(MouseEvent(.press(0), at: Point(3, 10)))))
    #expect(player.state.focus == .stream(0) && player.state.generate.leading.cursor == 0)
    player.send(.input(.mouse(MouseEvent(.press(0), at: Point(7, 3)))))
    #expect(player.state.focus == .prompt && player.state.prompt.editor.cursor == 5)
    player.send(.input(.mouse(MouseEvent(.press(0), at: Point(17, 0)))))
    #expect(player.state.tab == .fillMask)
  }

  @Test func aTinyTerminalSaysSoAndKeepsEverything() {
    var player = Player(settings: .steady)
    player.press("right enter")
    player.send(.input(.resize(Size(39, 12))))
    #expect(player.screen.contains("This terminal is too small.") && player.screen.contains("39 × 12"))
    player.send(.input(.resize(Size(120, 36))))
    #expect(player.screen.contains("down to the sea."))
    player.send(.input(.resize(Size(0, 0))))
    #expect(player.screen.isEmpty)
    player.press("ctrl-q")
    #expect(player.exitCode == 0)
  }

  @Test func withoutColorsMarksSayTheSame() {
    var player = Player(80, 24, settings: .steady)
    player.press("right enter")
    let lines = player.grid(.none).plainText.split(separator: "\n").map(String.init)
    let text = lines.firstIndex { $0.contains("little girl, who") } ?? 0
    // All tokens were expected: there are no marks under them, and the legend explains that.
    #expect(lines[text + 1].allSatisfy { $0 == "│" || $0 == " " })
    #expect(lines.contains { $0.hasPrefix(" marks: probability  none >50 %  ░ >10 %  ▒ >1 %  █ less") })
    #expect(player.grid(.indexed256).plainText.contains("color: probability  ██ >50 %"))
  }

  @Test func inASCIIOnlyASCIIIsDrawn() {
    var player = Player(80, 24, settings: .steady)
    player.press("right enter")
    for keys in [
      "", "f1", "esc f2", "esc f3", "esc f4", "esc ctrl-p", "esc alt-2", "right", "alt-3", "right enter", "tab",
    ] {
      player.press(keys)
      let text = player.grid(.none, glyphs: .ascii).plainText
      #expect(text.allSatisfy { $0.isASCII }, "\(keys): \(text.filter { !$0.isASCII })")
    }
  }
}
