/// Where a key counts: the pane or the overlay that has the keys.
enum KeyContext: String, Sendable, Hashable, CaseIterable {
  case prompt, search, candidates, stream, mask, together, translation, beams
  case help, sampler, picker, failure

  /// Whether characters are typed into a text: plain characters are then no commands.
  var isTextEntry: Bool { self == .prompt || self == .search || self == .picker }

  /// Every context.
  static let everywhere = Set(allCases)
  /// The panes, the prompt and the search field included: all but the overlays.
  static let tab: Set<KeyContext> = [
    .prompt, .search, .candidates, .stream, .mask, .together, .translation, .beams,
  ]
  /// The panes in which no text is typed.
  static let panes: Set<KeyContext> = [.candidates, .stream, .mask, .together, .translation, .beams]
  /// The panes that list candidates.
  static let lists: Set<KeyContext> = [.candidates, .mask]
  /// The panes that show tokens as text.
  static let texts: Set<KeyContext> = [.stream, .translation]
}
