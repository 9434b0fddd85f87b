import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The alignment of words, and translations with a given beginning.
@Suite struct AlignmentStories {
  static func player(_ size: Size = Size(120, 36)) -> Player {
    var player = Player(size.width, size.height, task: .translate)
    player.send(.input(.paste("How are you?")))
    player.press("enter")
    return player
  }

  @Test func wordsAreAlignedBothWays() throws {
    var player = Self.player()
    player.press("tab tab A")
    let alignment = try #require(player.state.translate.alignment.alignment)
    let request = try #require(
      player.effects.compactMap { if case .inspect(_, let request) = $0 { request } else { nil } }.last)
    #expect(request.parts == [.attention] && request.context.encoderIDs?.isEmpty == false)
    // The task's prefix and the end of the text are no words.
    #expect(alignment.source == ["How", "are", "you?"] && alignment.target.first == "Comment")
    #expect(alignment.weights.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-9 || $0.allSatisfy { $0 == 0 } })
    #expect(player.screen.contains("Alignment") && !player.screen.contains("Beams"))
    player.press("A")
    #expect(!player.state.translate.alignment.isShown && player.state.translate.alignment.alignment == nil)
  }

  @Test func aTranslationBeginsWithWhatIsTyped() throws {
    var player = Self.player()
    player.press("tab tab B")
    player.type("Vous")
    player.press("enter")
    let request = try #require(
      player.effects.compactMap { if case .beamSearch(_, let request) = $0 { request } else { nil } }.last)
    #expect(!request.context.ids.isEmpty)
    let shown = try #require(player.state.translate.beams.hypothesis?.trace)
    #expect(shown.text(endOfText: player.state.shell.endOfText(shown)).hasPrefix("Vous"))
    #expect(shown.tokens.map(\.token.id).starts(with: request.context.ids))
    player.press("u")
    #expect(player.state.translate.beams.hypothesis?.trace != shown)
  }
}
