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
  var tabs = Set(TabID.allCases)
  /// The part of the help screen.
  var section: Section
  /// One line of the help screen and the palette.
  var help: String
  /// The line of the palette, where that is not `help`.
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
  /// Of a tab's own line: the action of the shared line that it stands behind in its section; nil: before all.
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

  /// The key to show in a context: a key that types a character is none where text is typed.
  func shownKey(in context: KeyContext) -> KeyStroke? {
    keys.first { !context.isTextEntry || $0.typedCharacter == nil }
  }
}
