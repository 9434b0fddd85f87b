import EngineAPI
import TerminalUI

/// A list of candidates for one place, scrolled through the whole vocabulary: the rows that have come, and what is
/// wanted.
struct CandidateList: Sendable, Equatable {
  /// Rows are asked for in runs of this many.
  static let page = 64

  /// The question that the list is to answer, its window left empty; `nil` where there is nothing to ask yet.
  var query: DistributionRequest?
  /// The question that `rows` answer.
  var answered: DistributionRequest?
  /// The latest answer's facts.
  var answer: DistributionAnswer?
  /// Rows by their offset in the list.
  var rows: [Int: Candidate] = [:]
  /// The request on its way, and the window it asks for.
  var awaited: AwaitedRows?
  /// Why there is no answer.
  var failure: EngineError?
  /// The rows on the screen and the chosen one.
  var window = ListWindow()
  /// Whether the list is of the distribution after the chain.
  var showsChain = false
  /// The text that is looked for.
  var search = LineInput()
  /// The tokens that the text falls into.
  var pieces: SearchPieces?
  /// Whether the keys go to the search field.
  var isSearching = false

  /// Whether the rows are the newest token's of a stream that runs: no question is asked then.
  var isLive = false

  /// How many rows the list has, as far as is known.
  var count: Int { answer?.matches ?? 0 }
  /// Whether the rows answer the present question.
  var isCurrent: Bool { query == answered }
  /// The chosen candidate, if its row has come.
  var chosen: Candidate? { rows[window.selected] }
}

/// A request for rows that is on its way.
struct AwaitedRows: Sendable, Equatable {
  /// Its version.
  var version: Int
  /// The rows it asks for.
  var window: Range<Int>
}
