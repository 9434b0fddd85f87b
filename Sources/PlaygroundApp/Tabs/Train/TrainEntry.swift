import EngineAPI
import TerminalUI

/// A value that is typed above the panes.
struct TrainEntry: Sendable, Equatable {
  /// What the value is.
  enum Kind: Sendable, Equatable {
    /// The folder of a run, or an event file.
    case path
    /// The highest learning rate from the next step on.
    case learningRate
  }

  /// What the value is.
  let kind: Kind
  /// What is typed.
  var input = LineInput()
  /// What is wrong with it.
  var problem: String?

  /// The title of the pane.
  var title: String {
    switch kind {
    case .path: "Open a run"
    case .learningRate: "Learning rate from the next step on"
    }
  }

  /// What is expected.
  var help: String {
    switch kind {
    case .path: "the folder of a run, or event files of TensorBoard: a folder of them, or one"
    case .learningRate: "the highest rate, such as 3e-5; the schedule goes on with it"
    }
  }

  /// The learning rate; `nil` if it is none.
  var learningRate: Double? {
    guard let rate = Double(input.text.withoutOuterSpaces), rate.isFinite, rate >= 0 else { return nil }
    return rate
  }
}
