/// Where a key counts: the pane or the overlay that has the keys.
enum KeyContext: String, Sendable, Hashable, CaseIterable {
  case prompt, search, candidates, stream, mask, together, translation, beams
  case help, sampler, picker, models, card, failure

  /// Whether characters are typed into a text: plain characters are then no commands.
  var isTextEntry: Bool { self == .prompt || self == .search || self == .picker || self == .models }

  /// Every context.
  static let everywhere = Set(allCases)
  /// The panes, the prompt and the search field included: all but the overlays.
  static let tab: Set<KeyContext> = [
    .prompt, .search, .candidates, .stream, .mask, .together, .translation, .beams,
  ]
  /// The panes in which no text is typed.
  static let panes: Set<KeyContext> = [.candidates, .stream, .mask, .together, .translation, .beams]
  /// The lists to choose from, narrowed by typing.
  static let pickers: Set<KeyContext> = [.picker, .models]
  /// Texts that are read, and values that are set, in an overlay.
  static let readings: Set<KeyContext> = [.help, .sampler, .card]
  /// The panes that list candidates.
  static let lists: Set<KeyContext> = [.candidates, .mask]
  /// The panes that show tokens as text.
  static let texts: Set<KeyContext> = [.stream, .translation]
}
