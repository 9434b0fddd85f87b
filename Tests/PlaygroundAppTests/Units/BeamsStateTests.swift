import EngineAPI
import Sessions
import TerminalUI
import TestSupport
import Testing

@testable import PlaygroundApp

/// The lines of a translation, and the single text that shows them.
struct BeamsStateTests {
  private func line(_ words: [String], _ number: Int = 0) -> BeamsState.Line {
    var trace = Trace.made(
      words.map { ScoredToken(token: TokenValue(id: 9, bytes: Array($0.utf8)), logprob: -1, rank: 1, entropy: 0) })
    trace.place = Place(NodeID(number), words.count)
    return BeamsState.Line(hypotheses: [BeamsState.Hypothesis(trace: trace, score: -1, reason: .endOfText)])
  }

  private func text(_ beams: BeamsState) -> String {
    beams.hypothesis.map { $0.trace.text(endOfText: [0]) } ?? ""
  }

  @Test func linesThatComeOneByOneShowWhatTheyShowTogether() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      var lines: [BeamsState.Line] = []
      var words: [String] = []
      var grown = BeamsState()
      for number in 0..<Int(random.next() % 6) + 1 {
        let tokens = (0..<random.next() % 4).map { "w\(number).\($0) " }
        lines.append(tokens.isEmpty && Bool.random(using: &random) ? BeamsState.Line() : line(tokens, number))
        words.append(tokens.joined())
        grown.append(lines.suffix(1))
        let whole = BeamsState(lines: lines)
        #expect(grown == whole)
        if words.contains(where: { !$0.isEmpty }) {
          let text = text(whole)
          #expect(words.joined(separator: "\n").hasPrefix(text) && !text.isEmpty)
          #expect(words.joined(separator: "\n").dropFirst(text.count).allSatisfy { $0 == "\n" })
        }
      }
      let trace = grown.hypothesis?.trace
      for token in 0..<(trace?.tokens.count ?? 0) {
        let number = grown.line(at: token)
        #expect(grown.range(ofLine: number).contains(token))
        #expect(trace?.part(at: token).place == lines[number].place)
      }
    }
  }

  /// A cost quadratic in the number of lines would take minutes here.
  @Test func thousandsOfLinesCostWhatTheyAre() {
    let count = 40_000
    var beams = BeamsState()
    for number in 0..<count {
      beams.append([line(["a", "b"], number)])
      #expect(beams.hypothesis != nil)
    }
    #expect(text(beams).utf8.count == 3 * count - 1)
    beams.moveCursor(to: 2 * count - 1)
    #expect(beams.current == count - 1)
  }

  @Test func textsOfThousandsOfLinesSwap() {
    var player = Player(task: .translate)
    let source = Array(repeating: "I am here.", count: 2_000).joined(separator: "\n")
    player.send(.input(.paste("How are you?")))
    player.press("enter")
    player.send(.edited(source))
    player.press("f6")
    #expect(player.state.translate.beams.isGiven && player.state.translate.beams.lines.count == 2_000)
    #expect(text(player.state.translate.beams) == source)
  }
}
