import TerminalUI

/// One line of the key table: an action, its keys, the contexts in which they are active, and the texts that describe
/// it.
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
  /// The keys; the first one is shown in hints and help.
  var keys: [KeyStroke]
  /// The contexts in which the keys are active.
  var contexts: Set<KeyContext>
  /// The tabs in which the keys are active.
  var tabs = Set(TabID.allCases)
  /// The part of the help screen.
  var section: Section
  /// One line of the help screen and the palette.
  var help: String
  /// The text in the palette if it differs from `help`.
  var entry: String?
  /// A word or two for the line of hints, by context; empty: not shown there.
  var hint = ""
  /// Hints with smaller numbers come first and stay longest where there is little room.
  var hintOrder = 50
  /// An action whose key is shown beside this one's: `←→ token`.
  var hintPartner: Action?
  /// The contexts in which the hint is shown.
  var hintContexts: Set<KeyContext> = []
  /// Other words that people look for in the palette.
  var synonyms: [String] = []
  /// For a tab's own line: the action of the shared line that it follows in its section; `nil` puts it first.
  var predecessor: Action?

  /// A tab's own line, its keys in their text form.
  static func own(
    _ tab: TabID, _ action: Action, _ keys: String, in contexts: Set<KeyContext>, _ section: Section, _ help: String,
    hint: String = "", order: Int = 50, hintIn: Set<KeyContext>? = nil, after predecessor: Action? = nil,
    synonyms: [String] = []
  ) -> KeyBinding {
    KeyBinding(
      action: action, keys: strokes(keys), contexts: contexts, tabs: [tab], section: section, help: help, hint: hint,
      hintOrder: order, hintContexts: hintIn ?? contexts, synonyms: synonyms, predecessor: predecessor)
  }

  /// Keys in their text form, separated by spaces.
  static func strokes(_ keys: String) -> [KeyStroke] {
    keys.split(separator: " ").compactMap { KeyStroke(String($0)) }
  }

  /// The key to show in a context. Excludes character keys in contexts where text is typed.
  func shownKey(in context: KeyContext) -> KeyStroke? {
    keys.first { !context.isTextEntry || $0.typedCharacter == nil }
  }
}
