import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Inside tab with scripted models of two layers with two heads.
@Suite struct InsideStories {
  static let text = "Once upon a time, in village by the sea"

  static func player(
    _ size: Size = Size(120, 36), model: String = "storyteller", text: String = text
  ) -> Player {
    var player = Player(size.width, size.height, task: .inside, models: [.inside: [ModelReference(model)]])
    if !text.isEmpty { player.send(.input(.paste(text))) }
    return player
  }

  private func requests(_ player: Player, _ slot: Slot = .insideLook) -> [InspectionRequest] {
    player.effects.compactMap {
      if case .inspect(let ticket, let request) = $0, ticket.slot == slot { request } else { nil }
    }
  }

  @Test func theLayersAreAskedForAsTheTextIsTyped() throws {
    let player = Self.player()
    let tab = player.state.inside
    let answer = try #require(tab.look.answer)
    #expect(answer.tokens.map(\.text).joined() == Self.text)
    #expect(tab.position == answer.tokens.count - 1 && tab.layers == 2 && tab.row == 2)
    // The last request has the attention of the last layer, and the table that fits the pane.
    let request = try #require(requests(player).last)
    #expect(request.parts == [.lens, .norms, .attention] && request.attentionLayer == 1)
    #expect(request.table?.positions.contains(answer.position) == true)
    #expect(answer.table.count == 3 && answer.table[0].count == request.table?.positions.count)
    let sums = try #require(requests(player, .insideSums).last)
    #expect(sums.parts == [.attribution] && sums.token == answer.token.token.id && sums.against != nil)
    #expect(!tab.isBusy)
  }

  @Test func arrowsMoveThroughTokensAndLayers() throws {
    var player = Self.player()
    let count = try #require(player.state.inside.look.answer?.tokens.count)
    player.press("enter")
    #expect(player.state.inside.focus == .lens)
    player.press("left left down")
    #expect(player.state.inside.position == count - 3 && player.state.inside.row == 1)
    let request = try #require(requests(player).last)
    #expect(request.position == count - 3 && request.attentionLayer == 0)
    #expect(requests(player, .insideSums).last?.position == count - 3)
    player.press("g")
    #expect(player.state.inside.position == 0 && requests(player).last?.table?.positions.lowerBound == 0)
    player.press("down down down")
    #expect(player.state.inside.row == 0 && player.state.inside.layer == 0)
    player.press("G } } }")
    #expect(player.state.inside.position == count - 1 && player.state.inside.row == 2)
    // Another layer is another question; another head is not.
    let asked = requests(player).count
    player.press(">")
    #expect(requests(player).count == asked)
  }

  @Test func theHeadThatLooksHardestComesFirst() throws {
    var player = Self.player()
    player.press("tab tab tab d")
    let tab = player.state.inside
    #expect(tab.focus == .heads && tab.looksBack)
    let heads = tab.heads
    #expect(heads.count == 2 && heads[0].share >= heads[1].share)
    // The column of the last token: it alone sees itself.
    #expect(heads[0].weights.last == 0.5 && heads[0].weights.dropLast().allSatisfy { $0 == 0 })
    #expect(heads[0].share == 0.5 && heads[0].most == heads[0].weights.count - 1)
    player.press("d")
    let forward = player.state.inside.heads[0]
    #expect(forward.weights.first == 0.5 && forward.most == 0)
    player.press("down down")
    #expect(player.state.inside.head == 1)
    player.press("up up up")
    #expect(player.state.inside.head == 0)
  }

  @Test func theAnswerToAnOlderTextIsDropped() throws {
    var player = Self.player()
    let shown = try #require(player.state.inside.look.answer)
    player.holdsAnswers = true
    player.type(" a")
    let awaited = player.state.inside.look.awaited
    player.send(.inspected(Ticket(.insideLook, version: 1), .failure(EngineError(.input, "late"))))
    #expect(player.state.inside.look.answer == shown && player.state.inside.look.failure == nil)
    player.holdsAnswers = false
    player.answer()
    #expect(player.state.inside.look.answer?.tokens.count == shown.tokens.count + 1)
    #expect(awaited == nil || player.state.inside.look.awaited == nil)
  }

  @Test func aPartThatIsSwitchedOffChangesThePrediction() throws {
    var player = Self.player()
    player.press("enter 0")
    #expect(player.state.inside.off == [ModelPart(layer: 1, .head(0))])
    #expect(requests(player, .insideChange).last?.changes == [.scale(ModelPart(layer: 1, .head(0)), by: 0)])
    #expect(player.screen.contains("Without layer 2 head 1") && player.screen.contains("KL 0.500"))
    #expect(player.screen.contains("--ablate 1.0"))
    // Lens and sums stay those of the unchanged model.
    #expect(requests(player).allSatisfy { $0.changes.isEmpty })
    #expect(requests(player, .insideSums).allSatisfy { $0.changes.isEmpty })
    player.press("f L")
    #expect(player.state.inside.off.map(\.piece) == [.head(0), .feedForward, .whole])
    player.press("0")
    #expect(player.state.inside.off.map(\.piece) == [.feedForward, .whole])
    player.press("backspace")
    #expect(player.state.inside.changes.isEmpty && player.state.inside.changed.answer == nil)
    player.press("backspace")
    #expect(player.state.shell.notice == "nothing is changed")
  }

  @Test func aTokenIsFollowedAndComparedWithAnother() throws {
    var player = Self.player()
    player.press("tab tab down down")
    let top = try #require(player.state.inside.prediction?.top)
    player.press("enter")
    #expect(player.state.inside.followed == top[2].token.id && requests(player).last?.token == top[2].token.id)
    player.press("v")
    #expect(player.state.shell.notice?.hasPrefix("this is the followed token") == true)
    player.press("down v")
    let sums = try #require(requests(player, .insideSums).last)
    #expect(sums.token == top[2].token.id && sums.against == top[3].token.id)
    player.press("up enter")
    #expect(player.state.inside.followed == nil && requests(player).last?.token == nil)
  }

  @Test func thePartsAddUpToTheDifference() throws {
    let tab = Self.player().state.inside
    let sum = tab.orderedParts.reduce(0) { $0 + $1.logit }
    #expect(sum == tab.sums.answer?.logit)
    #expect(tab.orderedParts.map { abs($0.logit) } == tab.orderedParts.map { abs($0.logit) }.sorted(by: >))
  }

  @Test func aRefusalIsShownWithItsReason() throws {
    var player = Self.player()
    player.holdsAnswers = true
    player.press("enter left")
    while player.state.inside.look.awaited != nil { player.answerOne() }
    let awaited = try #require(player.state.inside.sums.awaited)
    player.send(
      .inspected(
        Ticket(.insideSums, version: awaited),
        .failure(
          EngineError(
            .usage, "no attribution for this model", found: "each layer normalizes the residual stream after its sums"))
      ))
    #expect(player.screen.contains("no attribution for this model: each layer"))
    #expect(player.state.overlay == nil)
  }

  @Test func anEmptyTabTakesTheTextOfTheTabBefore() throws {
    var player = Player(120, 36, task: .generate)
    player.send(.input(.paste("Once upon a time")))
    player.press("alt-8")
    #expect(player.state.inside.prompt.editor.text == "Once upon a time")
    #expect(player.state.inside.look.answer?.tokens.map(\.text).joined() == "Once upon a time")
    // A text that is there stays; a key takes the other one.
    player.press("alt-1 enter alt-8")
    #expect(player.state.inside.prompt.editor.text == "Once upon a time")
    player.press("alt-t")
    let made = player.state.inside.prompt.editor.text
    #expect(made.hasPrefix("Once upon a time little"))
    // The text of a masked model comes with its model.
    player.press("alt-2")
    player.send(.input(.paste("The capital of [MASK] is")))
    player.press("alt-8 alt-t")
    #expect(player.state.inside.model.name == "cloze")
    #expect(player.state.inside.prompt.editor.text == "The capital of [MASK] is")
    let mask = try #require(player.state.inside.look.answer?.position)
    #expect(player.state.inside.look.answer?.tokens[mask].text == "[MASK]")
  }

  @Test func aTranslationComesWithItsSource() throws {
    var player = Player(120, 36, task: .translate)
    player.send(.input(.paste("How are you?")))
    player.press("enter alt-8")
    let lines = player.state.inside.prompt.editor.text.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].hasSuffix("How are you?") && lines[1].hasPrefix("Comment"))
    let request = try #require(requests(player).last)
    #expect(request.context.encoderIDs?.isEmpty == false && !request.context.ids.isEmpty)
    #expect(player.state.inside.look.answer?.source != nil)
  }

  @Test func aTextThatIsTooLongIsRefused() {
    var player = Self.player(text: "")
    player.send(.input(.paste(String(repeating: " a", count: 513))))
    #expect(player.state.inside.look.failure?.what == "the text is too long")
    #expect(player.state.inside.look.answer == nil && player.screen.contains("the text is too long"))
    player.press("ctrl-u")
    #expect(player.screen.contains("write a text, or press the right arrow for an example"))
  }

  @Test func theFirstTokenOfALayerHasTheColorOfItsProbabilityOrItsMark() throws {
    let player = Self.player()
    let tab = player.state.inside
    let pane = try #require(player.state.shell.layout[.lens])
    let columns = LensColumns(pane.inside)
    let first = try #require(tab.look.answer?.table[2][0])
    let probability = Probability.of(logprob: try #require(first.logprob))
    let place = Point(columns.x(0), pane.inside.y + columns.headRows)
    #expect(player.grid()[place].style.role == HeatScaleSteps.role(probability: probability))
    #expect(player.grid()[place].text == "·")
    let plain = player.grid(.none)
    #expect(plain[place].style.role == .text)
    #expect(plain[place].text == plain.glyphs.shade(HeatPlace.probability(probability)))
  }

  @Test func escStopsTheReading() {
    var player = Self.player()
    player.press("enter")
    player.holdsAnswers = true
    player.press("left")
    #expect(player.state.inside.isBusy)
    player.press("esc")
    #expect(!player.state.inside.isBusy && player.effects.contains(.cancel(.insideLook)))
  }

  @Test func thePanesAreSaidAsLines() throws {
    var player = Self.player()
    let shell = player.state.shell
    let tab = player.state.inside
    let lens = try #require(tab.spoken(.lens, shell))
    #expect(lens[0].hasPrefix("after ·sea, token ") && lens[1].hasPrefix("layer 2: ") && lens.count == 5)
    #expect(tab.spoken(.heads, shell)?.first?.hasPrefix("layer 2 head 1: 50.00 % on Once") == true)
    #expect(tab.spoken(.sums, shell)?.first == "together: +3.38")
    player.press("enter o o 0")
    #expect(player.state.inside.spoken(.lens, shell)?[1].hasPrefix("layer 2: norm ") == true)
    #expect(player.state.inside.spoken(.change, shell)?.first == "KL 0.500 bits, back 0.250")
  }
}
