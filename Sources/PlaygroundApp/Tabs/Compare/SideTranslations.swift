import EngineAPI
import Sessions
import TerminalUI

extension Slot {
  /// The beams of a side.
  static func sideBeams(_ id: Int) -> Slot { Slot(.compare, "beams", id) }
  /// The score that a side gives to a translation, by the index of both.
  static func crossScore(_ translation: Int, _ side: Int) -> Slot {
    Slot(.compare, "cross-score", translation * Limits.panes.upperBound + side)
  }
}

/// The beams of translation models for one text, each with the score that every side gives to it.
struct SideTranslations: Sendable, Equatable {
  /// A translation.
  struct Translation: Sendable, Equatable {
    /// The index of the side that made it.
    var side: Int
    /// What the side's search found.
    var completion: Completion
    /// The score under each side; `nil` if it is not known.
    var scores: [Double?]
    /// The versions of requests for scores, by side, until they are answered; `nil` before a request.
    var asked: [Int?]
    /// Whether a request for a score is open.
    var awaited: [Bool]
  }

  /// The ids of the text.
  let source: [Int]
  /// The translations, in the order of their sides, the best of each side first.
  var translations: [Translation] = []
  /// The versions of the searches, by side, until they are answered.
  var searches: [Int?]
  /// Why a side has none.
  var failures: [EngineError?]

  /// Searches of some sides that have not begun.
  init(sides: Int, source: [Int]) {
    self.source = source
    searches = Array(repeating: nil, count: sides)
    failures = Array(repeating: nil, count: sides)
  }

  /// Whether the engine works.
  var isRunning: Bool {
    searches.contains { $0 != nil } || translations.contains { $0.awaited.contains(true) }
  }
}

extension CompareState {
  /// Whether the sides are translation models, which are compared by their beams.
  func comparesTranslations(_ shell: Shell) -> Bool { shell.information(sides[0].model)?.family == .seq2seq }

  /// Translates the text with every side.
  mutating func translate(_ shell: inout Shell) -> [Effect] {
    guard answeredQuestion(shell) != nil, !prompt.tokens.isEmpty, reading.failure == nil else {
      shell.notice = reading.failure?.what ?? Self.notRead
      return []
    }
    var found = SideTranslations(sides: sides.count, source: prompt.ids)
    var effects = rememberPrompt()
    for (index, side) in sides.enumerated() {
      guard let decoding = shell.information(side.model)?.decoding else { return [] }
      let beams = decoding.beams.count ?? Limits.defaultBeams
      var request = BeamRequest(
        context: ModelContext(model: side.model, encoderIDs: prompt.ids, ids: []), beams: beams, returned: beams,
        maxTokens: max(1, decoding.newTokens(after: 1) ?? maxTokens), lengthPenalty: decoding.beams.lengthPenalty ?? 1,
        earlyStopping: decoding.beams.earlyStopping ?? .heuristic, settings: decoding.settings(after: 1))
      request.topCount = SessionTree.keptTops
      let version = shell.nextVersion()
      found.searches[index] = version
      effects.append(.beamSearch(Ticket(.sideBeams(side.id), version: version), request))
    }
    translations = found
    window.update(count: 0)
    return effects
  }

  mutating func receive(beams result: Result<BeamResult, EngineError>, _ ticket: Ticket) {
    guard let index = sides.firstIndex(where: { ticket.slot == .sideBeams($0.id) }),
      translations?.searches.indices.contains(index) == true, translations?.searches[index] == ticket.version
    else { return }
    translations?.searches[index] = nil
    switch result {
    case .success(let answer):
      let new = answer.completions.map { completion in
        var scores = [Double?](repeating: nil, count: sides.count)
        scores[index] = completion.score
        return SideTranslations.Translation(
          side: index, completion: completion, scores: scores, asked: sides.map { _ in nil },
          awaited: sides.map { _ in false })
      }
      translations?.translations += new
      // Scores are asked for once all sides have translated, so that the order of the rows is final.
      if translations?.searches.allSatisfy({ $0 == nil }) == true {
        translations?.translations.sort {
          ($0.side, -($0.completion.score ?? 0)) < ($1.side, -($1.completion.score ?? 0))
        }
      }
    case .failure(let error): translations?.failures[index] = error
    }
    window.update(count: translations?.translations.count ?? 0)
  }

  /// Requests the scores of the translations under the sides that have not made them.
  mutating func askScores(_ shell: inout Shell) -> [Effect] {
    guard let found = translations, found.searches.allSatisfy({ $0 == nil }) else { return [] }
    var effects: [Effect] = []
    for (row, translation) in found.translations.enumerated() {
      for (index, side) in sides.enumerated() where index != translation.side && translation.asked[index] == nil {
        let context = ModelContext(
          model: side.model, encoderIDs: found.source, ids: translation.completion.tokens.map(\.token.id))
        let version = shell.nextVersion()
        translations?.translations[row].asked[index] = version
        translations?.translations[row].awaited[index] = true
        effects.append(.score(Ticket(.crossScore(row, index), version: version), ScoreRequest(context: context)))
      }
    }
    return effects
  }

  mutating func receive(score result: Result<[ScoredToken], EngineError>, _ ticket: Ticket, _ shell: Shell) {
    for row in (translations?.translations ?? []).indices {
      for (index, side) in sides.enumerated() where ticket.slot == .crossScore(row, index) {
        guard translations?.translations[row].asked[index] == ticket.version else { return }
        translations?.translations[row].awaited[index] = false
        guard case .success(let tokens) = result, !tokens.isEmpty, tokens.allSatisfy({ $0.logprob != nil }) else {
          return
        }
        let penalty = shell.information(side.model)?.decoding.beams.lengthPenalty ?? 1
        let sum = tokens.reduce(0) { $0 + ($1.logprob ?? 0) }
        translations?.translations[row].scores[index] = sum / Probability.power(Double(tokens.count), penalty)
      }
    }
  }

  /// Forgets the translations, and cancels what is searched.
  mutating func forgetTranslations() -> [Effect] {
    defer { translations = nil }
    return translations?.isRunning == true ? cancelTranslations() : []
  }

  /// Stops the searches and scores.
  mutating func cancelTranslations() -> [Effect] {
    var effects: [Effect] = []
    for (index, side) in sides.enumerated() where translations?.searches.indices.contains(index) == true {
      if translations?.searches[index] != nil { effects.append(.cancel(.sideBeams(side.id))) }
      translations?.searches[index] = nil
    }
    for (row, translation) in (translations?.translations ?? []).enumerated() {
      for index in translation.awaited.indices where translation.awaited[index] {
        effects.append(.cancel(.crossScore(row, index)))
        translations?.translations[row].awaited[index] = false
      }
    }
    return effects
  }
}

/// The translations of all sides in one table, with the score that each side gives to each of them.
struct SideTranslationsView: Widget {
  var tab: CompareState
  var context: PaneContext

  /// The columns of a score.
  private static let score = 9

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let isOld = tab.translations.map { $0.source != tab.prompt.ids } ?? false
      let note = isOld ? "of an older text" : rect.width >= 60 ? "score of each side, the best in bold" : ""
      inside = grid.box(rect, title: "Translations", right: note, focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let found = tab.translations else {
      return grid.draw(
        DimLines(tab.emptyLine(context.shell, glyphs: grid.glyphs)), in: inside.inset(columns: 1, rows: 0))
    }
    guard !found.translations.isEmpty else {
      let failure = found.failures.compactMap(\.self).first?.what
      return grid.draw(
        DimLines(failure ?? (found.isRunning ? "every side translates" : "nothing found")),
        in: inside.inset(columns: 1, rows: 0))
    }
    let isHeaded = inside.height >= 3
    var window = tab.window
    window.update(count: found.translations.count, height: max(1, inside.height - (isHeaded ? 1 : 0)))
    let numbers = tab.sides.count * Self.score
    let width = max(6, inside.width - numbers - 5)
    if isHeaded {
      for side in tab.sides.indices {
        let x = inside.x + 4 + width + side * Self.score
        grid.draw(
          NumberText.padded(ComparedModel.letter(side), Self.score - 1), at: Point(x, inside.y),
          style: Style(.stream(side), .bold), maxWidth: max(0, inside.maxX - x))
      }
    }
    for (row, index) in window.visible.enumerated() {
      let line = inside.row((isHeaded ? 1 : 0) + row)
      let isChosen = index == window.selected && context.isFocused
      draw(found.translations[index], isChosen: isChosen, width, in: line, on: &grid)
    }
  }

  private func draw(
    _ one: SideTranslations.Translation, isChosen: Bool, _ width: Int, in line: Rect, on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    if isChosen {
      grid.fill(line, style: Style(on: .selection))
      grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground))
    }
    grid.draw(
      ComparedModel.letter(one.side), at: Point(line.x + 1, line.y), style: Style(.stream(one.side), on: ground, .bold))
    grid.draw(
      visible(one.completion.text, glyphs: grid.glyphs, keepsSpaces: true), at: Point(line.x + 3, line.y),
      style: Style(.text, on: ground), maxWidth: width, truncation: .tail)
    let best = one.scores.indices.max { (one.scores[$0] ?? -.infinity) < (one.scores[$1] ?? -.infinity) }
    for (side, score) in one.scores.enumerated() {
      let x = line.x + 4 + width + side * Self.score
      let words = score.map { NumberText.fixed($0, decimals: 3) } ?? (one.awaited[side] ? grid.glyphs.ellipsis : "-")
      grid.draw(
        NumberText.padded(words, Self.score - 1), at: Point(x, line.y),
        style: Style(side == best ? .text : .dim, on: ground, side == best ? .bold : []),
        maxWidth: max(0, line.maxX - x))
    }
  }
}
