import EngineAPI
import Sampling
import Sessions

extension TranslateState {
  /// Takes the model's defaults for beam search and languages.
  mutating func takeDefaults(_ information: ModelInformation, _ shell: Shell) {
    let languages = information.languages
    if languages.count > 1,
      !languages.contains(direction.source) || !languages.contains(direction.target)
    {
      direction = TranslationDirection(from: languages[0], to: languages[1])
    }
    guard !hasOwnSearch else { return }
    search.beams = information.decoding.beams.count ?? shell.settings.beams
    search.maxTokens = max(information.decoding.newTokens(after: 1) ?? shell.settings.maxTokens, 1)
    search.lengthPenalty = information.decoding.beams.lengthPenalty ?? 1
    search.earlyStopping = information.decoding.beams.earlyStopping ?? .heuristic
    let chain = information.decoding.settings(after: 1)
    // Beam sampling uses the whole chain; plain beam search only the stages that do not concern sampling.
    search.chain = information.decoding.samples == true ? chain : chain.processors
  }

  mutating func askAgain() {
    askPanesAgain()
    alignment.askAgain()
    back.askAgain()
    beginning?.askAgain()
    askedPrefixes = Set(prefixes.keys)
  }

  /// Asks for the prefix of the direction, once.
  mutating func askPrefix(_ shell: Shell) -> [Effect] {
    let direction = direction
    guard shell.information(model) != nil, askedPrefixes.insert(direction).inserted else { return [] }
    return [.translationPrefix(direction, model: model)]
  }

  mutating func receive(
    prefix result: Result<String, EngineError>, _ direction: TranslationDirection, _ model: ModelReference,
    _ shell: inout Shell
  ) {
    guard model == self.model else { return }
    switch result {
    case .success(let prefix): prefixes[direction] = prefix
    case .failure(let error):
      // A model without translation prefixes still accepts plain text.
      prefixes[direction] = ""
      shell.notice = "no task prefix: \(error.description)"
    }
  }

  /// Every direction between the model's languages.
  func directions(_ shell: Shell) -> [TranslationDirection] {
    let known = shell.information(model)?.languages ?? []
    let languages = known.count > 1 ? known : [direction.source, direction.target]
    return languages.flatMap { source in
      languages.filter { $0 != source }.map { TranslationDirection(from: source, to: $0) }
    }
  }

  /// Undo: returns to the previous translations. Redo: returns to the undone ones.
  mutating func walkBranches(back: Bool, _ shell: inout Shell) -> [Effect] {
    let cursor = reader.flatMap { shell.tree.cursors[$0] }
    let wasRunning = beams.isBusy
    // Undoing a search that has shown nothing yet only stops it.
    let isOnlyStopped = back && beams.batch?.shownCount == 0 && !beams.lines.isEmpty
    guard let reader, let cursor, isOnlyStopped || (back ? !cursor.past.isEmpty : !cursor.undone.isEmpty) else {
      shell.notice = back ? "nothing to undo in the translation" : "nothing to redo in the translation"
      return []
    }
    leave()
    if isOnlyStopped {
      beams.stop()
    } else if back {
      shell.tree.undo(reader)
    } else {
      shell.tree.redo(reader)
    }
    let places = shell.tree.cursors[reader]?.places ?? []
    beams = BeamsState(at: places, in: shell.tree)
    looks[places]?.apply(to: &beams)
    if let model = beams.hypothesis?.trace.model { setModel(model, shell) }
    return wasRunning ? [.cancel(.beams)] : []
  }

  func standing(_ shell: Shell) -> Place? { beams.places.first }

  /// Shows the translations that end at these places.
  mutating func take(_ places: [Place], asFurther: Bool, _ shell: inout Shell) -> [Effect]? {
    let tree = shell.tree
    let isOwn = places.allSatisfy { place in
      if case .translation = tree.origin(of: tree.root(of: place)) { true } else { false }
    }
    guard isOwn else { return nil }
    let wasBusy = beams.isBusy
    leave()
    let id = reader ?? shell.tree.addCursor()
    reader = id
    shell.tree.move(id, to: places)
    beams = BeamsState(at: places, in: shell.tree)
    if let origin = beams.origin {
      direction = origin.direction
      setModel(origin.model, shell)
      if prompt.editor.text != origin.text { prompt.editor.setText(origin.text) }
    }
    setFocus(beams.hypotheses.isEmpty ? .prompt : .translation)
    return wasBusy ? [.cancel(.beams)] : []
  }

  /// Saves cursor and selection of the lines that are being left.
  mutating func leave() {
    if looks.count > TranslationLook.most { looks.removeAll() }
    looks[beams.places] = TranslationLook(beams)
  }

  /// Moves the cursor in the tree to the lines shown now, and adds an undo step.
  mutating func moveReader(_ shell: inout Shell) {
    let id = reader ?? shell.tree.addCursor()
    reader = id
    shell.tree.move(id, to: beams.places)
  }

  /// Shows another beam of the current line, without adding an undo step.
  mutating func choose(beam index: Int, _ shell: inout Shell) {
    beams.chosen = index
    if let reader, !beams.isBusy { shell.tree.follow(reader, to: beams.places) }
    standInTranslation(shell)
  }

  /// Uses another model, and discards prefixes and candidates of the old one.
  mutating func setModel(_ model: ModelReference, _ shell: Shell) {
    guard model != self.model else { return }
    self.model = model
    prefixes = [:]
    askedPrefixes = []
    candidates.clear()
    if let information = shell.information(model) { takeDefaults(information, shell) }
  }

  /// The chosen translation; `nil` if the prompt has the focus and has changed since.
  var shownHypothesis: BeamsState.Hypothesis? {
    guard let shown = beams.hypothesis else { return nil }
    if focus == .prompt, beams.origin != translationOrigin { return nil }
    return shown
  }

  /// Requests the candidates of the Translate tab.
  mutating func askCandidates(_ shell: inout Shell) -> [Effect] {
    let context: ModelContext
    var position = 0
    if let shown = shownHypothesis {
      let place = beams.cursor ?? shown.trace.end(endOfText: shell.endOfText(shown.trace))
      guard shown.trace.hasSource else {
        candidates.clear()
        return []
      }
      let part = shown.trace.part(at: place)
      context = shell.tree.context(at: part.place, model: shown.trace.model) ?? ModelContext(model: model, ids: [])
      position = place - part.start
    } else {
      guard answeredQuestion(shell) != nil else { return [] }
      // With several lines, candidates are available only once the lines have been translated.
      guard !prompt.editor.isEmpty, prompt.editor.text.lines.count == 1 else {
        candidates.clear()
        return []
      }
      if let error = tooLong(shell) {
        candidates.refuse(error)
        return []
      }
      context = ModelContext(model: model, encoderIDs: prompt.ids, ids: [])
    }
    return ask(
      list: 0,
      DistributionRequest(context: context, position: position, promptCount: 0, settings: search.chain), &shell)
  }
}

/// The languages of a translation.
extension TranslateState {
  /// Sets the languages. If they are swapped, the texts are swapped as well: the translation becomes the source, and
  /// the former source takes its place.
  mutating func setDirection(_ direction: TranslationDirection, _ shell: inout Shell) -> [Effect] {
    guard direction != self.direction else { return [] }
    let effects = stop(&shell) ?? []
    let swaps = direction == self.direction.reversed && beams.origin?.direction == self.direction
    self.direction = direction
    guard swaps, let shown = beams.hypothesis else { return effects }
    let text = shown.trace.text(endOfText: shell.endOfText(shown.trace))
    guard !text.isEmpty else { return effects }
    let source = prompt.editor.text
    leave()
    let origin = BeamsState.Origin(text: text, direction: direction, model: model)
    beams = BeamsState(lines: givenLines(source, origin, &shell), origin: origin, isGiven: true, status: .finished)
    moveReader(&shell)
    // Start at the first token of text that the user wrote. The candidates after its end would not be informative.
    beams.cursor = 0
    prompt.editor.setText(text)
    return effects
  }

  /// Converts the prompt's text to lines of a translation. Their tokens have no probabilities. If the tokens are
  /// unknown, each line becomes a single token.
  private func givenLines(_ text: String, _ origin: BeamsState.Origin, _ shell: inout Shell) -> [BeamsState.Line] {
    let isKnown = prompt.awaited == nil && prompt.tokenizedText == text
    let known = isKnown ? prompt.tokens.tokens.filter { !$0.isSpecial } : []
    let bytes = Array(text.utf8)
    let lines = text.lines
    var ranges: [Range<Int>] = []
    for line in lines {
      let start = ranges.last.map { $0.upperBound + 1 } ?? 0
      ranges.append(start..<start + line.utf8.count)
    }
    // Assign tokens to lines. Tokens are in order, so the search starts at the line of the previous token.
    var owned = [[(id: Int, range: Range<Int>)]](repeating: [], count: lines.count)
    var number = 0
    for token in known {
      guard let range = prompt.range(of: token) else { continue }
      while number > 0, range.lowerBound < ranges[number].lowerBound { number -= 1 }
      while number < ranges.count - 1, range.lowerBound > ranges[number].upperBound { number += 1 }
      if ranges[number].contains(range.lowerBound) { owned[number].append((token.id, range)) }
    }
    let begun = shell.tree.add(
      .translation(from: origin.direction.source, to: origin.direction.target, model: origin.model))
    // The first line refers to the whole source text, whose tokens are not known yet.
    let whole = shell.tree.begin(by: shell.tree.add(.typed(text: origin.text, model: origin.model)))
    return lines.indices.map { index in
      let (line, range, own) = (lines[index], ranges[index], owned[index])
      let start = shell.tree.begin(by: begun, source: index == 0 ? whole : nil)
      guard !range.isEmpty else { return BeamsState.Line(start: start) }
      // Each token covers the text from the end of the previous one; the last token also covers the rest of the line.
      var end = range.lowerBound
      var tokens = own.enumerated().map { index, token in
        let upper = index == own.count - 1 ? range.upperBound : min(max(token.range.upperBound, end), range.upperBound)
        defer { end = upper }
        return TokenValue(id: token.id, bytes: Array(bytes[end..<upper]))
      }
      if tokens.isEmpty { tokens = [TokenValue(id: -1, bytes: Array(line.utf8))] }
      let place = shell.tree.branch(
        at: start, tokens.map { ScoredToken(token: $0, logprob: nil, rank: nil, entropy: nil) },
        by: shell.tree.add(.typed(text: line, model: model)))
      let given = BeamsState.Hypothesis(trace: shell.tree.trace(to: place), score: .nan, reason: .endOfText)
      return BeamsState.Line(start: start, hypotheses: [given])
    }
  }

  /// Text that the user wrote gets candidates once the tokens of its source are known: the model then reads it as a
  /// translation of the source. Applies to single lines only.
  mutating func findGivenSource(_ shell: inout Shell) {
    guard beams.isGiven, beams.lines.count == 1, answeredQuestion(shell) != nil, beams.origin == translationOrigin,
      let trace = beams.lines[0].hypotheses.first?.trace, !trace.hasSource,
      trace.tokens.allSatisfy({ $0.token.id >= 0 })
    else { return }
    let source = shell.tree.type(prompt.editor.text, prompt.tokens.values, model: trace.model)
    shell.tree.setSource(source, of: shell.tree.root(of: trace.place))
    beams.setHasSource()
  }
}
