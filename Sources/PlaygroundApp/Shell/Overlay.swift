import EngineAPI
import Sampling
import TerminalUI

/// A view over the panes that receives the keys.
public enum Overlay: Sendable, Equatable {
  /// The help screen; `top` is the first line shown.
  case help(top: Int)
  /// The sampler chain.
  case sampler(SamplerPanel)
  /// A list to choose from.
  case picker(Picker)
  /// The list of sessions.
  case sessions(SessionBrowser)
  /// The card of a model of the list.
  case card(ModelCard)
  /// A document in colors; `Shell.reading` holds it.
  case reading
  /// An error message; any key closes it.
  case failure(EngineError)

  /// The context whose keys are active while it is open.
  var keyContext: KeyContext {
    switch self {
    case .help: .help
    case .sampler: .sampler
    case .picker(let picker): picker.subject == .model ? .models : .picker
    case .sessions: .sessions
    case .card: .card
    case .reading: .reading
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
    case theme(original: String?)
    /// Sampler settings by name.
    case presets
    /// The name to save the sampler settings under.
    case presetName
    /// The name of a file to export to; its ending chooses the form.
    case exportName
    /// What to do with a session that can't be saved, before leaving.
    case leaving
    /// The name of another file for a session that can't be saved.
    case sessionFile
    /// A list of the open tab's own, by its name, which is also its title.
    case own(String)
    /// A lesson.
    case lessons
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

/// The overlay that shows and changes the sampler chain.
public struct SamplerPanel: Sendable, Equatable {
  /// The rows on the screen and the chosen one.
  var window = ListWindow()
  /// The stage of the chosen row; its column of the waterfall stays visible.
  var stage: SamplerStage?
  /// The value being typed, if one is.
  var entry: String?
}

extension Shell {
  /// The part of the screen that overlays may use: the sentence of a lesson and a notice stay visible below it.
  var overlayBounds: Rect { layout.overlayBounds(in: size) }
}

/// The card of a model being read, over the list that it was opened from.
public struct ModelCard: Sendable, Equatable {
  /// The model.
  var model: ModelSummary
  /// The list to return to.
  var picker: Picker
  /// The card's lines, for the width that they were made for.
  private(set) var lines: [CardLine] = []
  /// The first line shown.
  var top = 0
  private var width = 0

  /// A card from its beginning.
  init(model: ModelSummary, picker: Picker) {
    self.model = model
    self.picker = picker
  }

  /// Wraps the lines for the width of a screen, and keeps the scroll position.
  mutating func fit(width: Int, lastTop: (ModelCard) -> Int) {
    if width != self.width {
      // Keep the relative position in the text, because line numbers change with the width.
      let share = lines.isEmpty ? 0 : Double(top) / Double(lines.count)
      lines = CardLine.lines(of: model, width: width)
      top = Int(share * Double(lines.count))
      self.width = width
    }
    top = min(max(top, 0), lastTop(self))
  }
}
