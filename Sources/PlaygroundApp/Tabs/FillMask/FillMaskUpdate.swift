import EngineAPI
import Sessions
import TerminalUI

extension FillMaskState {
  /// Finds the masks among the prompt's tokens and assigns a candidate list to each.
  mutating func findGaps(_ shell: Shell) {
    guard let mask = shell.information(model)?.maskToken, answeredQuestion(shell) != nil else { return }
    let found = prompt.tokens.all(id: mask.id).compactMap { index, span in
      prompt.range(of: span).map { Gap(position: index, range: $0) }
    }
    guard found != gaps else { return }
    gaps = found
    while lists.count < gaps.count { lists.append(CandidateList()) }
    lists.removeLast(lists.count - gaps.count)
    shownGap = min(shownGap, max(0, gaps.count - 1))
    firstGap = min(firstGap, max(0, gaps.count - FillMaskState.panes))
    if focus.context == .mask { focus = gaps.isEmpty ? .prompt : .mask(shownGap) }
    if !gaps.isEmpty, focus == .maskedWords { setFocus(.mask(shownGap)) }
    if gaps.count < 2, focus == .together { focus = gaps.isEmpty ? .prompt : .mask(0) }
  }

  private func maskedContext(_ shell: Shell) -> ModelContext? {
    guard let question = answeredQuestion(shell) else { return nil }
    return ModelContext(model: question.model, ids: prompt.ids)
  }

  /// Asks for the candidates of the masks that have a pane.
  mutating func askGaps(_ shell: inout Shell) -> [Effect] {
    if prompt.awaited == nil, let error = tooLong(shell) {
      for index in lists.indices { lists[index].refuse(error) }
      return []
    }
    guard let context = maskedContext(shell) else { return [] }
    let last = min(firstGap + FillMaskState.panes, gaps.count)
    var effects: [Effect] = []
    for index in firstGap..<max(last, firstGap) {
      effects += ask(
        list: index, DistributionRequest(context: context, position: gaps[index].position), &shell)
    }
    return effects
  }

  /// Requests joint fillings if there are two or more masks.
  mutating func askFillings(_ shell: inout Shell) -> [Effect] {
    if prompt.awaited == nil, let error = tooLong(shell) {
      let wasAwaited = fillings.awaited != nil
      fillings = FillingsState()
      fillings.failure = error
      return wasAwaited ? [.cancel(.fillings)] : []
    }
    guard let context = maskedContext(shell) else { return [] }
    guard gaps.count > 1 else {
      let wasAwaited = fillings.awaited != nil
      fillings = FillingsState()
      return wasAwaited ? [.cancel(.fillings)] : []
    }
    let request = FillMaskRequest(context: context)
    guard fillings.request != request else { return [] }
    let version = shell.nextVersion()
    fillings.request = request
    fillings.awaited = version
    fillings.failure = nil
    return [.fillMask(Ticket(.fillings, version: version), request)]
  }

  mutating func askAgain() {
    askPanesAgain()
    words.askAgain()
    targets.askAgain()
    if fillings.answered != fillings.request { fillings = FillingsState() }
  }

  mutating func receive(fillings result: Result<FillMaskResult, EngineError>, _ ticket: Ticket) {
    guard fillings.awaited == ticket.version else { return }
    fillings.awaited = nil
    fillings.answered = fillings.request
    fillings.places = []
    switch result {
    case .success(let answer): fillings.result = answer
    case .failure(let error):
      fillings.result = nil
      fillings.failure = error
    }
    fillings.window.update(count: fillings.result?.joint.count ?? 0)
    fillings.window.select(0)
  }

  /// Replaces a mask by a token; undo restores the mask.
  mutating func fill(gap index: Int, with candidate: Candidate, _ shell: inout Shell) {
    guard maskedContext(shell) != nil, gaps.indices.contains(index) else { return }
    let (masked, gap) = (prompt.editor.text, gaps[index])
    guard replace([(gap.range, candidate.ranked.token)], &shell) else { return }
    let tokens = prompt.tokens.values
    let whole = shell.tree.type(masked, tokens, model: model)
    guard let here = shell.tree.place(gap.position, on: whole) else { return }
    // The chosen token, then the rest of the text as it was typed.
    var chosen = ScoredToken(candidate, of: lists.indices.contains(index) ? lists[index].answer : nil)
    if tokens.indices.contains(gap.position) { chosen.token = chosen.token.written(inPlaceOf: tokens[gap.position]) }
    var end = shell.tree.branch(at: here, [chosen], by: shell.tree.add(.chosen(model: model)))
    let rest = tokens.dropFirst(gap.position + 1).map(ScoredToken.init(unpredicted:))
    if !rest.isEmpty {
      end = shell.tree.branch(at: end, rest, by: shell.tree.add(.typed(text: prompt.editor.text, model: model)))
    }
    moveReader(to: end, &shell)
  }

  /// Replaces all masks by the tokens of the chosen filling, as one change.
  mutating func takeFilling(_ shell: inout Shell) {
    guard maskedContext(shell) != nil, fillings.request == fillings.answered, let joint = fillings.result?.joint,
      joint.indices.contains(fillings.window.selected)
    else { return }
    let masked = prompt.editor.text
    guard replace(Array(zip(gaps.map(\.range), joint[fillings.window.selected].tokens)), &shell) else { return }
    keepFillings(of: masked, joint, &shell)
    let selected = fillings.window.selected
    if fillings.places.indices.contains(selected) { moveReader(to: fillings.places[selected], &shell) }
  }

  /// Puts the fillings of the text into the tree, once for each answer.
  private mutating func keepFillings(of masked: String, _ joint: [JointFilling], _ shell: inout Shell) {
    guard let request = fillings.answered,
      fillings.places.count != joint.count || !fillings.places.allSatisfy(shell.tree.isValid)
    else { return }
    let tokens = prompt.tokens.values
    let source = shell.tree.type(masked, tokens, model: request.context.model)
    let origin = shell.tree.add(.filling(request))
    fillings.places = joint.map { filling in
      var filled = tokens
      for (gap, token) in zip(gaps, filling.tokens) where filled.indices.contains(gap.position) {
        filled[gap.position] = token.written(inPlaceOf: filled[gap.position])
      }
      let place = shell.tree.begin(filled.map(ScoredToken.init(unpredicted:)), by: origin, source: source)
      shell.tree.finish(place.node, Outcome(.length, score: filling.logprob))
      return place
    }
  }

  func standing(_ shell: Shell) -> Place? { reader.flatMap { shell.tree.cursors[$0]?.place } }

  /// Shows a filled text in the prompt.
  mutating func take(_ places: [Place], asFurther: Bool, _ shell: inout Shell) -> [Effect]? {
    guard places.count == 1, let origin = shell.tree.origin(of: places[0].node) else { return nil }
    let isFilling = if case .filling = origin { true } else { false }
    guard isFilling || shell.information(origin.model)?.family == .masked else { return nil }
    let text = String(decoding: shell.tree.path(to: places[0]).flatMap(\.token.bytes), as: UTF8.self)
    if prompt.editor.text != text { prompt.editor.setText(text) }
    moveReader(to: places[0], &shell)
    setFocus(.prompt)
    return []
  }

  private mutating func moveReader(to place: Place, _ shell: inout Shell) {
    let id = reader ?? shell.tree.addCursor()
    reader = id
    shell.tree.move(id, to: [place])
  }

  /// Replaces ranges of the prompt by tokens. A word piece (`##ing`) is joined to the word before it. If a token starts
  /// with a space, it also replaces spaces before the range. Returns false if the tokens give no text.
  private mutating func replace(_ places: [(range: Range<Int>, token: TokenValue)], _ shell: inout Shell) -> Bool {
    var bytes = Array(prompt.editor.text.utf8)
    var cursor = 0
    for (range, token) in places.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      guard range.upperBound <= bytes.count else { return false }
      var word = token.bytes
      var start = range.lowerBound
      let isPiece = word.count > 2 && word.starts(with: Array("##".utf8))
      if isPiece { word.removeFirst(2) }
      let bringsSpace = word.first == UInt8(ascii: " ")
      if isPiece || bringsSpace {
        while start > 0, bytes[start - 1] == UInt8(ascii: " ") { start -= 1 }
      }
      if bringsSpace, start == 0 { word.removeFirst() }
      cursor = max(cursor + word.count - (range.upperBound - start), start + word.count)
      bytes.replaceSubrange(start..<range.upperBound, with: word)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      shell.notice = "that token is a part of a character: it can't be inserted alone"
      return false
    }
    prompt.editor.setText(text, cursor: cursor)
    return true
  }

  /// Replaces the word at the cursor by a mask, or inserts a mask if there is no word.
  mutating func maskWord(_ shell: inout Shell) {
    guard let mask = shell.information(model)?.maskToken?.text else {
      shell.notice = "the model is not open yet"
      return
    }
    let editor = prompt.editor
    var word = editor
    let text = Array(editor.text.utf8)
    let isWord = { (offset: Int) in
      text.indices.contains(offset)
        && (text[offset] >= 0x80 || Character(Unicode.Scalar(text[offset])).isLetter
          || Character(Unicode.Scalar(text[offset])).isNumber || text[offset] == UInt8(ascii: "'"))
    }
    var start = editor.cursor
    var end = editor.cursor
    if !gaps.contains(where: { $0.range.contains(editor.cursor) || $0.range.upperBound == editor.cursor }) {
      while isWord(start - 1) { start -= 1 }
      while isWord(end) { end += 1 }
    } else {
      shell.notice = "there is a mask already"
      return
    }
    word.replace(start..<end, with: mask)
    prompt.editor = word
  }
}
