import EngineAPI
import TerminalUI

/// Says in lines what changes, for a playground without a screen: answers, errors and notices at once; the tab, the
/// model, the focus and the text of panes as soon as the work is done.
public struct LineReport: Sendable {
  /// What was said last.
  private var said = Said()
  private var hasBegun = false

  private struct Said: Sendable {
    var tab: TabID?
    var model = ""
    var focus: Focus?
    var overlay: [String] = []
    var notice: String?
    var failure: EngineError?
    var replies = 0
    var panes: [Focus: [String]] = [:]
  }

  /// The most rows of a list of candidates.
  private static let listedRows = 10
  /// The most rows of a list to choose from.
  private static let listedChoices = 20
  /// The most lines of an overlay or a pane.
  private static let mostLines = 60

  /// A report that has said nothing.
  public init() {}

  /// The lines for what is new.
  ///
  /// - Parameter isSettled: whether no work is going on. Panes and the model are only reported then.
  public mutating func lines(_ state: PlaygroundState, isSettled: Bool) -> [String] {
    var lines: [String] = []
    if !hasBegun {
      hasBegun = true
      lines.append("Triptych, as lines: write a text, or a word such as send, next pane, help, quit.")
    }
    let shell = state.shell
    if shell.replies.number != said.replies {
      said.replies = shell.replies.number
      lines += shell.replies.lines
    }
    if shell.notice != said.notice, let notice = shell.notice { lines.append("note: " + Self.plain(notice)) }
    said.notice = shell.notice
    var failure: EngineError?
    if case .failure(let error) = shell.overlay { failure = error }
    if failure != said.failure, let failure {
      lines.append("error: " + Self.plain(failure.description))
      if let hint = failure.hint { lines.append("hint: " + Self.plain(hint)) }
    }
    said.failure = failure
    return isSettled ? lines + settled(state) : lines
  }

  private mutating func settled(_ state: PlaygroundState) -> [String] {
    var lines: [String] = []
    let tabHasChanged = state.tab != said.tab
    if tabHasChanged {
      lines.append("tab: \(state.tab.title)")
      (said.tab, said.panes) = (state.tab, [:])
    }
    let model = Self.modelLine(state)
    if model != said.model { lines.append(model) }
    said.model = model
    let overlay = Self.overlay(state)
    if overlay != said.overlay, !overlay.isEmpty { lines += overlay }
    said.overlay = overlay
    guard state.shell.overlay == nil else { return lines }
    for pane in state.shell.layout.panes {
      let text = Self.text(of: pane.focus, state)
      let old = said.panes[pane.focus]
      if Self.unmarked(text) != old.map(Self.unmarked) {
        lines += Self.news(text, after: old, isList: pane.focus.context.traits.contains(.list))
      }
      said.panes[pane.focus] = text
    }
    if state.focus != said.focus || tabHasChanged { lines.append("focus: " + Self.focusTitle(state)) }
    said.focus = state.focus
    return lines
  }

  /// The lines without the mark of the chosen row, which moves with the focus.
  private static func unmarked(_ lines: [String]) -> [String] {
    lines.map { $0.hasPrefix("  >  ") ? "  " + $0.dropFirst(5) : $0 }
  }

  /// The lines of a pane that are new: what follows the old ones, or all of them, without the end of a long list.
  private static func news(_ lines: [String], after old: [String]?, isList: Bool) -> [String] {
    if let old, old.count > 1, lines.count > old.count, lines.prefix(old.count).elementsEqual(old) {
      return Array(lines[old.count...])
    }
    guard isList, lines.count > listedRows + 3 else { return lines }
    return lines.prefix(listedRows + 2) + lines.suffix(1)
  }

  // MARK: Texts

  /// The model of the tab, and how far it is.
  static func modelLine(_ state: PlaygroundState) -> String {
    let model = state.current.model
    guard model != .none else { return "model: none" }
    let label = state.shell.label(model, among: [model])
    let status =
      switch state.shell.opened[model] {
      case nil: "waiting"
      case .loading: "opening"
      case .ready(let information):
        information.summary.parameters.map { "\(NumberText.compact($0)) weights, ready" } ?? "ready"
      case .failed: "can't be opened"
      }
    return "model: \(label), \(status)"
  }

  /// A pane with its title.
  static func text(of focus: Focus, _ state: PlaygroundState) -> [String] {
    guard let pane = state.shell.layout[focus] else { return [] }
    let head = heading(of: pane, state)
    let lines = Array(content(of: pane, state).prefix(mostLines))
    guard lines.count != 1 else { return ["\(head): \(lines[0])"] }
    return ["\(head):"] + (lines.isEmpty ? ["  nothing"] : lines.map { "  " + $0 })
  }

  private static func content(of pane: Layout.Pane, _ state: PlaygroundState) -> [String] {
    let shell = state.shell
    if let lines = state.current.spoken(pane.focus, shell) { return lines.flatMap(split) }
    if pane.focus == .prompt { return split(state.current.prompt.editor.text) }
    if pane.focus.context.traits.contains(.text) {
      var tab = state.current
      tab.setFocus(pane.focus)
      if let trace = tab.walkedText?.trace, !trace.tokens.isEmpty {
        return split(trace.text(endOfText: shell.endOfText(trace)))
      }
    }
    return rows(drawing(state, overlay: false), pane.inside)
  }

  /// The lines of a text.
  private static func split(_ text: String) -> [String] {
    text.split(separator: "\n").map { visible($0, keepsSpaces: true) }
  }

  /// The title of a pane, without its note.
  static func title(of pane: Layout.Pane, _ state: PlaygroundState) -> String {
    titleParts(of: pane, state).first ?? pane.focus.context.rawValue
  }

  private static func heading(of pane: Layout.Pane, _ state: PlaygroundState) -> String {
    let parts = titleParts(of: pane, state)
    return parts.isEmpty ? pane.focus.context.rawValue : parts.joined(separator: ", ")
  }

  private static func titleParts(of pane: Layout.Pane, _ state: PlaygroundState) -> [String] {
    guard pane.isFramed else { return [] }
    let edge = Rect(pane.frame.x + 1, pane.frame.y, max(0, pane.frame.width - 2), 1)
    let cells = text(drawing(state, overlay: false), edge, row: 0)
    return cells.split(separator: "─").map { $0.split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
  }

  private static func focusTitle(_ state: PlaygroundState) -> String {
    state.shell.layout[state.focus].map { title(of: $0, state) } ?? state.focus.context.rawValue
  }

  /// The open overlay; nothing if there is none.
  static func overlay(_ state: PlaygroundState) -> [String] {
    switch state.shell.overlay {
    case nil, .failure: return []
    case .picker(let picker):
      return numbered(state.items(picker).map { ($0.name, $0.detail) }, picker.window, picker.filter.text)
    case .sessions(let browser):
      return numbered(
        browser.matching.map { ($0.name, $0.problem?.brief ?? $0.created ?? "") }, browser.window, browser.filter.text)
    case .reading:
      let model = state.shell.reading?.model
      return state.shell.reading?.spoken(model.map { state.shell.label($0, among: [$0]) } ?? "") ?? []
    case .help, .sampler, .card: break
    }
    let rows = rows(drawing(state, overlay: true), Rect(size: state.shell.size))
    guard let head = rows.first else { return [] }
    return ["\(head):"] + rows.dropFirst().prefix(mostLines).map { "  " + $0 }
  }

  /// The rows of a list to choose from, with their numbers.
  private static func numbered(
    _ rows: [(name: String, detail: String)], _ window: ListWindow, _ filter: String
  ) -> [String] {
    let head = "list of \(rows.count)" + (filter.isEmpty ? "" : " with '\(plain(filter))'")
    let shown = rows.prefix(listedChoices).enumerated().map { index, row in
      let words = [plain(row.name), plain(row.detail)].filter { !$0.isEmpty }.joined(separator: ", ")
      return "\(index == window.selected ? ">" : " ") \(index + 1) \(words)"
    }
    let more = rows.count > listedChoices ? ["  and \(rows.count - listedChoices) more: a text narrows the list"] : []
    return ["\(head): a number chooses, close leaves"] + shown + more
  }

  // MARK: From the drawing

  /// The screen of the state, without the overlay; or the overlay alone.
  private static func drawing(_ state: PlaygroundState, overlay: Bool) -> CellGrid {
    guard overlay else {
      var bare = state
      bare.shell.overlay = nil
      return view(bare)
    }
    var grid = CellGrid(state.shell.size, glyphs: .unicode)
    grid.draw(OverlayView(state: state), in: state.shell.overlayBounds)
    return grid
  }

  /// The rows of a rectangle as text, without bars, frames and empty rows.
  private static func rows(_ grid: CellGrid, _ rect: Rect) -> [String] {
    (0..<rect.height).map { plain(text(grid, rect, row: $0)) }.filter { !$0.isEmpty }
  }

  private static func text(_ grid: CellGrid, _ rect: Rect, row: Int) -> String {
    (rect.x..<rect.maxX).map { grid[Point($0, rect.y + row)].text }.joined()
  }

  /// A text without control characters, bars and frames, and with at most two spaces in a row.
  private static func plain(_ text: String) -> String {
    var result = ""
    var spaces = 0
    for character in visible(text, keepsSpaces: true) {
      let value = character.unicodeScalars.first?.value ?? 0
      if character == " " || (0x2500...0x259F).contains(value) {
        spaces += 1
        continue
      }
      if !result.isEmpty { result += String(repeating: " ", count: min(spaces, 2)) }
      spaces = 0
      result += character == "▸" ? ">" : String(character)
    }
    return result
  }
}
