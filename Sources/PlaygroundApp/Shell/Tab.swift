import EngineAPI
import Sessions
import TerminalUI

/// The state of a tab, and the interface through which the shell uses it. All requirements except the first group have
/// defaults, so a new tab starts as one short file and one line in `TabRegister`.
///
/// Methods receive the shell: from it a tab reads models, keys and sizes and takes versions for its requests; in it the
/// tab sets notices and errors. Tabs do not depend on each other.
protocol Tab: Sendable, Equatable {
  /// Its name.
  static var id: TabID { get }
  /// Its title in the header.
  static var title: String { get }
  /// The families of models that it takes. Several tabs may take the same.
  static var families: [ModelFamily] { get }
  /// Whether all its models are of one family at a time.
  static var isOfOneFamily: Bool { get }
  /// The model to open if the user names none; `.none` if no model of its families is bundled.
  static var defaultModel: ModelReference { get }
  /// The tab at its start; `models` has at least one.
  init(models: [ModelReference], settings: PlaygroundSettings)
  /// The text for its models. A tab whose `focusOrder` lacks `.prompt` never shows it.
  var prompt: PromptState { get set }
  /// The model that the prompt is tokenized for and settings are chosen for.
  var model: ModelReference { get }
  /// Replaces `model` by another model of a family that the tab takes.
  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect]

  // MARK: Models

  /// Every model that it needs open.
  var models: [ModelReference] { get }
  /// One of its models is open.
  mutating func didOpen(_ model: ModelReference, _ information: ModelInformation, _ shell: Shell)
  /// One of its models can't be opened.
  mutating func didFail(_ model: ModelReference)
  /// What the title of the model picker says.
  var modelTitle: String { get }

  // MARK: Keys

  /// The contexts of its own panes.
  static var contexts: [KeyContext] { get }
  /// Its own lines of the key table, from which hints, help and palette are generated.
  static var keys: [KeyBinding] { get }
  /// The pane with the focus.
  var focus: Focus { get set }
  /// Gives the focus to a pane.
  mutating func setFocus(_ focus: Focus)
  /// The order in which the Tab key focuses panes, including panes that are not on the screen.
  var focusOrder: [Focus] { get }
  /// Performs an action; returns `nil` if the action is not one of this tab's own.
  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]?
  /// Arrows, pages and ends in the pane with the focus.
  mutating func move(_ action: Action, _ shell: inout Shell)
  /// A click in a pane that has already received the focus.
  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell)

  // MARK: Messages

  /// Handles an answer to one of its requests, or a message that goes to all tabs.
  mutating func receive(_ message: Message, _ shell: inout Shell)
  /// Shows the text that ends at a place of the tree, or the lines that end at several; undo leads back. Returns the
  /// effects; `nil` if such texts belong to another tab.
  ///
  /// - Parameter asFurther: whether the texts that it shows already stay, if it can show several.
  mutating func take(_ places: [Place], asFurther: Bool, _ shell: inout Shell) -> [Effect]?
  /// Where the tab stands in the tree; `nil` if it shows no text of it.
  func standing(_ shell: Shell) -> Place?
  /// The tab is shown in place of another one.
  mutating func arrive(from left: LeftTab, _ shell: inout Shell)
  /// The places of the tree that an action shows in the tab that they belong to; `nil` for other actions.
  func departure(_ action: Action, _ shell: Shell) -> [Place]?
  /// A key that is typed in a pane of its own with text entry.
  mutating func typed(_ stroke: KeyStroke, _ shell: inout Shell)
  /// Called after every message: starts waiting work that can begin, and requests data that the layout depends on.
  mutating func settle(_ shell: inout Shell) -> [Effect]
  /// Called after `settle` and `fit`: requests the missing data of what is on the screen.
  mutating func ask(_ shell: inout Shell) -> [Effect]
  /// Whether a new token of a stream can lead to requests. If not, `settle` is skipped for token messages.
  var followsStream: Bool { get }
  /// Forgets which answers are awaited, so that `settle` and `ask` ask for them again.
  mutating func askAgain()
  /// Stops running work and keeps its results so far; returns `nil` if nothing was running.
  mutating func stop(_ shell: inout Shell) -> [Effect]?
  /// Whether the engine works for it.
  var isBusy: Bool { get }
  /// The versions of started requests. A change shows that the user has started something else.
  var begun: [Int?] { get }

  // MARK: Candidates, texts, settings

  /// Its lists of candidates.
  var lists: [CandidateList] { get set }
  /// The index of the list that keys go to.
  var shownList: Int { get }
  /// The text that the cursor moves through: that of the focused pane, or the one that the candidates refer to.
  var walkedText: WalkedText? { get }
  /// The cursor in `walkedText`; `nil` at its end.
  var walkedCursor: Int? { get set }
  /// The prefix that is tokenized with the prompt's text; nil while it is not known.
  var promptPrefix: String? { get }
  /// Example prompts, the best first.
  func examples(_ shell: Shell) -> [String]
  /// The values that the sampler overlay changes; nil if the tab has no sampler.
  var sampler: SamplerValues? { get set }
  /// The title of the sampler overlay.
  var samplerTitle: String { get }
  /// Resets the sampler settings to the model's defaults.
  mutating func resetSampler(_ shell: Shell)
  /// The title of the tab's own picker that an action opens; `nil` for other actions.
  func picker(_ action: Action) -> String?
  /// The rows of a picker of its own.
  func choices(_ name: String, _ shell: Shell) -> [PickerItem]
  /// The row for what the user has typed into one of its own pickers; `nil` if only its rows can be chosen.
  func entry(_ text: String, in name: String, _ shell: Shell) -> PickerItem?
  /// What can be typed into one of its own pickers, in words; `nil` for the usual ones.
  func entryHint(in name: String) -> String?
  /// What one of its own pickers has typed at the start.
  func entryStart(in name: String) -> String
  /// The value of the row that is currently in effect in one of its own pickers.
  func chosen(in name: String) -> String?
  /// Called when the user has chosen a row of one of its own pickers.
  mutating func choose(_ value: String, in name: String, _ shell: inout Shell) -> [Effect]

  // MARK: Screen

  /// Whether the line with the meaning of the colors is shown.
  static var hasLegend: Bool { get }
  /// The meaning of the colors, or of the marks in their place.
  func legend(_ shell: Shell, isColored: Bool) -> HeatLegend
  /// Arranges its panes.
  func arrange(_ arrangement: inout PaneArrangement)
  /// Tells the list or the text in a pane how much room it has. `texts`: whether texts are scrolled to their cursors.
  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell)
  /// Draws a pane.
  func draw(_ pane: PaneContext, on grid: inout CellGrid)
  /// What a pane says line by line where there is no screen; `nil` for its text, or for what it draws.
  func spoken(_ focus: Focus, _ shell: Shell) -> [String]?
  /// The header's facts, given those of the model.
  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String]
  /// The header's facts and state of a tab that says them itself, for a number of columns; `nil` for those of the
  /// model.
  func header(glyphs: Glyphs, width: Int, isNarrow: Bool) -> (facts: [String], state: [Span])?
  /// A word for the header if the tab has a non-default view mode; otherwise empty.
  var viewWords: String { get }
  /// Whether an action can do nothing now, so that the hints leave it out.
  func hidesHint(of action: Action) -> Bool

  /// What an action does now, in place of the words of its hint; `nil` for those.
  func hint(of action: Action) -> String?
  /// The text at the right of the legend while no token is under the cursor.
  func legendWords(glyphs: Glyphs) -> String
  /// The token rate, for the hints line if it is shown nowhere else; empty if nothing is running.
  var rateWords: String { get }
  /// A description of generated texts that would be lost on exit: as a sentence of its own, and for use in a list with
  /// those of other tabs.
  func unkept(_ shell: Shell) -> (alone: String, beside: String)?
}

/// What the tab holds that was shown before the open one.
struct LeftTab: Sendable, Equatable {
  /// Where it stands in the tree; `nil` if it shows no text of it.
  var place: Place?
  /// The text of its prompt, after the prefix of its task.
  var text: String
  /// Its model.
  var model: ModelReference

  init(_ tab: any Tab, _ shell: Shell) {
    place = tab.standing(shell)
    text = tab.prompt.editor.isEmpty ? "" : (tab.promptPrefix ?? "") + tab.prompt.editor.text
    model = tab.model
  }
}

extension ModelReference {
  /// No model: the value for a tab without a bundled model until the user chooses one.
  static let none = ModelReference("")
}

extension Tab {
  var models: [ModelReference] { model == .none ? [] : [model] }
  mutating func didOpen(_ model: ModelReference, _ information: ModelInformation, _ shell: Shell) {}
  mutating func didFail(_ model: ModelReference) {}
  var modelTitle: String { "Model" }
  static var isOfOneFamily: Bool { false }

  static var contexts: [KeyContext] { [] }
  static var keys: [KeyBinding] { [] }
  mutating func setFocus(_ focus: Focus) { self.focus = focus }
  var focusOrder: [Focus] { [.prompt] }
  var focus: Focus {
    get { .prompt }
    set {}
  }
  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? { nil }

  mutating func receive(_ message: Message, _ shell: inout Shell) {}
  mutating func take(_ places: [Place], asFurther: Bool, _ shell: inout Shell) -> [Effect]? { nil }
  func standing(_ shell: Shell) -> Place? { nil }
  mutating func arrive(from left: LeftTab, _ shell: inout Shell) {}
  func departure(_ action: Action, _ shell: Shell) -> [Place]? { nil }
  mutating func typed(_ stroke: KeyStroke, _ shell: inout Shell) {}
  mutating func settle(_ shell: inout Shell) -> [Effect] { [] }
  mutating func ask(_ shell: inout Shell) -> [Effect] { [] }
  var followsStream: Bool { false }
  mutating func stop(_ shell: inout Shell) -> [Effect]? { nil }
  var isBusy: Bool { false }
  var begun: [Int?] { [] }

  var lists: [CandidateList] {
    get { [] }
    set {}
  }
  var shownList: Int { 0 }
  var walkedText: WalkedText? { nil }
  var walkedCursor: Int? {
    get { nil }
    set {}
  }
  var promptPrefix: String? { "" }
  func examples(_ shell: Shell) -> [String] { [] }
  var sampler: SamplerValues? {
    get { nil }
    set {}
  }
  var samplerTitle: String { "Sampler" }
  mutating func resetSampler(_ shell: Shell) {}
  func picker(_ action: Action) -> String? { nil }
  func choices(_ name: String, _ shell: Shell) -> [PickerItem] { [] }
  func entry(_ text: String, in name: String, _ shell: Shell) -> PickerItem? { nil }
  func entryHint(in name: String) -> String? { nil }
  func entryStart(in name: String) -> String { "" }
  func chosen(in name: String) -> String? { nil }
  mutating func choose(_ value: String, in name: String, _ shell: inout Shell) -> [Effect] { [] }

  static var hasLegend: Bool { false }
  func legend(_ shell: Shell, isColored: Bool) -> HeatLegend { HeatScaleSteps.legend(shell.heat, isColored: isColored) }
  func arrange(_ arrangement: inout PaneArrangement) { arrangement.add(.prompt, arrangement.content) }
  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {}
  func spoken(_ focus: Focus, _ shell: Shell) -> [String]? { nil }
  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String] { facts }
  func header(glyphs: Glyphs, width: Int, isNarrow: Bool) -> (facts: [String], state: [Span])? { nil }
  var viewWords: String { "" }
  func hidesHint(of action: Action) -> Bool { false }

  /// The default: the words of the key table.
  func hint(of action: Action) -> String? { nil }
  func legendWords(glyphs: Glyphs) -> String { "" }
  var rateWords: String { "" }
  func unkept(_ shell: Shell) -> (alone: String, beside: String)? { nil }
}

extension Tab {
  /// The line of the key table that opens the sampler, of a tab that has one.
  static var samplerKey: KeyBinding {
    .own(
      id, .sampler, "s f3", in: KeyContext.tab, .everywhere, "Sampler settings", hint: "sampler", order: 10,
      after: .redo)
  }
}

/// The tabs of a playground, each with its state.
struct TabSet: Sendable, Equatable {
  private var tabs: [any Tab]

  /// Creates every tab of the register in its initial state.
  init(models: [TabID: [ModelReference]], settings: PlaygroundSettings) {
    tabs = TabRegister.all.map { type in
      let own = models[type.id] ?? []
      return type.init(models: own.isEmpty ? [type.defaultModel] : own, settings: settings)
    }
  }

  /// The tab of this name; the first tab if there is none.
  subscript(id: TabID) -> any Tab {
    get { tabs[index(id)] }
    // Mutate in place, because copying a tab with long texts is expensive.
    _modify { yield &tabs[index(id)] }
  }

  /// The tab of a type.
  subscript<Wanted: Tab>(type: Wanted.Type) -> Wanted {
    get {
      guard let tab = self[Wanted.id] as? Wanted else { preconditionFailure("no such tab: \(Wanted.id)") }
      return tab
    }
    set { self[Wanted.id] = newValue }
  }

  private func index(_ id: TabID) -> Int { TabID.allCases.firstIndex(of: id) ?? 0 }

  static func == (left: TabSet, right: TabSet) -> Bool {
    for (left, right) in zip(left.tabs, right.tabs) where !left.isEqual(to: right) { return false }
    return true
  }
}

extension Tab {
  /// Whether another tab is of the same type and in the same state.
  fileprivate func isEqual(to other: any Tab) -> Bool { (other as? Self) == self }
}

extension TabID {
  /// The type of the tab.
  var type: (any Tab.Type)? { TabRegister.all.first { $0.id == self } }
}
