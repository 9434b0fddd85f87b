import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A text without masks in the Fill mask tab: its words, and what would be likelier.
@Suite struct MaskedWordStories {
  static func player(_ size: Size = Size(120, 36)) -> Player {
    var player = Player(size.width, size.height, task: .fillMask)
    player.send(.input(.paste("The capital of Paris is the king")))
    return player
  }

  @Test func everyWordHasItsProbability() throws {
    let player = Self.player()
    let words = player.state.fillMask.words.words
    #expect(words.map(\.text) == ["The", "capital", "of", "Paris", "is", "the", "king"])
    #expect(words.allSatisfy { $0.logprob != nil } && player.screen.contains("Word by word"))
    for word in words where word.pieces == 1 {
      #expect(word.likelier.allSatisfy { ($0.logprob ?? 0) > (word.logprob ?? 0) })
    }
  }

  @Test func enterMasksTheChosenWord() throws {
    var player = Self.player()
    player.press("tab g down")
    #expect(player.state.fillMask.focus == .maskedWords && player.state.fillMask.words.window.selected == 1)
    player.press("enter")
    #expect(player.state.fillMask.prompt.editor.text == "The [MASK] of Paris is the king")
    #expect(player.state.fillMask.focus == .mask(0) && player.state.fillMask.lists[0].answer != nil)
    #expect(player.state.fillMask.words.words.isEmpty)
  }

  @Test func escStopsTheScoring() {
    var player = Self.player()
    player.holdsAnswers = true
    player.type(" a")
    player.answerOne()
    if player.state.fillMask.words.isAwaited {
      player.press("esc")
      #expect(!player.state.fillMask.isBusy && player.effects.contains(.cancel(.maskedWords)))
    }
  }
}
