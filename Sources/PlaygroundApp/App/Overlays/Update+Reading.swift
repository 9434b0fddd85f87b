import EngineAPI
import TerminalUI

extension Slot {
  /// The reading of a tab's prompt as a document.
  public static func reading(_ tab: TabID) -> Slot { Slot(tab, "reading") }
}

/// The reading view: the prompt of the open tab as a document, read by the tab's model.
extension PlaygroundState {
  /// Opens the view, or says why it can't.
  mutating func openReading() {
    let model = current.model
    guard current.focusOrder.contains(.prompt), !current.prompt.editor.isEmpty else {
      shell.notice = "nothing to read: write or paste a text into the prompt"
      return
    }
    guard let information = shell.information(model) else {
      shell.notice =
        shell.failure(model).map(\.what) ?? "\(model.shortName) is being opened: it can read once it is open"
      return
    }
    guard information.family == .causal || information.family == .masked else {
      shell.notice = "a text is read by a model that predicts its tokens: Generate and Fill mask have such models"
      return
    }
    let bytes = current.prompt.editor.text.utf8.count
    guard bytes <= DocumentReading.mostBytes else {
      shell.fail(
        EngineError(
          .input, "the text is too long to be read on the screen", at: "the prompt",
          expected: "at most \(NumberText.bytes(DocumentReading.mostBytes))", found: NumberText.bytes(bytes),
          hint: "triptych score reads files of any length"))
      return
    }
    shell.reading = DocumentReading(tab: shell.tab, model: model, measure: ReadingMeasure(shell.heat))
    shell.overlay = .reading
  }

  /// Requests the numbers of the document once its tokens are known, and cancels the request of a closed view.
  mutating func settleReading() -> [Effect] {
    guard let reading = shell.reading else { return [] }
    if case .failure = shell.overlay { return [] }
    guard case .reading = shell.overlay else {
      shell.reading = nil
      return reading.isRunning && reading.version != nil ? [.cancel(.reading(reading.tab))] : []
    }
    var effects: [Effect] = []
    if reading.text == nil, let failure = current.prompt.failure {
      shell.reading?.failure = failure
      shell.reading?.isRunning = false
    } else if reading.text == nil, current.answeredQuestion(shell) != nil {
      let prompt = current.prompt
      let text = DocumentText(prompt.editor.text, prompt.tokens)
      let version = shell.nextVersion()
      shell.reading?.begin(text, version: version)
      let request = ScoreRequest(
        context: ModelContext(model: reading.model, ids: text.ids), topCount: ReadingNumbers.listed)
      effects.append(.read(Ticket(.reading(reading.tab), version: version), request))
    }
    let room = ReadingView.room(shell.overlayBounds)
    shell.reading?.fit(room)
    return effects
  }

  /// Takes numbers, or the end of the work.
  mutating func receive(_ part: ScoredPart, _ ticket: Ticket) {
    guard shell.reading.map({ ticket.slot == .reading($0.tab) }) ?? false else { return }
    shell.reading?.receive(part, version: ticket.version)
  }

  mutating func receive(readingEnd failure: EngineError?, _ ticket: Ticket) {
    guard shell.reading.map({ ticket.slot == .reading($0.tab) }) ?? false else { return }
    shell.reading?.finish(failure, version: ticket.version)
  }

  /// Performs an action in the view; returns false for the actions of all overlays.
  mutating func performInReading(_ action: Action) -> Bool {
    guard case .reading = shell.overlay, let reading = shell.reading else { return false }
    let page = max(1, reading.rows - 1)
    switch action {
    case .left: shell.reading?.walk(by: -1)
    case .right: shell.reading?.walk(by: 1)
    case .up: shell.reading?.walk(lines: -1)
    case .down: shell.reading?.walk(lines: 1)
    case .pageUp: shell.reading?.walk(lines: -page)
    case .pageDown: shell.reading?.walk(lines: page)
    case .first, .last: shell.reading?.walk(toEnd: action == .last)
    case .nextHit, .previousHit:
      if shell.reading?.walkToPeak(forward: action == .nextHit) == false {
        let rest = reading.isRunning ? " in what is read so far" : ""
        shell.notice = "no \(action == .nextHit ? "further" : "earlier") surprising \(reading.unit.rawValue)" + rest
      }
    case .heat: shell.reading?.measure = reading.measure.next
    case .readingUnit: shell.reading?.unit = reading.unit.next
    case .editHere: editHere(reading)
    default: return false
    }
    return true
  }

  /// Closes the view and puts the prompt's cursor before the token under the view's cursor.
  private mutating func editHere(_ reading: DocumentReading) {
    shell.overlay = nil
    guard let text = reading.text else { return }
    let offset = text.pieces.prefix(reading.cursor).reduce(0) { $0 + $1.utf8.count }
    focus = .prompt
    current.prompt.editor.moveCursor(to: offset)
  }
}
