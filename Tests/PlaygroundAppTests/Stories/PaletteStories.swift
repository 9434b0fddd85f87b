import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The palette understands other words and values; the list of models opens a path.
@Suite struct PaletteStories {
  private func said(_ text: String, _ player: Player = Player()) -> Player {
    var player = player
    player.press("ctrl-p")
    player.type(text)
    player.press("enter")
    return player
  }

  @Test(arguments: ["quit", "exit", "leave"])
  func theProgramIsLeft(word: String) { #expect(said(word).exitCode == 0) }

  @Test(arguments: ["add stream", "new stream", "One more"])
  func aStreamIsAdded(words: String) { #expect(said(words).state.generate.streams.count == 2) }

  @Test func valuesAreSet() {
    let settings = { (text: String) in said(text).state.generate.leading }
    #expect(settings("temperature 0.7").settings.temperature == 0.7)
    #expect(settings("set temp to 0.25").settings.temperature == 0.25)
    #expect(settings("top p 0.9").settings.topP == 0.9)
    #expect(settings("top-p=0.9").settings.topP == 0.9)
    #expect(settings("top k 40").settings.topK == 40)
    #expect(settings("repetition penalty 1.2").settings.repetitionPenalty == 1.2)
    #expect(settings("seed 7").seed == 7)
    #expect(settings("seed 1234").seed == 1234)
    #expect(settings("max tokens 99").maxTokens == 99)
    #expect(said("colour rank").state.heat == .rank)
    #expect(said("beams 7", Player(task: .translate)).state.translate.search.count == 7)
  }

  @Test(arguments: [Size(120, 36), Size(80, 24), Size(40, 12)])
  func whatWouldBeSetIsShownBeforeItIs(size: Size) {
    var player = Player(size.width, size.height)
    player.press("ctrl-p")
    player.type("temperature 0.7")
    #expect(player.screen.contains("Set temperature to 0.70"))
    #expect(player.state.generate.leading.settings.temperature == 1)
    player.type("9")
    player.press("enter")
    #expect(player.screen.contains("temperature: 0.79"))
    player.press("ctrl-p")
    player.type("temperature 99")
    player.press("enter")
    #expect(player.state.notice == "temperature: expected a number from 0.00 to 10.00, found 99")
    #expect(player.state.overlay != nil && player.state.generate.leading.settings.temperature == 0.79)
  }

  @Test func otherWordsFindActions() {
    #expect(said("swap", Player(task: .translate)).state.translate.direction.source == "fr")
    if case .help = said("shortcuts").state.overlay {} else { Issue.record("no help") }
    if case .sampler = said("temperature").state.overlay {} else { Issue.record("no sampler") }
    #expect(said("model mini").state.generate.leading.model.name == "storyteller-mini")
  }

  @Test(arguments: [Size(120, 36), Size(80, 24), Size(40, 12)])
  func aTypedPathIsOpened(size: Size) {
    let own = ScriptedModel("/home/me/own", family: .masked, words: ["a"], seed: 3)
    let settings = { () -> PlaygroundSettings in
      var settings = PlaygroundSettings.steady
      settings.home = "/home/me"
      return settings
    }()
    var player = Player(size.width, size.height, settings: settings, catalogue: ScriptedModel.bundled + [own])
    player.press("f2")
    player.type("~/own@q8")
    #expect(player.screen.contains("Open ~/own@q8"))
    player.press("enter")
    #expect(player.state.task == .fillMask, "it opens in the tab of its family")
    #expect(player.state.fillMask.model == ModelReference("/home/me/own", format: .q8))
    #expect(player.state.generate.leading.model.name == "storyteller")
    player.press("alt-1 f2")
    player.type("./nowhere")
    player.press("enter")
    #expect(player.screen.contains("no such model") && player.screen.contains("./nowhere"))
    #expect(player.state.generate.leading.model.name == "storyteller", "nothing changed")
    player.press("esc f2")
    player.type("nowhere")
    player.press("enter")
    #expect(player.screen.contains("no such model"))
  }
}
