import EngineAPI
import TerminalUI

extension Slot {
  /// The targets of the mask.
  static let targets = Slot(.fillMask, "targets")
}

/// Given fillings of the one mask of a text, of one piece or several, ranked by their probability.
struct MaskTargets: Sendable, Equatable {
  /// The most targets at a time.
  static let most = 24

  /// The targets, as they were typed.
  private(set) var texts: [String] = []
  private var request: ChoiceRequest?
  private var awaited: Int?
  /// The targets with their probabilities, best first. The last answer stays until the next one.
  private(set) var ranked: [RankedChoice] = []
  /// Why there is no ranking.
  private(set) var failure: EngineError?
  /// The targets on the screen and the chosen one.
  var window = ListWindow()

  /// Whether there are targets, so that they have a pane.
  var isShown: Bool { !texts.isEmpty }
  /// Whether an answer is awaited.
  var isAwaited: Bool { awaited != nil }
  /// The chosen target.
  var chosen: RankedChoice? { ranked.indices.contains(window.selected) ? ranked[window.selected] : nil }

  /// Uses other targets. Returns whether an answer was awaited.
  mutating func set(_ texts: [String]) -> Bool {
    let wasAwaited = isAwaited
    self = Self()
    self.texts = texts
    return wasAwaited
  }

  /// Notes a request; returns its version, or `nil` if it is the latest one.
  mutating func ask(_ wanted: ChoiceRequest, _ shell: inout Shell) -> Int? {
    guard request != wanted else { return nil }
    (request, awaited, failure) = (wanted, shell.nextVersion(), nil)
    return awaited
  }

  /// Takes the ranking, if it is the awaited one. The chosen target stays chosen.
  mutating func receive(_ result: Result<ChoiceRanking, EngineError>, _ ticket: Ticket) {
    guard awaited == ticket.version else { return }
    awaited = nil
    let before = chosen?.text
    switch result {
    case .success(let ranking): ranked = ranking.choices
    case .failure(let error): (ranked, failure) = ([], error)
    }
    window.update(count: ranked.count)
    if let row = ranked.firstIndex(where: { $0.text == before }) { window.follow(to: row) }
  }

  /// Forgets the ranking and keeps the targets. Returns whether an answer was awaited.
  mutating func forget() -> Bool { set(texts) }

  /// Why the ranking cannot be made.
  mutating func refuse(_ error: EngineError) -> Bool {
    let wasAwaited = forget()
    failure = error
    return wasAwaited
  }

  mutating func stop() { awaited = nil }

  mutating func askAgain() { if awaited != nil { (request, awaited) = (nil, nil) } }
}

extension MaskTargets {
  /// Targets that were typed: between commas, without the spaces around them.
  /// - Throws: ``Problem`` with a sentence for the user.
  static func parsed(_ text: String) throws(Problem) -> [String] {
    let texts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      var part = part.drop { $0.isWhitespace }
      while part.last?.isWhitespace == true { part.removeLast() }
      return String(part)
    }
    if texts == [""] { return [] }
    guard !texts.contains("") else { throw Problem(words: "a target is empty") }
    var seen: Set<[UInt8]> = []
    if let twice = texts.first(where: { !seen.insert(Array($0.utf8)).inserted }) {
      throw Problem(words: "twice: \(visible(twice, keepsSpaces: true))")
    }
    guard texts.count <= most else { throw Problem(words: "\(NumberText.grouped(most)) targets at most") }
    return texts
  }

  /// What is wrong with typed targets.
  struct Problem: Error {
    var words: String
  }
}

extension FillMaskState {
  static let targetsPicker = "Targets, between commas"

  func picker(_ action: Action) -> String? { action == .editTargets ? Self.targetsPicker : nil }

  func entryStart(in name: String) -> String { targets.texts.joined(separator: ", ") }

  func choices(_ name: String, _ shell: Shell) -> [PickerItem] {
    targets.isShown ? [PickerItem(name: "No targets", detail: "", choice: .own("", list: name))] : []
  }

  func entry(_ text: String, in name: String, _ shell: Shell) -> PickerItem? {
    do throws(MaskTargets.Problem) {
      let count = try MaskTargets.parsed(text).count
      return PickerItem(
        name: count == 0 ? "No targets" : "Rank \(NumberText.counted(count, "target"))", detail: "",
        choice: .own(text, list: name))
    } catch {
      return PickerItem(name: error.words, detail: "", choice: .problem(error.words))
    }
  }

  mutating func choose(_ value: String, in name: String, _ shell: inout Shell) -> [Effect] {
    guard let texts = try? MaskTargets.parsed(value), texts != targets.texts else { return [] }
    let wasAwaited = targets.set(texts)
    if targets.isShown {
      setFocus(.targets)
    } else if focus == .targets {
      setFocus(gaps.isEmpty ? .prompt : .mask(shownGap))
    }
    return wasAwaited ? [.cancel(.targets)] : []
  }

  /// Requests the ranking of the targets if the text has one mask.
  mutating func askTargets(_ shell: inout Shell) -> [Effect] {
    guard targets.isShown else { return [] }
    if prompt.awaited == nil, let error = tooLong(shell) {
      return targets.failure == error ? [] : targets.refuse(error) ? [.cancel(.targets)] : []
    }
    guard let information = shell.information(model), answeredQuestion(shell) != nil else { return [] }
    guard gaps.count == 1 else { return targets.forget() ? [.cancel(.targets)] : [] }
    let request = ChoiceRequest(
      targets.texts, after: prompt.tokenizedText, place: "the targets", model: model, information)
    return targets.ask(request, &shell).map { [.rankChoices(Ticket(.targets, version: $0), request)] } ?? []
  }

  /// Puts the chosen target in place of the mask.
  mutating func takeTarget(_ shell: inout Shell) {
    guard let target = targets.chosen, gaps.count == 1, prompt.editor.text == prompt.tokenizedText else { return }
    prompt.editor.replace(gaps[0].range, with: target.text)
  }

  /// Why no targets are ranked.
  func targetsLine(_ shell: Shell) -> String {
    if let line = modelLine(shell) { return line }
    if let failure = targets.failure {
      return failure.what + (failure.found.map { ": \($0)" } ?? "")
    }
    if let failure = prompt.failure { return failure.what }
    guard gaps.count == 1 else {
      let mask = shell.information(model)?.maskToken?.text ?? "[MASK]"
      return gaps.isEmpty
        ? "targets need one \(mask): the text has none"
        : "targets need one \(mask): the text has \(NumberText.words(gaps.count))"
    }
    return targets.isAwaited ? "the targets are being scored" : ""
  }
}
