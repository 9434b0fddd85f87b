import EngineAPI
import ScriptedSupport
import Synchronization
import TerminalUI
import TestSupport
import Testing

@testable import PlaygroundApp

/// The cost of a frame does not depend on the length of the streamed text. Work is counted, not timed.
@Suite struct FrameCostTests {
  /// A running stream after `count` tokens. Each token is a message of its own, and a frame is drawn now and then.
  private func stream(_ count: Int, focused: Bool) -> PlaygroundState {
    var settings = PlaygroundSettings.steady
    settings.maxTokens = 100_000
    var player = Player(120, 36, settings: settings)
    player.holdsStreams = true
    player.press("right enter")
    if focused { player.press("tab tab") }
    var state = player.state
    add(0..<count, to: &state)
    return state
  }

  private func add(_ range: Range<Int>, to state: inout PlaygroundState) {
    guard let run = state.generate.leading.run else {
      Issue.record("no stream")
      return
    }
    let ticket = Ticket(.stream(state.generate.leading.id), version: run.version)
    for index in range {
      let words = [" once", " upon", " a", " time", ",", "\n"]
      let token = TokenValue(id: 1 + index % 7, bytes: Array(words[index * index % words.count].utf8))
      let scored = ScoredToken(token: token, logprob: -1, rank: 2, entropy: 3)
      _ = update(&state, .stream(ticket, .token(scored, text: ""), time: Double(index)))
      if index % 500 == 0 { _ = view(state) }
    }
  }

  @Test(arguments: [100, 10_000], [false, true])
  func everyTokenIsLaidOutOnce(count: Int, focused: Bool) throws {
    var state = stream(count, focused: focused)
    #expect(try #require(state.generate.leading.run).text.laidOutTokens == count)
    // Drawing frames, keys and answers lay out no token.
    for key in ["up", "pageup", "left", "home", "c", "f1", "esc"] { _ = update(&state, .key(key)) }
    _ = view(state)
    #expect(try #require(state.generate.leading.run).text.laidOutTokens == count)
    add(count..<count + 10, to: &state)
    #expect(try #require(state.generate.leading.run).text.laidOutTokens == count + 10)
  }

  @Test func theTextInTheStateHasTheWidthOfItsPane() throws {
    let state = stream(50, focused: true)
    let pane = try #require(state.shell.layout[.stream(0)])
    let run = try #require(state.generate.leading.run)
    #expect(run.text.flow.wrapped.width == TokenText.room(pane).width)
    // Updating the text once more, as the view does, lays out nothing.
    var text = run.text
    text.update(run.trace, width: TokenText.room(pane).width, endOfText: [0], isComplete: false)
    #expect(text.laidOutTokens == run.text.laidOutTokens)
  }

  @Test func aFrameLooksAtTheTokensThatAreSeenAlone() throws {
    let looked = try [100, 10_000].map { count in
      let text = try #require(stream(count, focused: false).generate.leading.run).text
      let tokens = Mutex<Set<Int>>([])
      var grid = CellGrid(Size(60, 6))
      let view = TextFlowView(
        text.flow, top: text.shownTop(scroll: nil, cursor: nil, height: 6),
        style: { index in
          tokens.withLock { _ = $0.insert(index) }
          return .plain
        })
      grid.draw(view, in: grid.bounds)
      return tokens.withLock { $0 }
    }
    for (seen, count) in zip(looked, [100, 10_000]) {
      #expect(!seen.isEmpty && seen.count < 250)
      #expect(seen.allSatisfy { $0 > count - 250 }, "only the end of the text is on the screen")
    }
  }

  @Test(arguments: 0..<20)
  func aTextThatGrewIsTheTextLaidOutAtOnce(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var tokens: [ScoredToken] = []
    var grown = TokenText()
    var width = 20
    for step in 0..<60 {
      let bytes: [[UInt8]] = [
        [0x20, 0x61], [0xE6], [0x9D, 0xB1], [0xB1], Array(" word".utf8), [0x0A], [0xF0, 0x9F], [0x91, 0xA9], [0x0D],
      ]
      let id = Int.random(in: 0..<12, using: &random) == 0 ? 0 : 1
      tokens.append(
        ScoredToken(
          token: TokenValue(id: id, bytes: bytes[Int.random(in: 0..<bytes.count, using: &random)]), logprob: nil,
          rank: nil, entropy: nil))
      if Int.random(in: 0..<10, using: &random) == 0 { width = 5 + Int.random(in: 0..<30, using: &random) }
      let isComplete = step == 59
      let trace = Trace.made(tokens)
      grown.update(trace, width: width, endOfText: [0], isComplete: isComplete)
      var whole = TokenText()
      whole.update(trace, width: width, endOfText: [0], isComplete: isComplete)
      #expect(grown.flow == whole.flow)
    }
  }
}
