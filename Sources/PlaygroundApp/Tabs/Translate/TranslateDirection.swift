import EngineAPI

/// The languages of a translation.
extension TranslateState {
  /// Another direction. The other way round, the two texts swap: the translation becomes the text to translate, and the
  /// text that was translated stands in its place, so that each stays under its language.
  mutating func setDirection(_ direction: TranslationDirection, _ shell: Shell) -> [Effect] {
    guard direction != self.direction else { return [] }
    let effects = stop() ?? []
    let swaps = direction == self.direction.reversed && beams.origin?.direction == self.direction
    self.direction = direction
    guard swaps, let shown = beams.hypothesis else { return effects }
    let text = shown.trace.text(endOfText: shell.endOfText(shown.trace))
    guard !text.isEmpty else { return effects }
    let source = prompt.editor.text
    branches.leave(beams.settled)
    beams = BeamsState(
      lines: givenLines(source), origin: BeamsState.Origin(text: text, direction: direction, model: model),
      isGiven: true, status: .finished)
    // Its own end says nothing about a text that somebody wrote: the candidates begin with its first word.
    beams.cursor = 0
    prompt.editor.setText(text)
    return effects
  }

  /// The prompt's text as the lines of a translation, made of its own tokens: they have no numbers. Where the tokens are
  /// not known, a line stands as one.
  private func givenLines(_ text: String) -> [BeamsState.Line] {
    let isKnown = prompt.awaited == nil && prompt.tokenizedText == text
    let known = isKnown ? prompt.tokens.tokens.filter { !$0.isSpecial } : []
    let bytes = Array(text.utf8)
    let lines = text.lines
    var ranges: [Range<Int>] = []
    for line in lines {
      let start = ranges.last.map { $0.upperBound + 1 } ?? 0
      ranges.append(start..<start + line.utf8.count)
    }
    // The tokens of each line. They come in order: of most, the line is that of the one before or the next.
    var owned = [[(id: Int, range: Range<Int>)]](repeating: [], count: lines.count)
    var number = 0
    for token in known {
      guard let range = prompt.range(of: token) else { continue }
      while number > 0, range.lowerBound < ranges[number].lowerBound { number -= 1 }
      while number < ranges.count - 1, range.lowerBound > ranges[number].upperBound { number += 1 }
      if ranges[number].contains(range.lowerBound) { owned[number].append((token.id, range)) }
    }
    return lines.indices.map { index in
      let (line, range, own) = (lines[index], ranges[index], owned[index])
      guard !range.isEmpty else { return BeamsState.Line() }
      // Each token has what stands behind the one before it, the last one the rest.
      var end = range.lowerBound
      var tokens = own.enumerated().map { index, token in
        let upper = index == own.count - 1 ? range.upperBound : min(max(token.range.upperBound, end), range.upperBound)
        defer { end = upper }
        return TokenValue(id: token.id, bytes: Array(bytes[end..<upper]))
      }
      if tokens.isEmpty { tokens = [TokenValue(id: -1, bytes: Array(line.utf8))] }
      var trace = Trace(context: ModelContext(model: model, ids: []))
      trace.tokens = tokens.map { ScoredToken(token: $0, logprob: nil, rank: nil, entropy: nil) }
      return BeamsState.Line(hypotheses: [BeamsState.Hypothesis(trace: trace, score: .nan, reason: .endOfText)])
    }
  }

  /// A text that was put in the place of a translation has candidates as soon as the tokens of its source are known: it
  /// is then read as a translation of them. Only a single line is.
  mutating func findGivenSource(_ shell: Shell) {
    guard beams.isGiven, beams.lines.count == 1, answeredQuestion(shell) != nil, beams.origin == translationOrigin,
      let trace = beams.lines[0].hypotheses.first?.trace, trace.context.encoderIDs == nil,
      trace.tokens.allSatisfy({ $0.token.id >= 0 })
    else { return }
    beams.setSource(prompt.ids)
  }
}
