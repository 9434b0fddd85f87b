import EngineAPI
import TerminalUI

/// Which columns a list of candidates has at a width, and where. Numbers have fixed widths, so nothing jumps.
struct CandidateColumns {
  /// The columns of the rank's digits.
  let rank: Int
  /// The free columns behind the rank.
  let gap: Int
  /// The columns of the token.
  let token: Int
  /// The columns of the bar.
  let bar: Int
  /// Whether the log-probability has a column.
  let hasLogprob: Bool
  /// The columns of the log-probability: with room for its unit where there is room.
  let logprobWidth: Int
  /// Whether the cumulative mass has a column.
  let hasCumulative: Bool

  /// The columns within `width` for ranks up to `largest`.
  init(width: Int, largest: Int) {
    let isNarrow = width < 46
    rank = max(isNarrow ? 1 : 2, String(max(largest, 1)).count)
    gap = isNarrow ? 1 : 2
    hasLogprob = width >= 46
    logprobWidth = width >= 54 ? 10 : NumberText.logProbabilityWidth
    hasCumulative = width >= 64
    // Two marks and a space before the rank, a gap behind it; a space on each side of the bar; a space at the end.
    var rest = width - 3 - rank - gap - 1 - 1 - NumberText.percentWidth - 1
    if hasLogprob { rest -= logprobWidth + 1 }
    if hasCumulative { rest -= NumberText.percentWidth + 1 }
    token = min(max(rest * 9 / 20, 8), 24, max(rest, 0))
    bar = max(0, rest - token)
  }

  /// Where the rank begins: behind the marks of the chosen row and of the token, and a space.
  var rankColumn: Int { 3 }
  /// Where the token begins.
  var tokenColumn: Int { rankColumn + rank + gap }
  /// Where the bar begins.
  var barColumn: Int { tokenColumn + token + 1 }
  /// Where the percent begin.
  var percentColumn: Int { barColumn + bar + 1 }
  /// Where the log-probability begins.
  var logprobColumn: Int { percentColumn + NumberText.percentWidth + 1 }
  /// Where the cumulative mass begins.
  var cumulativeColumn: Int { logprobColumn + logprobWidth + 1 }

  /// The rows of column names above a list in a pane of this height.
  static func headingRows(height: Int) -> Int { height >= 8 ? 1 : 0 }

  /// The rows below a list: a free one and one that says where it stands.
  static func footerRows(height: Int) -> Int { height >= 10 ? 2 : height >= 4 ? 1 : 0 }

  /// The rows of the list itself.
  static func rows(height: Int) -> Int { max(1, height - headingRows(height: height) - footerRows(height: height)) }
}
