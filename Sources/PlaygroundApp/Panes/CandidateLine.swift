import EngineAPI
import Sampling
import TerminalUI

/// One candidate: its rank, its token made visible, a bar, and its numbers.
struct CandidateLine: Widget {
  var candidate: Candidate
  /// The number of candidates that the engine knows, if it does not know the whole distribution.
  var known: Int?
  /// Whether the numbers are those after the chain.
  var isChain: Bool
  /// The probability of the longest bar.
  var best: Double
  var isChosen: Bool
  /// Whether it is the token that the text has at this position.
  var isActual: Bool
  var columns: CandidateColumns
  /// What the color of the bar stands for.
  var heat = HeatMeasure.probability

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let ground: Role? = isChosen ? .selection : nil
    let isRemoved = candidate.removedBy != nil
    let dim = Style(.dim, on: ground)
    let y = rect.y
    if isChosen { grid.draw(grid.glyphs.chosen, at: Point(rect.x, y), style: Style(.accent, on: ground)) }
    if isActual {
      grid.draw(grid.glyphs.dot, at: Point(rect.x + 1, y), style: Style(.accent, on: ground))
    } else if isRemoved, !isChain {
      grid.draw(grid.glyphs.cross, at: Point(rect.x + 1, y), style: dim)
    }
    let rank = NumberText.padded(candidate.rankText(known: known), columns.rank)
    grid.draw(rank, at: Point(rect.x + columns.rankColumn, y), style: dim, maxWidth: columns.rank)
    let token = visible(bytes: candidate.ranked.token.bytes, glyphs: grid.glyphs)
    let style = Style(isRemoved && isChain ? .dim : .text, on: ground, isActual ? .bold : [])
    grid.draw(
      token, at: Point(rect.x + columns.tokenColumn, y), style: style, maxWidth: columns.token, truncation: .tail)
    drawBar(in: Rect(rect.x + columns.barColumn, y, columns.bar, 1), ground: ground, on: &grid)
    let probability = candidate.shownProbability(chain: isChain)
    if let probability {
      grid.draw(
        NumberText.percent(probability), at: Point(rect.x + columns.percentColumn, y),
        style: isRemoved && isChain ? dim : Style(.text, on: ground))
    } else {
      // There is no bar to draw, so the text may start in the bar's columns.
      let end = rect.x + columns.percentColumn + NumberText.percentWidth
      grid.draw("not known", at: Point(end - "not known".count, y), style: dim)
    }
    if columns.hasLogprob, let logprob = candidate.shownLogprob(chain: isChain), !isChain || logprob.isFinite {
      let text = NumberText.padded(NumberText.logProbability(logprob), columns.logprobWidth)
      grid.draw(text, at: Point(rect.x + columns.logprobColumn, y), style: dim)
    }
    // The cumulative mass refers to the model's distribution. For the distribution after the chain, show the model's
    // probability of the token instead.
    let last = isChain ? candidate.shownProbability(chain: false) : candidate.cumulative
    if columns.hasCumulative, let last {
      grid.draw(NumberText.percent(last), at: Point(rect.x + columns.cumulativeColumn, y), style: dim)
    }
  }

  /// A bar, or the stage that removed the token.
  private func drawBar(in rect: Rect, ground: Role?, on grid: inout CellGrid) {
    if isChain, let stage = candidate.removedBy {
      let text = "\(grid.glyphs.cross) \(stage.rawValue)"
      grid.draw(text, at: rect.origin, style: Style(.dim, on: ground), maxWidth: rect.width, truncation: .tail)
      return
    }
    guard let probability = candidate.shownProbability(chain: isChain) else { return }
    let color = HeatScaleSteps.bar(candidate.ranked, probability: probability, heat)
    let share = best > 0 ? probability / best : 0
    grid.draw(bar: Bar.text(share, width: rect.width, glyphs: grid.glyphs), in: rect, style: Style(color, on: ground))
  }
}

extension Candidate {
  /// The model's probability, or the one after the chain; `nil` if the engine can't know it.
  func shownProbability(chain: Bool) -> Double? {
    chain ? chainProbability : ranked.logprob.map(Probability.of)
  }

  /// The natural logarithm of the probability that is shown; `nil` if the engine can't know it.
  func shownLogprob(chain: Bool) -> Double? {
    chain ? chainProbability.map(Probability.logarithm) : ranked.logprob
  }

  /// The rank; `>20` for a token that is not among the 20 that the engine knows.
  func rankText(known: Int?) -> String { ranked.rank.map { String($0) } ?? known.map { ">\($0)" } ?? "?" }
}

/// The widths of a candidate list's columns, in cells of the terminal. Numbers have fixed widths, so that columns do
/// not move when values change.
struct CandidateColumns {
  /// The width of the rank's digits.
  let rank: Int
  /// The width of the gap after the rank.
  let gap: Int
  /// The width of the token.
  let token: Int
  /// The width of the bar.
  let bar: Int
  /// Whether the log-probability has a column.
  let hasLogprob: Bool
  /// The width of the log-probability, in wide panes with room for its name and unit.
  let logprobWidth: Int
  /// Whether the cumulative mass has a column.
  let hasCumulative: Bool

  /// The widths of the columns in a pane of `width` cells, for ranks of up to `digits` characters.
  ///
  /// - Parameter longest: the width of the longest token that is shown. If it needs more than its share, the bars get
  ///   narrower, but not narrower than ``leastBar``.
  init(width: Int, digits: Int, longest: Int = 0) {
    let isNarrow = width < 46
    rank = max(isNarrow ? 1 : 2, digits)
    gap = CandidateColumns.space
    hasLogprob = width >= 46
    logprobWidth = width >= 54 ? CandidateColumns.logprobHead.columnWidth : NumberText.logProbabilityWidth
    hasCumulative = width >= 64
    // Two marks and a space before the rank, a gap after it; a space on each side of the bar, two between the columns
    // of numbers; a space at the end.
    var rest = width - 3 - rank - gap - 1 - 1 - NumberText.percentWidth - 1
    if hasLogprob { rest -= logprobWidth + CandidateColumns.space }
    if hasCumulative { rest -= NumberText.percentWidth + CandidateColumns.space }
    let share = min(max(rest * 9 / 20, 8), 24, max(rest, 0))
    token = max(share, min(longest, rest - max(CandidateColumns.leastBar, rest / 4)))
    bar = max(0, rest - token)
  }

  /// The minimum width of a bar beside a long token.
  private static let leastBar = 8
  /// The name and the unit of the log-probability.
  static let logprobHead = "log p, nats"
  /// The gap between two columns of numbers, which separates their names.
  static let space = 2

  /// The cell where the rank begins: after the marks of the chosen row and of the token, and a space.
  var rankColumn: Int { 3 }
  /// The cell where the token begins.
  var tokenColumn: Int { rankColumn + rank + gap }
  /// The cell where the bar begins.
  var barColumn: Int { tokenColumn + token + 1 }
  /// The cell where the percentage begins.
  var percentColumn: Int { barColumn + bar + 1 }
  /// The cell where the log-probability begins.
  var logprobColumn: Int { percentColumn + NumberText.percentWidth + CandidateColumns.space }
  /// The cell where the cumulative mass begins.
  var cumulativeColumn: Int { logprobColumn + logprobWidth + CandidateColumns.space }

  /// The rows of column names above a list in a pane of this height.
  static func headingRows(height: Int) -> Int { height >= 8 ? 1 : 0 }

  /// The number of rows below a list: a blank row and a row with the scroll position.
  static func footerRows(height: Int) -> Int { height >= 10 ? 2 : height >= 4 ? 1 : 0 }

  /// The rows of the list itself.
  static func rows(height: Int) -> Int { max(1, height - headingRows(height: height) - footerRows(height: height)) }
}
