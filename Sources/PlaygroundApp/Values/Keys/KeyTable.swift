import EngineAPI
import TerminalUI

/// The table of all key bindings. It defines what keys do, and the help screen, the hints and the palette are generated
/// from it. The lines of a tab are in the tab's folder.
///
/// If several lines have the same key and context, the first one wins.
enum KeyTable {
  /// A line with keys in their text form.
  private static func line(
    _ action: Action, _ keys: String, in contexts: Set<KeyContext>, _ section: KeyBinding.Section, _ help: String,
    hint: String = "", order: Int = 50, hintIn: Set<KeyContext>? = nil, with partner: Action? = nil
  ) -> KeyBinding {
    KeyBinding(
      action: action, keys: KeyBinding.strokes(keys), contexts: contexts, section: section, help: help, hint: hint,
      hintOrder: order, hintPartner: partner, hintContexts: hintIn ?? contexts)
  }

  /// The keys as they are without a configuration.
  static let defaults: [KeyBinding] = TabRegister.all.reduce(
    overlays
      + [prompt, candidates, streams, moving, everywhere].flatMap { withOwn($0, TabRegister.all.flatMap { $0.keys }) }
  ) { yielding($0, to: $1.id, $1.keys, contexts: Set($1.contexts)) }

  /// Removes from the shared bindings the keys that the tab's own bindings use, so the tab takes precedence.
  /// `.close` removes none, because it takes precedence over `.stop` anyway.
  private static func yielding(
    _ lines: [KeyBinding], to tab: TabID, _ keys: [KeyBinding], contexts: Set<KeyContext>
  ) -> [KeyBinding] {
    lines.flatMap { line in
      let own = keys.filter {
        $0.action != line.action && $0.action != .close && !$0.contexts.isDisjoint(with: line.contexts)
      }
      let taken = line.keys.filter { key in own.contains { $0.keys.contains(key) } }
      guard line.tabs.count > 1, line.tabs.contains(tab), !taken.isEmpty else { return [line] }
      var (others, rest) = (line, line)
      others.tabs.remove(tab)
      rest.tabs = [tab]
      rest.keys.removeAll { taken.contains($0) }
      rest.contexts.formIntersection(contexts)
      rest.hintContexts.formIntersection(contexts)
      return rest.keys.isEmpty || rest.contexts.isEmpty ? [others] : [others, rest]
    }
  }

  /// Every action that has a line.
  static let actions: Set<Action> = Set(defaults.map(\.action))

  /// The shared lines of a section with the tabs' own lines: each follows its predecessor, and those without one come
  /// first.
  private static func withOwn(_ shared: [KeyBinding], _ own: [KeyBinding]) -> [KeyBinding] {
    let own = own.filter { $0.section == shared.first?.section }
    let actions = shared.map(\.action)
    return own.filter { $0.predecessor == nil }
      + shared.indices.flatMap { index in
        let isLast = actions.lastIndex(of: actions[index]) == index
        return [shared[index]] + (isLast ? own.filter { $0.predecessor == actions[index] } : [])
      }
  }

  private static let overlays: [KeyBinding] = [
    line(
      .editHere, "enter", in: [.reading], .overlays, "Edit the text that is read, at the cursor", hint: "edit here",
      order: 4),
    line(
      .readingUnit, "w", in: [.reading], .overlays, "Color the text that is read by token, word or line",
      hint: "token, word, line", order: 3),
    line(
      .close, "esc q", in: KeyContext.readings.union(KeyContext.pickers).union([.failure]), .overlays, "Close",
      hint: "close", order: 5, hintIn: KeyContext.readings.union(KeyContext.pickers)),
    line(.close, "esc", in: [.search], .overlays, "Leave the search", hint: "all tokens", order: 3),
    line(
      .accept, "enter", in: KeyContext.readings.subtracting([.reading]).union(KeyContext.pickers).union([.search]),
      .overlays,
      "Choose, or end the entry of a value", hint: "choose", order: 1, hintIn: [.picker, .models, .sessions, .card]),
    line(
      .removeSession, "ctrl-x", in: [.sessions], .overlays, "Remove the session in the list; asks first",
      hint: "remove",
      order: 2),
    line(.card, "tab", in: [.models], .overlays, "Read the card of the model in the list", hint: "card", order: 2),
    line(
      .stageEarlier, "K shift-up", in: [.sampler], .overlays, "Move a stage of the chain up", hint: "earlier",
      order: 6),
    line(
      .stageLater, "J shift-down", in: [.sampler], .overlays, "Move a stage of the chain down", hint: "later", order: 7),
    line(
      .neutral, "backspace delete", in: [.sampler], .overlays, "Turn the stage off, or delete what is typed",
      hint: "off", order: 2),
    line(.nextStep, "alt-right", in: KeyContext.tab, .overlays, "The next step of a lesson"),
    line(.previousStep, "alt-left", in: KeyContext.tab, .overlays, "The previous step of a lesson"),
    line(
      .modelDefaults, "D", in: [.sampler], .overlays, "Settings of the model's own files", hint: "defaults", order: 8),
    line(
      .waterfall, "W w", in: [.sampler], .overlays,
      "The sampler waterfall: every candidate after each stage of the chain", hint: "waterfall", order: 11),
    line(.presets, "p", in: [.sampler], .overlays, "Settings by name", hint: "presets", order: 9),
    line(.savePreset, "S", in: [.sampler], .overlays, "Save the settings under a name", hint: "save", order: 10),
  ]

  private static let prompt: [KeyBinding] = [
    line(.newline, "alt-enter ctrl-j", in: [.prompt], .prompt, "New line", hint: "new line", order: 20),
    line(.earlierPrompt, "alt-up", in: [.prompt], .prompt, "Earlier prompt (also Up on the first line)"),
    line(.laterPrompt, "alt-down", in: [.prompt], .prompt, "Later prompt (also Down on the last line)"),
    line(.editor, "ctrl-g", in: [.prompt], .prompt, "Edit in $EDITOR", hint: "editor", order: 30),
    line(.example, "alt-x", in: [.prompt], .prompt, "An example (in an empty prompt also the right arrow)"),
    line(
      .example, "x", in: KeyContext.panes, .prompt,
      "An example (in an empty prompt also the right arrow)", hint: "example", order: 40),
  ]

  private static let candidates: [KeyBinding] = [
    line(
      .take, "enter", in: KeyContext.with(.taking), .candidates,
      "Take it: into the prompt, in place of a mask, or into a text, which then continues from there",
      hint: "take it", order: 1),
    line(.search, "/", in: KeyContext.lists, .candidates, "Look for a token", hint: "search", order: 5),
    line(
      .bars, "b", in: KeyContext.lists, .candidates, "Bars from 0 to 100 %, or relative to the first candidate",
      hint: "bars", order: 45),
  ]

  /// The contexts with Page Up and Page Down.
  private static let paged = KeyContext.panes.union(KeyContext.readings).union(KeyContext.pickers).union([.search])

  /// Those where nothing is typed. In a text, Ctrl-U deletes up to its start.
  private static let pagedByLetters = paged.filter { !$0.isTextEntry }

  private static let moving: [KeyBinding] = [
    line(
      .up, "up k", in: KeyContext.panes.subtracting(KeyContext.with(.rows)), .moving, "Up", hint: "candidate", order: 4,
      hintIn: KeyContext.lists, with: .down),
    line(.up, "up k", in: KeyContext.with(.rows), .moving, "Up", hint: "choose", order: 1, with: .down),
    line(
      .up, "up k", in: KeyContext.readings, .moving, "Up", hint: "scroll", order: 0, hintIn: [.help, .card], with: .down
    ),
    line(.down, "down j", in: KeyContext.panes.union(KeyContext.readings), .moving, "Down"),
    line(.up, "up", in: KeyContext.pickers.union([.search]), .moving, "Up"),
    line(.down, "down", in: KeyContext.pickers.union([.search]), .moving, "Down"),
    line(
      .left, "left h", in: [.sampler], .moving, "A token back; a smaller value", hint: "value", order: 1, with: .right),
    line(
      .left, "left h", in: KeyContext.panes.union([.reading]), .moving, "A token back; a smaller value", hint: "token",
      order: 3, hintIn: KeyContext.texts.union([.reading]), with: .right),
    line(.right, "right l", in: KeyContext.panes.union([.sampler, .reading]), .moving, "A token on; a larger value"),
    line(.pageUp, "pageup ctrl-u", in: pagedByLetters, .moving, "A page up"),
    line(.pageDown, "pagedown ctrl-d", in: pagedByLetters, .moving, "A page down"),
    line(.pageUp, "pageup", in: paged.subtracting(pagedByLetters), .moving, "A page up"),
    line(.pageDown, "pagedown", in: paged.subtracting(pagedByLetters), .moving, "A page down"),
    line(.first, "g home", in: KeyContext.panes.union(KeyContext.readings), .moving, "To the beginning"),
    line(.last, "G end", in: KeyContext.panes.union(KeyContext.readings), .moving, "To the end"),
    line(
      .nextHit, "n", in: KeyContext.texts.union([.candidates, .reading]), .moving, "To the next peak of surprise",
      hint: "surprise", order: 8, hintIn: KeyContext.texts.union([.reading])),
    line(
      .previousHit, "N", in: KeyContext.texts.union([.candidates, .reading]), .moving,
      "To the previous peak of surprise"),
  ]

  private static let streams: [KeyBinding] = [
    line(
      .heat, "c", in: KeyContext.panes.union([.reading]), .streams, "Color by probability, rank or surprise",
      hint: "color", order: 4, hintIn: KeyContext.with(.heat).union([.reading])),
    line(
      .heatScale, "C", in: KeyContext.panes.union([.reading]), .streams, "Color scale: plain to warm, or blue to orange"
    ),
    line(.copy, "y", in: KeyContext.with(.copied), .streams, "Copy the text"),
  ]

  private static let everywhere: [KeyBinding] = beforeTabs + tabs + behindTabs

  /// A key for each tab of the register.
  private static let tabs: [KeyBinding] = TabID.allCases.prefix(9).enumerated().map { index, tab in
    line(.open(tab), "alt-\(index + 1)", in: KeyContext.tab, .everywhere, tab.title)
  }

  private static let beforeTabs: [KeyBinding] = [
    line(
      .nextPane, "tab", in: KeyContext.tab, .everywhere, "Next pane", hint: "pane", order: 2),
    line(.previousPane, "shift-tab", in: KeyContext.tab, .everywhere, "Previous pane"),
    line(
      .zoom, "z alt-z", in: KeyContext.tab, .everywhere, "The pane alone on the screen, and back (also Esc)",
      hint: "zoom", order: 34, hintIn: KeyContext.panes),
    line(
      .undo, "u ctrl-z", in: KeyContext.tab, .everywhere, "Undo: the text or the token taken last", hint: "undo",
      order: 16, hintIn: KeyContext.texts),
    line(.redo, "ctrl-r", in: KeyContext.tab, .everywhere, "Redo"),
    line(.model, "m f2", in: KeyContext.tab, .everywhere, "Choose a model", hint: "model", order: 11),
    line(.presets, "alt-p", in: KeyContext.tab, .everywhere, "Sampler settings by name"),
    line(.savePreset, "alt-s", in: KeyContext.tab, .everywhere, "Save the sampler settings under a name"),
    line(
      .readText, "alt-r", in: KeyContext.tab, .everywhere,
      "Read the prompt as a document, in colors"),
    line(.theme, "t f4", in: KeyContext.tab, .everywhere, "Choose a theme"),
    line(
      .sessions, "ctrl-o f9", in: KeyContext.tab, .everywhere, "Sessions: open what was made before"),
    line(
      .export, "alt-e", in: KeyContext.tab, .everywhere, "Export the session or the screen to a file"),
    line(.nextTask, "]", in: KeyContext.panes, .everywhere, "Next tab"),
    line(.previousTask, "[", in: KeyContext.panes, .everywhere, "Previous tab"),
  ]

  private static let lessonsHelp =
    "Lessons: \(NumberText.words(Limits.lessons.upperBound)) short walks through the tabs"

  private static let behindTabs: [KeyBinding] = [
    line(.palette, "ctrl-p", in: KeyContext.tab, .everywhere, "All actions", hint: "actions", order: 35),
    line(.help, "? f1", in: KeyContext.tab, .everywhere, "Keys"),
    line(.lessons, "f7", in: KeyContext.tab, .everywhere, lessonsHelp),
    line(.lessons, "l f7", in: [.help], .everywhere, lessonsHelp, hint: "lessons", order: 4),
    line(.saveScreen, "f10", in: KeyContext.everywhere, .everywhere, "Save a picture of the screen (SVG)"),
    line(.mouse, "f8", in: KeyContext.tab, .everywhere, "Mouse: for Triptych or the terminal"),
    line(.stop, "esc", in: KeyContext.tab, .everywhere, "Stop the generation"),
    line(.interrupt, "ctrl-c", in: KeyContext.everywhere, .everywhere, "Stop the generation; when nothing runs, leave"),
    line(.quit, "ctrl-q q", in: KeyContext.everywhere, .everywhere, "Leave (q where no text is typed)"),
  ]
}
