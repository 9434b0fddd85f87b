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
    #expect(said("color rank").state.heat == .rank)
    #expect(said("beams 7", Player(task: .translate)).state.translate.search.beams == 7)
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
    player.type("temperature -1")
    player.press("enter")
    #expect(player.state.notice == "temperature: expected a number of at least 0, found -1")
    #expect(player.state.overlay != nil && player.state.generate.leading.settings.temperature == 0.79)
  }

  @Test(arguments: ["temp", "temperature"])
  func theNameOfAValueShowsItAndWaitsForAnother(name: String) {
    var player = Player(80, 24, settings: .steady)
    player.press("ctrl-p")
    player.type(name)
    let row = player.screen.split(separator: "\n").first { $0.contains("temperature …") }
    #expect(row?.contains("now 0.80") == true && row?.contains("▸") == true)
    player.press("enter")
    player.type("0.7")
    #expect(player.screen.contains("Set temperature to 0.70"))
    player.press("enter")
    #expect(player.state.overlay == nil && player.state.generate.leading.settings.temperature == 0.7)
  }

  private func offers(_ text: String, _ player: Player) -> [PickerItem] {
    var player = player
    player.press("ctrl-p")
    player.type(text)
    guard case .picker(let picker) = player.state.overlay else { return [] }
    return player.state.items(picker)
  }

  @Test func aThemeOfTheNameComesBeforeOthersThatAreLightOrDark() {
    let scheme = { (ground: UInt8, text: UInt8) -> Scheme in
      let colors = (0..<16).map { $0 < 5 ? RGB(ground, ground, ground) : RGB(text, text, text) }
      guard let scheme = Scheme(colors) else { preconditionFailure("a scheme has sixteen colors") }
      return scheme
    }
    let themes = [
      ("glacier", "Glacier", scheme(250, 0)), ("delight", "Delight", scheme(0, 250)),
      ("triptych-light", "Triptych Light", scheme(250, 0)), ("ash", "Ash", scheme(0, 250)),
      ("triptych-dark", "Triptych Dark", scheme(0, 250)),
    ].map { Theme(name: $0, title: $1, scheme: $2) }
    let player = Player(settings: PlaygroundSettings(themes: themes, theme: "ash"))
    #expect(
      offers("theme light", player).prefix(3).map(\.name)
        == ["Theme Triptych Light", "Theme Delight", "Theme Glacier"])
    #expect(offers("theme dark", player).first?.name == "Theme Triptych Dark")
    #expect(offers("theme glacier", player).first?.name == "Theme Glacier")
    #expect(offers("model storyteller", Player()).first?.name == "Model storyteller")
  }

  @Test(arguments: [
    ("temperature -1", "a number of at least 0"), ("top-p 2", "a number from 0 to 1"), ("top-k -3", "at least 0"),
    ("seed -1", "a whole number"), ("max tokens 0", "at least 1"), ("temperature x", "a number"),
  ])
  func aValueOutOfBoundsIsNotOffered(text: String, bounds: String) {
    let player = Player()
    let items = offers(text, player)
    guard case .problem(let problem)? = items.first?.choice else {
      Issue.record("\(text) is offered: \(items.prefix(1))")
      return
    }
    #expect(problem.contains(bounds), "\(problem)")
    var shown = player
    shown.press("ctrl-p")
    shown.type(text)
    #expect(shown.screen.contains("✗ "), "\(shown.screen)")
    shown.press("enter")
    #expect(shown.state.overlay != nil && shown.state.generate.leading == player.state.generate.leading)
  }

  @Test func aValueThatIsOfferedSaysItsBounds() {
    #expect(offers("temperature 9999", Player()).first?.detail.hasSuffix(", at least 0") == true)
    #expect(offers("top-p 0.9", Player()).first?.detail.contains("from 0 to 1") == true)
    #expect(offers("max tokens 9", Player()).first?.detail.contains("at least 1") == true)
    let beams = Player(task: .translate)
    #expect(offers("beams 5", beams).first?.detail.contains("from 1 to ") == true)
    #expect(offers("length penalty 1", beams).first?.detail.contains("from ") == true)
  }

  @Test func thePaletteDoesNotOfferItself() {
    var player = Player()
    player.press("ctrl-p")
    guard case .picker(let picker) = player.state.overlay else {
      Issue.record("no palette")
      return
    }
    let items = player.state.items(picker)
    #expect(items.count > 20 && !items.contains { $0.choice == .action(.palette) })
  }

  @Test func lettersHereAndThereAreNoMatchBesideWords() {
    var player = Player()
    player.press("ctrl-p")
    player.type("temp")
    guard case .picker(let picker) = player.state.overlay else {
      Issue.record("no palette")
      return
    }
    let found = player.state.items(picker).map(\.name).sorted()
    #expect(found == ["Sampler settings", "dynatemp-range …", "temperature …"])
  }

  @Test func otherWordsFindActions() {
    #expect(said("swap", Player(task: .translate)).state.translate.direction.source == "fr")
    if case .help = said("shortcuts").state.overlay {} else { Issue.record("no help") }
    if case .sampler = said("sampler").state.overlay {} else { Issue.record("no sampler") }
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
    #expect(player.state.tab == .fillMask, "it opens in the tab of its family")
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
