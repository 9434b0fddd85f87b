import EngineAPI
import TerminalUI

/// What lies over the panes and takes the keys.
public enum Overlay: Sendable, Equatable {
  /// The keys; `top` is the first line shown.
  case help(top: Int)
  /// The sampler chain.
  case sampler(SamplerPanel)
  /// A list to choose from.
  case picker(Picker)
  /// The card of a model of the list.
  case card(ModelCard)
  /// What went wrong; leaves with any key.
  case failure(EngineError)

  /// The context whose keys count.
  var keyContext: KeyContext {
    switch self {
    case .help: .help
    case .sampler: .sampler
    case .picker(let picker): picker.subject == .model ? .models : .picker
    case .card: .card
    case .failure: .failure
    }
  }
}

/// A list to choose from, narrowed by typing.
public struct Picker: Sendable, Equatable {
  /// What is chosen.
  enum Subject: Sendable, Hashable {
    /// A model for the leading stream or the task.
    case model
    /// A theme; `original` comes back on Escape.
    case theme(original: String)
    /// A list of the open tab's own, by its name, which is also its title.
    case own(String)
    /// Any action of the key table.
    case palette
  }

  /// What is chosen.
  var subject: Subject
  /// The text that narrows the list.
  var filter = LineInput()
  /// The rows that match, those on the screen and the chosen one.
  var window = ListWindow()
}

/// The sampler chain being looked at and changed.
public struct SamplerPanel: Sendable, Equatable {
  /// The rows on the screen and the chosen one.
  var window = ListWindow()
  /// The value being typed, if one is.
  var entry: String?
}
