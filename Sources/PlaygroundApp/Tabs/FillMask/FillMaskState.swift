import EngineAPI
import TerminalUI

/// The Fill mask tab.
public struct FillMaskState: Sendable, Equatable {
  /// How many masks have a pane at once.
  static let panes = 4

  /// The text with its masks.
  public internal(set) var prompt: PromptState
  /// The model.
  var model: ModelReference
  /// The gaps, in the order of the text.
  var gaps: [Gap] = []
  /// The candidates of each gap.
  var lists: [CandidateList] = []
  /// The gap whose pane had the focus last.
  var shownGap = 0
  /// The first gap that has a pane.
  var firstGap = 0
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The gaps filled together.
  var fillings = FillingsState()

  init(model: ModelReference, settings: PlaygroundSettings) {
    self.model = model
    prompt = PromptState(.fillMask, settings: settings)
  }
}

/// A mask in the text.
struct Gap: Sendable, Equatable {
  /// The index of its token.
  var position: Int
  /// Its UTF-8 bytes in the text.
  var range: Range<Int>
}

/// Whole fillings of a text with two masks or more.
struct FillingsState: Sendable, Equatable {
  /// What was asked last.
  var request: FillMaskRequest?
  /// The version of that request, until it is answered.
  var awaited: Int?
  /// The request that `result` answers.
  var answered: FillMaskRequest?
  /// The answer.
  var result: FillMaskResult?
  /// Why there is none.
  var failure: EngineError?
  /// The fillings on the screen and the chosen one.
  var window = ListWindow()
}
