import EngineAPI
import Sampling
import TerminalUI

/// One candidate: its rank, its token made visible, a bar, and its numbers.
struct CandidateLine: Widget {
  var candidate: Candidate
  /// Whether the numbers are those after the chain.
  var isChain: Bool
  /// The probability of the longest bar.
  var best: Double
  var isChosen: Bool
  /// Whether it is the token that stands at the place.
  var isActual: Bool
  var columns: CandidateColumns

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
    let rank = NumberText.padded(String(candidate.ranked.rank), columns.rank)
    grid.draw(rank, at: Point(rect.x + columns.rankColumn, y), style: dim, maxWidth: columns.rank)
    let token = visible(bytes: candidate.ranked.token.bytes, glyphs: grid.glyphs)
    let style = Style(isRemoved && isChain ? .dim : .text, on: ground, isActual ? .bold : [])
    grid.draw(
      token, at: Point(rect.x + columns.tokenColumn, y), style: style, maxWidth: columns.token, truncation: .tail)
    drawBar(in: Rect(rect.x + columns.barColumn, y, columns.bar, 1), ground: ground, on: &grid)
    let probability = candidate.shownProbability(chain: isChain)
    grid.draw(
      NumberText.percent(probability), at: Point(rect.x + columns.percentColumn, y),
      style: isRemoved && isChain ? dim : Style(.text, on: ground))
    if columns.hasLogprob {
      let logprob = NumberText.padded(NumberText.logProbability(candidate.ranked.logprob), columns.logprobWidth)
      grid.draw(logprob, at: Point(rect.x + columns.logprobColumn, y), style: dim)
    }
    if columns.hasCumulative, !candidate.cumulative.isNaN {
      let cumulative = NumberText.percent(candidate.cumulative)
      grid.draw(cumulative, at: Point(rect.x + columns.cumulativeColumn, y), style: dim)
    }
  }

  /// A bar, or the stage that removed the token.
  private func drawBar(in rect: Rect, ground: Role?, on grid: inout CellGrid) {
    if isChain, let stage = candidate.removedBy {
      let text = "\(grid.glyphs.cross) \(stage.rawValue)"
      grid.draw(text, at: rect.origin, style: Style(.dim, on: ground), maxWidth: rect.width, truncation: .tail)
      return
    }
    let probability = candidate.shownProbability(chain: isChain)
    let heat = HeatScaleSteps.role(probability: probability)
    let share = best > 0 ? probability / best : 0
    grid.draw(Bar.text(share, width: rect.width, glyphs: grid.glyphs), at: rect.origin, style: Style(heat, on: ground))
  }
}

extension Candidate {
  /// The model's probability, or the one after the chain.
  func shownProbability(chain: Bool) -> Double {
    chain ? chainProbability : Probability.of(logprob: ranked.logprob)
  }
}
