import EngineAPI
import TerminalUI

/// What a line does, in a playground without a screen: it is a word for an action, the name of a key, a value, or the
/// text for the pane with the focus.
extension PlaygroundState {
  mutating func take(line: String) -> [Effect] {
    shell.notice = nil
    if case .failure = shell.overlay { shell.overlay = nil }
    let text = line.trimmed
    if text.isEmpty {
      reply(situation)
      return []
    }
    let wasBusy = current.isBusy
    let effects = takeVerb(text) ?? takeWord(text) ?? takeText(text)
    if current.isBusy, !wasBusy { reply(["working"]) }
    return effects
  }

  private mutating func reply(_ lines: [String]) {
    shell.replies.number += 1
    shell.replies.lines = lines
  }

  /// A line that begins with a verb: `send TEXT`, `take 3`.
  private mutating func takeVerb(_ text: String) -> [Effect]? {
    let verb = text.prefix { $0 != " " }.lowercased()
    let rest = String(text.dropFirst(verb.count)).trimmed
    switch (verb, rest) {
    case ("help", ""), ("words", ""): reply(wordList)
    case ("where", ""): reply(situation)
    case ("read", ""): reply(shell.overlay == nil ? LineReport.text(of: focus, self) : LineReport.overlay(self))
    case ("read", "all"):
      reply(shell.layout.panes.flatMap { LineReport.text(of: $0.focus, self) })
    case ("text", _): return takePrompt(rest)
    case ("more", _) where !rest.isEmpty:
      let before = current.prompt.editor.text
      return takePrompt(before.isEmpty ? rest : before + "\n" + rest)
    case ("send", _) where !rest.isEmpty && shell.overlay == nil:
      let effects = takePrompt(rest)
      return effects + perform(.send)
    case ("pane", _) where !rest.isEmpty: goToPane(rest)
    case ("take", _) where Int(rest) != nil, ("row", _) where Int(rest) != nil:
      return takeRow(Int(rest) ?? 0, isTaken: verb == "take")
    default: return nil
    }
    return []
  }

  /// A word for an action, a number of a row, the name of a key, or a value.
  private mutating func takeWord(_ text: String) -> [Effect]? {
    if let action = action(named: text) { return perform(named: action) }
    if hasChoices, let number = Int(text), number > 0 { return takeRow(number, isTaken: true) }
    if let key = KeyStroke(text), let action = shell.keys.action(for: key, in: keyContext, tab: shell.tab) {
      return action == .help ? perform(named: action) : press(key)
    }
    guard shell.overlay == nil, let item = valueItems(text).first else { return nil }
    if case .problem(let problem) = item.choice {
      shell.notice = problem
      return []
    }
    return choose(item.choice)
  }

  private mutating func perform(named action: Action) -> [Effect] {
    guard action == .help else { return perform(action) }
    reply(wordList)
    return []
  }

  /// Whether a list to choose from is open.
  private var hasChoices: Bool {
    switch shell.overlay {
    case .picker, .sessions: true
    default: false
    }
  }

  /// Text for the pane with the focus, or for the open overlay.
  private mutating func takeText(_ text: String) -> [Effect] {
    switch (keyContext, shell.overlay) {
    case (.prompt, _): return takePrompt(text)
    case (.search, _):
      current.list?.search = LineInput(text)
      current.list?.window.select(0)
    case (_, .picker(var picker)):
      picker.filter = LineInput(text)
      picker.window.select(0)
      picker.window.update(count: items(picker).count)
      shell.overlay = .picker(picker)
    case (_, .sessions(var browser)):
      browser.filter = LineInput()
      browser.insert(text)
      shell.overlay = .sessions(browser)
    case (_, .sampler):
      for character in text { typeIntoSampler(KeyStroke(character)) }
      _ = commitSetting()
    case (let context, nil) where context.isTextEntry:
      for character in text { tabs[shell.tab].typed(KeyStroke(character), &shell) }
    default:
      shell.notice = "there is no word '\(text.prefix(40))' here: help lists the words; text TEXT writes a prompt"
    }
    return []
  }

  /// Puts a text into the prompt, in place of the old one.
  private mutating func takePrompt(_ text: String) -> [Effect] {
    shell.overlay = nil
    guard current.focusOrder.contains(.prompt) else {
      shell.notice = "there is no prompt in this tab"
      return []
    }
    focus = .prompt
    tabs[shell.tab].receive(edited: text, &shell)
    return []
  }

  /// Chooses a row of a list by its number, from 1, and takes it if wanted.
  private mutating func takeRow(_ number: Int, isTaken: Bool) -> [Effect] {
    if case .picker(var picker) = shell.overlay {
      guard (1...max(1, picker.window.count)).contains(number) else { return noRow(number, of: picker.window.count) }
      picker.window.select(number - 1)
      shell.overlay = .picker(picker)
      return isTaken ? accept() : []
    }
    if case .sessions(var browser) = shell.overlay {
      guard (1...max(1, browser.window.count)).contains(number) else { return noRow(number, of: browser.window.count) }
      browser.window.select(number - 1)
      shell.overlay = .sessions(browser)
      return isTaken ? accept() : []
    }
    guard let list = current.list, shell.overlay == nil else {
      shell.notice = "there is no list of candidates here"
      return []
    }
    guard (1...max(1, list.window.count)).contains(number) else { return noRow(number, of: list.window.count) }
    current.list?.window.select(number - 1)
    return isTaken ? perform(.take) : []
  }

  private mutating func noRow(_ number: Int, of count: Int) -> [Effect] {
    shell.notice =
      count == 0 ? "the list has no rows yet" : "there is no row \(number): expected 1 to \(NumberText.grouped(count))"
    return []
  }

  /// Gives the focus to the first pane whose title begins with a text.
  private mutating func goToPane(_ name: String) {
    shell.overlay = nil
    let wanted = name.lowercased()
    let titles = shell.layout.panes.map { (focus: $0.focus, title: LineReport.title(of: $0, self)) }
    if let found = titles.first(where: { $0.title.lowercased().hasPrefix(wanted) }) {
      focus = found.focus
    } else {
      shell.notice =
        "there is no pane '\(name.prefix(40))': the panes are \(titles.map(\.title).joined(separator: ", "))"
    }
  }

  /// The tab, the model, and the panes.
  private var situation: [String] {
    let panes = shell.layout.panes.map { pane in
      LineReport.title(of: pane, self) + (pane.focus == focus ? " (here)" : "")
    }
    let tabs = TabID.allCases.map { $0.title + ($0 == shell.tab ? " (here)" : "") }
    return [
      "tabs: " + tabs.joined(separator: ", "), LineReport.modelLine(self), "panes: " + panes.joined(separator: ", "),
    ]
  }
}

extension String {
  /// The text without white space at its ends.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
