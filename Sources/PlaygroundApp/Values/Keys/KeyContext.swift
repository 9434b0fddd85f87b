/// A context in which keys are active: a kind of pane, or an overlay. A tab declares the contexts of its own panes.
struct KeyContext: Sendable, Hashable {
  /// The properties of a context. A line of the key table can apply to all contexts with a trait.
  struct Traits: OptionSet, Sendable, Hashable {
    let rawValue: Int
    /// A pane in which no text is typed.
    static let pane = Traits(rawValue: 1)
    /// Text is typed: plain characters are not commands.
    static let textEntry = Traits(rawValue: 2)
    /// An overlay.
    static let overlay = Traits(rawValue: 4)
    /// A list of candidates.
    static let list = Traits(rawValue: 8)
    /// Tokens as text, in the colors of the heat scale.
    static let text = Traits(rawValue: 16)
    /// The selected item can be inserted into a text.
    static let taking = Traits(rawValue: 32)
    /// Its text can be copied.
    static let copied = Traits(rawValue: 64)
    /// The colors of the heat scale matter.
    static let heat = Traits(rawValue: 128)
    /// Rows to choose from that are not candidates.
    static let rows = Traits(rawValue: 256)
  }

  /// Its name.
  let rawValue: String
  /// Its properties.
  let traits: Traits

  /// A context.
  init(_ name: String, _ traits: Traits) {
    rawValue = name
    self.traits = traits
  }

  static let prompt = KeyContext("prompt", .textEntry)
  static let search = KeyContext("search", .textEntry)
  static let candidates = KeyContext("candidates", [.pane, .list, .taking])
  static let help = KeyContext("help", .overlay)
  static let sampler = KeyContext("sampler", .overlay)
  static let picker = KeyContext("picker", [.overlay, .textEntry])
  static let models = KeyContext("models", [.overlay, .textEntry])
  static let sessions = KeyContext("sessions", [.overlay, .textEntry])
  static let card = KeyContext("card", .overlay)
  static let reading = KeyContext("reading", .overlay)
  static let failure = KeyContext("failure", .overlay)

  /// Whether characters are typed into a text; plain characters are then not commands.
  var isTextEntry: Bool { traits.contains(.textEntry) }

  /// Every context: the shared ones and those of the tabs.
  static let allCases =
    [prompt, search, candidates] + TabRegister.all.flatMap { $0.contexts } + [
      help, sampler, picker, models, sessions, card, reading, failure,
    ]

  /// Every context.
  static let everywhere = Set(allCases)
  /// The panes, the prompt and the search field included: all but the overlays.
  static let tab = everywhere.filter { !$0.traits.contains(.overlay) }
  /// The panes in which no text is typed.
  static let panes = with(.pane)
  /// The lists to choose from, narrowed by typing.
  static let pickers: Set<KeyContext> = [.picker, .models, .sessions]
  /// The overlays that show a text to read or values to set.
  static let readings: Set<KeyContext> = [.help, .sampler, .card, .reading]
  /// The panes that list candidates.
  static let lists = with(.list)
  /// The panes that show tokens as text.
  static let texts = with(.text)

  /// The contexts that have a trait.
  static func with(_ trait: Traits) -> Set<KeyContext> { everywhere.filter { $0.traits.contains(trait) } }
}

/// A pane that can have the focus: its context, and its index among the panes of this context. Which panes are on the
/// screen depends on the tab and the terminal's size.
struct Focus: Sendable, Hashable {
  /// The context, which determines the keys that are active in the pane.
  var context: KeyContext
  /// Its index among the panes of the same context.
  var index = 0

  /// A pane of a context.
  init(_ context: KeyContext, _ index: Int = 0) {
    self.context = context
    self.index = index
  }

  /// The prompt.
  static let prompt = Focus(.prompt)
  /// The candidates, of a tab that has one list.
  static let candidates = Focus(.candidates)
}
