import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Translate tab: a translation that is translated back.
@Suite struct WayBackStories {
  /// A translated line, and the way back. The scripted model answers in French in both directions.
  static func player(_ size: Size = Size(120, 36), text: String = "Comment vas-tu aujourd'hui ?") -> Player {
    var player = Player(size.width, size.height, task: .translate)
    player.send(.input(.paste(text)))
    player.press("enter tab tab V")
    return player
  }

  private func requests(_ player: Player) -> [BackTranslationRequest] {
    player.effects.compactMap { if case .translateBack(_, let request) = $0 { request } else { nil } }
  }

  @Test func theShownTranslationIsTranslatedBack() throws {
    var player = Self.player()
    #expect(player.state.translate.focus == .back && player.screen.contains("Back to English"))
    #expect(!player.screen.contains("Beams"))
    let request = try #require(requests(player).last)
    #expect(request.original == "Comment vas-tu aujourd'hui ?" && (request.source, request.target) == ("en", "fr"))
    let shown = try #require(player.state.translate.beams.hypothesis?.trace)
    #expect(request.context.ids == shown.tokens.map(\.token.id))
    let answer = try #require(player.state.translate.back.answer)
    let sum = try #require(answer.forward.logprob)
    #expect(answer.forward.map(\.token.id) == request.context.ids)
    #expect(answer.backward.map(\.token.text).joined().hasPrefix("Comment vas-tu"))
    #expect(player.screen.contains(NumberText.fixed(sum, decimals: 2)) && player.screen.contains("per token"))
    player.press("V")
    #expect(player.state.translate.focus == .beams && player.screen.contains("Beams"))
    #expect(player.state.translate.back.answer == nil)
  }

  @Test func wordsThatOnlyOneTextHasAreMarked() throws {
    let player = Self.player()
    let back = player.state.translate.back
    #expect(back.original.map(\.text) == ["Comment", "vas-tu", "aujourd'hui", "?"])
    #expect(back.original.map(\.isOwn) == [false, true, false, false])
    #expect(back.returned.map(\.text) == ["Comment", "allez-vous", "aujourd'hui", "?"])
    #expect(back.returned.map(\.isOwn) == [false, true, false, false])
    // Without colors the marks are bold.
    for colors in [ColorDepth.none, .trueColor] {
      let grid = player.grid(colors)
      let lines = grid.plainText.split(separator: "\n", omittingEmptySubsequences: false)
      let row = try #require(lines.firstIndex { $0.contains(" back  Comment") })
      let word = try #require(lines[row].firstRange(of: "allez-vous")).lowerBound
      let first = try #require(lines[row].firstRange(of: "Comment")).lowerBound
      let style = { (place: String.Index) in grid[Point(lines[row][..<place].columnWidth, row)].style }
      #expect(style(word).attributes.contains(.bold) && !style(first).attributes.contains(.bold))
    }
  }

  @Test func alignmentAndWayBackTakeTheSamePlace() {
    var player = Self.player()
    player.press("A")
    #expect(player.screen.contains("Alignment") && !player.state.translate.back.isShown)
    player.press("V")
    #expect(player.screen.contains("Back to English") && !player.state.translate.alignment.isShown)
  }

  @Test func anotherBeamAndAnotherTextAreTranslatedAnew() throws {
    var player = Self.player()
    let first = try #require(requests(player).last)
    player.press("V down V")
    let second = try #require(requests(player).last)
    #expect(second.context != first.context && second.original == first.original)
    // Moving the cursor in the text asks nothing.
    let count = requests(player).count
    player.press("left left right")
    #expect(requests(player).count == count)
    player.press("shift-tab shift-tab shift-tab")
    player.type(" Vous")
    #expect(player.state.translate.focus == .prompt && player.state.translate.back.answer == nil)
    player.press("enter")
    #expect(requests(player).last?.original == "Comment vas-tu aujourd'hui ? Vous")
  }

  @Test func ofSeveralLinesTheOneAtTheCursorIsTranslatedBack() {
    var player = Self.player(text: "How are you?\n\nYou are")
    #expect(requests(player).last?.original == "How are you?")
    player.press("G")
    player.press("shift-tab G")
    #expect(requests(player).last?.original == "You are")
  }

  @Test func aModelOfOneDirectionSaysSo() throws {
    var player = Self.player()
    player.holdsAnswers = true
    player.press("V V")
    let ticket = try #require(
      player.effects.compactMap { if case .translateBack(let ticket, _) = $0 { ticket } else { nil } }.last)
    #expect(player.state.translate.isBusy && player.screen.contains("translated back"))
    player.send(
      .translatedBack(
        ticket,
        .failure(
          EngineError(
            .usage, "no such pair of languages", at: "model 'm'", expected: "en to fr", found: "fr to en"))))
    #expect(player.screen.contains("no such pair of languages: expected en to fr"))
    #expect(!player.state.translate.isBusy && player.state.translate.beams.hypothesis != nil)
  }

  @Test func escStopsItAndTheTextThatCameBackIsCopied() {
    var player = Self.player()
    player.press("y")
    #expect(player.effects.contains(.copy(player.state.translate.back.answer?.text ?? "-")))
    player.holdsAnswers = true
    player.press("V V esc")
    #expect(!player.state.translate.isBusy && player.effects.contains(.cancel(.back)))
    #expect(player.screen.contains("stopped"))
  }

  @Test func nothingIsAskedBeforeThereIsATranslation() {
    var player = Player(80, 24, task: .translate)
    player.press("tab V")
    #expect(requests(player).isEmpty && player.screen.contains("nothing is translated yet"))
  }

  @Test func aLongTextScrolls() {
    var player = Self.player(Size(40, 12), text: String(repeating: "vous va ", count: 40))
    let top = player.screen
    player.press("pagedown")
    #expect(player.state.translate.back.top > 0 && player.screen != top)
    player.press("G")
    let last = player.state.translate.back.top
    player.press("down")
    #expect(player.state.translate.back.top == last)
    player.press("g")
    #expect(player.screen == top)
  }
}
