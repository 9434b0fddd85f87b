import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Sampler settings by name.
@Suite struct PresetStories {
  private static func settings() -> PlaygroundSettings {
    var settings = PlaygroundSettings.greedy
    var calm = SamplingSettings()
    (calm.temperature, calm.topP) = (0.6, 0.9)
    var wild = SamplingSettings()
    (wild.temperature, wild.minP) = (1.5, 0.05)
    settings.presets = [SamplerPreset("calm", calm), SamplerPreset("wild one", wild)]
    return settings
  }

  @Test func aPresetIsChosenFromTheSamplerOrByItsName() {
    var player = Player(settings: Self.settings())
    player.press("f3 p")
    #expect(player.screen.contains("wild one") && player.screen.contains("T 0.6 · p 0.9"))
    player.press("down enter")
    #expect(player.state.generate.leading.settings == Self.settings().presets[1].settings)
    #expect(player.screen.contains("settings: wild one"))
    player.press("ctrl-p")
    player.type("preset cal")
    player.press("enter")
    #expect(player.state.generate.leading.settings.temperature == 0.6)
    player.press("alt-p")
    #expect(player.screen.contains("Sampler settings by name"))
  }

  @Test func settingsAreSavedUnderANameAndCanBeReplaced() {
    var player = Player(settings: Self.settings())
    player.press("f3 S")
    player.type("quite new")
    #expect(player.screen.contains("Save as quite new"))
    player.press("enter")
    #expect(player.state.shell.settings.presets.map(\.name) == ["calm", "wild one", "quite new"])
    #expect(player.screen.contains("the settings are saved as quite new"))
    guard
      case .savePreset(let saved)? = player.effects.last(where: { if case .savePreset = $0 { true } else { false } })
    else {
      Issue.record("nothing was saved")
      return
    }
    #expect(saved == SamplerPreset("quite new", player.state.generate.leading.settings))
    player.press("alt-s")
    player.type("calm")
    #expect(player.screen.contains("Replace calm"))
    player.press("enter")
    #expect(player.state.shell.settings.presets[0].settings == player.state.generate.leading.settings)
  }

  @Test func wrongNamesAreRefused() {
    var player = Player(settings: Self.settings())
    for name in ["a/b", "-", ": x", String(repeating: "a", count: 41)] {
      player.press("alt-s")
      player.type(name)
      player.press("enter")
      #expect(player.screen.contains("a name has letters"), "\(name)")
      player.press("esc")
    }
    #expect(!player.effects.contains { if case .savePreset = $0 { true } else { false } })
  }

  @Test func aTabWithoutASamplerSaysSo() {
    var player = Player(task: .fillMask, settings: Self.settings())
    player.press("alt-p")
    #expect(player.screen.contains("Fill mask has no sampler settings") && player.state.overlay == nil)
  }

  @Test func beamsTakeTheProcessorsOfAPreset() {
    var settings = Self.settings()
    settings.presets[0].settings.repetitionPenalty = 1.3
    var player = Player(task: .translate, settings: settings)
    player.press("alt-p enter")
    let chain = player.state.current.sampler?.chain
    #expect(chain?.repetitionPenalty == 1.3 && chain?.order.allSatisfy(\.isProcessor) == true)
  }

  @Test func withoutPresetsTheListSaysHowToMakeOne() {
    var player = Player()
    player.press("alt-p")
    #expect(player.screen.contains("no settings have a name yet"))
  }
}
