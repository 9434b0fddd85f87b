import EngineAPI
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct HeatTests {
  private func token(probability: Double, rank: Int) -> ScoredToken {
    ScoredToken(
      token: TokenValue(id: 0, bytes: []), logprob: Probability.logarithm(probability), rank: rank, entropy: 1)
  }

  private func quarter(_ measure: HeatMeasure, probability: Double = 0.5, rank: Int = 1) -> Int? {
    HeatScaleSteps.fraction(token(probability: probability, rank: rank), measure).map { HeatPlace.step($0) }
  }

  @Test(arguments: [(0.0, 3), (0.0099, 3), (0.0101, 2), (0.099, 2), (0.101, 1), (0.49, 1), (0.51, 0), (1, 0)])
  func probabilityFallsIntoTheLegendsSteps(probability: Double, step: Int) {
    #expect(quarter(.probability, probability: probability) == step)
  }

  @Test(arguments: [(1, 0), (2, 1), (5, 1), (6, 2), (50, 2), (51, 3), (50_000, 3)])
  func rankFallsIntoTheLegendsSteps(rank: Int, step: Int) {
    #expect(quarter(.rank, rank: rank) == step)
  }

  @Test(arguments: [(0.51, 0), (0.49, 1), (0.126, 1), (0.124, 2), (0.0079, 2), (0.0077, 3), (0, 3)])
  func surpriseFallsIntoTheLegendsSteps(probability: Double, step: Int) {
    #expect(quarter(.surprise, probability: probability) == step)
  }

  @Test func aTokenWithoutNumbersHasNoColor() {
    let token = ScoredToken(token: TokenValue(id: 0, bytes: []), logprob: nil, rank: nil, entropy: nil)
    for measure in HeatMeasure.allCases { #expect(HeatScaleSteps.fraction(token, measure) == nil) }
  }

  @Test func moreProbableIsNeverWarmer() {
    var last = 1.0
    for step in 0...1000 {
      let place = HeatPlace.probability(Double(step) / 1000)
      #expect(place <= last && place >= 0)
      last = place
    }
    #expect(HeatPlace.probability(1) == 0 && HeatPlace.probability(0) == 1)
    #expect(HeatPlace.probability(.nan) == 1 && HeatPlace.surprise(.nan) == 1)
    #expect(HeatPlace.rank(1) == 0 && HeatPlace.surprise(0) == 0)
  }

  /// A stream of one token that was this probable and had this rank, with a measure and a number of colors: the
  /// token's cell, the cell under it, and the legend's cells by step.
  private func screen(probability: Double, rank: Int, _ measure: HeatMeasure, _ colors: ColorDepth)
    -> (text: Cell, mark: Cell, steps: [[Cell]])
  {
    var named = token(probability: probability, rank: rank)
    named.token = TokenValue(id: 0, bytes: Array("word".utf8))
    var grid = CellGrid(Size(100, 4))
    let view = TokenTextView(
      trace: .made([named]), text: TokenText(), endOfText: [], heat: measure, colors: colors, cursor: nil, scroll: nil,
      isRunning: false,
      isFocused: false)
    grid.draw(view, in: Rect(0, 0, 100, 2))
    let legend = HeatScaleSteps.legend(measure, isColored: colors != .none)
    grid.draw(legend, in: Rect(0, 3, 100, 1))
    var column = legend.label.columnWidth
    let steps = legend.steps.map { step -> [Cell] in
      let swatch = colors == .none ? 1 : step.fractions.count
      let cells = (0..<swatch).map { grid[Point(column + 2 + $0, 3)] }
      column += 2 + (cells[0].text == "n" ? 4 : swatch) + 1 + step.label.columnWidth
      return cells
    }
    return (grid[Point(0, 0)], grid[Point(0, 1)], steps)
  }

  @Test(arguments: HeatMeasure.allCases, [ColorDepth.ansi16, .indexed256, .trueColor])
  func theLegendsSwatchesHaveTheColorsOfText(measure: HeatMeasure, depth: ColorDepth) {
    // Three quarters of the way through the four steps of each measure.
    let samples: [(Double, Int)] =
      switch measure {
      case .probability: [(0.625, 1), (0.2, 1), (0.0325, 1), (0.0025, 1)]
      case .rank: [(0.5, 1), (0.5, 5), (0.5, 40), (0.5, 763)]
      case .surprise: [(0.5946, 1), (0.1768, 1), (0.015625, 1), (0.0002, 1)]
      }
    for (index, sample) in samples.enumerated() {
      let screen = screen(probability: sample.0, rank: sample.1, measure, depth)
      #expect(screen.steps[index].allSatisfy { $0.text == "█" })
      // The same position on the scale, apart from the rounding of the sample.
      guard case .heat(let text) = screen.text.style.role,
        case .heat(let swatch)? = screen.steps[index].last?.style.role
      else {
        Issue.record("no heat: \(screen.text.style)")
        continue
      }
      #expect(abs(Int(text) - Int(swatch)) <= 1, "\(measure), step \(index)")
    }
  }

  @Test func withoutColorsTheMarksSayWhatTheLegendSays() {
    for (index, probability) in [0.9, 0.2, 0.03, 0.001].enumerated() {
      let screen = screen(probability: probability, rank: 1, .probability, .none)
      let mark = screen.steps[index][0].text
      #expect(screen.mark.text == (mark == "n" ? " " : mark))
    }
  }

  @Test func barsHaveTheColorOfTextThatIsAsProbable() {
    for probability in [0.99, 0.4, 0.02, 0.0001] {
      let text = HeatScaleSteps.fraction(token(probability: probability, rank: 1), .probability)
      #expect(text.map { Role.heat(fraction: $0) } == HeatScaleSteps.role(probability: probability))
      #expect(text.map { Role.bar(fraction: $0) } == HeatScaleSteps.bar(probability: probability))
    }
  }

  @Test func theMeasuresGoInACircle() {
    #expect(HeatMeasure.probability.next == .rank)
    #expect(HeatMeasure.surprise.next == .probability)
  }

  @Test func noMarkStandsUnderTheSpaceAtTheEndOfALine() {
    var tokens = ["a", " village", " by", " the", " sea"].map { text in
      var token = token(probability: 0.001, rank: 90)
      token.token = TokenValue(id: 1, bytes: Array(text.utf8))
      return token
    }
    tokens[0].logprob = 0
    var grid = CellGrid(Size(12, 6))
    grid.draw(
      TokenTextView(
        trace: .made(tokens), text: TokenText(), endOfText: [], heat: .probability, colors: .none, cursor: nil,
        scroll: nil, isRunning: false, isFocused: false), in: Rect(0, 0, 10, 6))
    #expect(
      grid.lines.map { $0.replacing(#/ +$/#, with: "") }.prefix(4) == [
        "a village", " ████████", "by the sea", "██████████",
      ])
  }
}
