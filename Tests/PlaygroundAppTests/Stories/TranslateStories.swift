import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct TranslateStories {
  private func translated(_ width: Int = 120, _ height: Int = 36) -> Player {
    var player = Player(width, height, task: .translate)
    player.type("How are you?")
    player.press("enter")
    return player
  }

  private func text(_ player: Player) -> String {
    guard let trace = player.state.translate.beams.hypothesis?.trace else { return "" }
    return trace.text(endOfText: [0])
  }

  @Test func beamsAreListedWithTheirScores() {
    let player = translated()
    #expect(text(player) == "Comment allez-vous aujourd'hui ?")
    #expect(player.state.translate.beams.hypotheses.count == 4)
    let scores = player.state.translate.beams.hypotheses.map(\.score)
    #expect(scores == scores.sorted(by: >))
    #expect(player.screen.contains("▸ -0.064  Comment allez-vous aujourd'hui ?"))
  }

  @Test func thePrefixIsTheModelsOwnAndAskedOnce() {
    let player = translated()
    let asked = player.effects.filter { if case .translationPrefix = $0 { true } else { false } }
    #expect(
      asked == [.translationPrefix(TranslationDirection(from: "en", to: "fr"), model: ModelReference("interpreter"))])
    let trace = player.state.translate.beams.hypothesis?.trace
    let encoder = trace.map { player.state.shell.tree.context(of: $0).encoderIDs ?? [] } ?? []
    let model = ScriptedModel.bundled[3]
    #expect((try? model.text(of: encoder)) == "translate English to French: How are you?")
  }

  /// The prompt's count of the text's own tokens equals the count below it after the languages are swapped.
  @Test func thePromptSaysHowManyOfItsTokensAreTheTexts() {
    var player = translated()
    #expect(player.state.prompt.ownCount == 4 && player.screen.contains(" tokens · 4 of the text"), "\(player.screen)")
    player.press("f6")
    #expect(player.screen.contains("4 tok · as it was written"), "\(player.screen)")
    player = translated(40, 12)
    #expect(!player.screen.contains("of the text"))
  }

  @Test func theFirstTokenIsKnownBeforeAnythingIsTranslated() {
    var player = Player(task: .translate)
    player.type("How are you?")
    #expect(player.state.translate.candidates.rows[0]?.ranked.token.text == " Comment")
    #expect(player.state.translate.beams.hypotheses.isEmpty)
  }

  @Test func anotherBeamIsLookedAt() {
    var player = translated()
    player.press("tab tab tab down")
    #expect(player.state.translate.beams.chosen == 1)
    #expect(text(player) != "Comment allez-vous aujourd'hui ?")
  }

  @Test func anAlternativeAtAPositionIsSearchedOnFrom() {
    var player = translated()
    player.press("tab tab g right")
    #expect(player.state.translate.beams.cursor == 1)
    #expect(player.screen.contains("Candidates, token 2"))
    player.press("shift-tab down")
    let candidate = player.state.translate.candidates.chosen
    player.press("enter")
    let shown = player.state.translate.beams.hypothesis
    #expect(shown?.trace.tokens[0].token.text == " Comment")
    #expect(shown?.trace.tokens[1].token == candidate?.ranked.token)
    #expect(shown?.trace.tokens[1].logprob == candidate?.ranked.logprob)
    // The score includes every token, also those before the replaced one.
    let sum = shown?.trace.tokens.reduce(0) { $0 + ($1.logprob ?? 0) } ?? 0
    #expect(abs((shown?.score ?? 0) - sum / Double(shown?.trace.tokens.count ?? 1)) < 1e-12)
    let scores = player.state.translate.beams.hypotheses.map(\.score)
    #expect(scores == scores.sorted(by: >))
    let after = text(player)
    player.press("u")
    #expect(text(player) == "Comment allez-vous aujourd'hui ?")
    player.press("ctrl-r")
    #expect(text(player) == after)
  }

  @Test func theOtherDirectionHasItsOwnPrefix() {
    var player = translated()
    player.press("tab r")
    #expect(player.state.translate.direction == TranslationDirection(from: "fr", to: "en"))
    #expect(player.screen.contains("fr → en"))
    #expect(player.state.prompt.prefixLength == "translate French to English: ".utf8.count)
    player.press("L up enter")
    #expect(player.state.translate.direction == TranslationDirection(from: "en", to: "fr"))
  }

  @Test func aNewTextHasItsOwnFirstToken() {
    var player = translated()
    player.type(" x")
    let query = player.state.translate.candidates.query
    #expect(query?.position == 0 && query?.context.encoderIDs == player.state.prompt.ids)
    #expect(text(player) == "Comment allez-vous aujourd'hui ?", "the old translation stays until another one comes")
  }

  @Test func nothingIsTranslatedFromNothing() {
    var player = Player(task: .translate)
    player.type(" ")
    player.press("backspace enter")
    #expect(!player.state.translate.beams.hypotheses.isEmpty, "an empty prompt takes the example")
  }

  @Test func aSearchCanBeStopped() {
    var player = Player(task: .translate)
    player.type("How")
    player.holdsAnswers = true
    player.press("enter")
    guard case .running = player.state.translate.beams.status else {
      Issue.record("not running: \(player.state.translate.beams.status)")
      return
    }
    player.press("esc")
    #expect(player.effects.last == .cancel(.beams))
    #expect(player.state.translate.beams.status == .stopped)
    player.holdsAnswers = false
    player.answer()
    #expect(player.state.translate.beams.hypotheses.isEmpty, "the late answer is ignored")
  }

  @Test func beamsHaveNoStagesThatDraw() {
    var player = translated()
    #expect(player.state.translate.search.chain.order == SamplerStage.processors.filter(\.row.isStandard))
    player.press("tab s")
    #expect(player.screen.contains("Beam search") && !player.screen.contains("top-p"))
    player.press("G up up up up right enter")
    #expect(player.state.translate.search.beams == 5)
  }
}
