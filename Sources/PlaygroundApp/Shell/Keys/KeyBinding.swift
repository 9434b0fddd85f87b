import TerminalUI

/// One line of the key table: an action, its keys, where they count, and the words about it.
struct KeyBinding: Sendable, Equatable {
  /// The parts of the help screen, in its order.
  enum Section: String, Sendable, CaseIterable {
    case everywhere = "Everywhere"
    case moving = "Moving about"
    case prompt = "Prompt"
    case candidates = "Candidates and masks"
    case streams = "Streams and translations"
    case overlays = "Overlays"
  }

  /// What the keys do.
  var action: Action
  /// The keys, the one to show first first.
  var keys: [KeyStroke]
  /// Where they count.
  var contexts: Set<KeyContext>
  /// The tabs in which they count.
  var tasks: Set<PlaygroundTask> = Set(PlaygroundTask.allCases)
  /// The part of the help screen.
  var section: Section
  /// One line of the help screen and the palette.
  var help: String
  /// A word or two for the line of hints, by context; empty: not shown there.
  var hint = ""
  /// Hints with smaller numbers come first and stay longest where there is little room.
  var hintOrder = 50
  /// An action whose key is shown beside this one's: `←→ token`.
  var hintPartner: Action?
  /// The contexts in which the hint is shown.
  var hintContexts: Set<KeyContext> = []

  /// The key to show in a context: a key that types a character is none where text is typed.
  func shownKey(in context: KeyContext) -> KeyStroke? {
    keys.first { !context.isTextEntry || $0.typedCharacter == nil }
  }
}
