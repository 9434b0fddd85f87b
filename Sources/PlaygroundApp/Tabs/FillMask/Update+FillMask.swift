import EngineAPI
import TerminalUI

extension PlaygroundState {
  /// Finds the masks among the prompt's tokens, and gives each its list.
  mutating func findGaps() {
    guard let mask = information(fillMask.model)?.maskToken, let question = tokenQuestion,
      fillMask.prompt.answers(question)
    else { return }
    let gaps = fillMask.prompt.tokens.all(id: mask.id).compactMap { index, span in
      fillMask.prompt.range(of: span).map { Gap(position: index, range: $0) }
    }
    guard gaps != fillMask.gaps else { return }
    fillMask.gaps = gaps
    while fillMask.lists.count < gaps.count { fillMask.lists.append(CandidateList()) }
    fillMask.lists.removeLast(fillMask.lists.count - gaps.count)
    fillMask.shownGap = min(fillMask.shownGap, max(0, gaps.count - 1))
    fillMask.firstGap = min(fillMask.firstGap, max(0, gaps.count - FillMaskState.panes))
    if case .mask = fillMask.focus { fillMask.focus = gaps.isEmpty ? .prompt : .mask(fillMask.shownGap) }
    if gaps.count < 2, fillMask.focus == .together { fillMask.focus = gaps.isEmpty ? .prompt : .mask(0) }
  }

  private var maskedContext: ModelContext? {
    guard let question = tokenQuestion, fillMask.prompt.answers(question) else { return nil }
    return ModelContext(model: question.model, ids: fillMask.prompt.ids)
  }

  /// Asks for the candidates of the masks that have a pane.
  mutating func askGaps() -> [Effect] {
    if fillMask.prompt.awaited == nil, let error = tooLong {
      for index in fillMask.lists.indices { fillMask.lists[index].refuse(error) }
      return []
    }
    guard let context = maskedContext else { return [] }
    let last = min(fillMask.firstGap + FillMaskState.panes, fillMask.gaps.count)
    return (fillMask.firstGap..<max(last, fillMask.firstGap)).flatMap { index in
      ask(
        \.fillMask.lists[index], .candidates(.fillMask, list: index),
        DistributionRequest(context: context, position: fillMask.gaps[index].position))
    }
  }

  /// Asks for whole fillings, from two masks on.
  mutating func askFillings() -> [Effect] {
    if fillMask.prompt.awaited == nil, let error = tooLong {
      let wasAwaited = fillMask.fillings.awaited != nil
      fillMask.fillings = FillingsState()
      fillMask.fillings.failure = error
      return wasAwaited ? [.cancel(.fillings)] : []
    }
    guard let context = maskedContext else { return [] }
    guard fillMask.gaps.count > 1 else {
      let wasAwaited = fillMask.fillings.awaited != nil
      fillMask.fillings = FillingsState()
      return wasAwaited ? [.cancel(.fillings)] : []
    }
    let request = FillMaskRequest(context: context)
    guard fillMask.fillings.request != request else { return [] }
    let version = nextVersion()
    fillMask.fillings.request = request
    fillMask.fillings.awaited = version
    fillMask.fillings.failure = nil
    return [.fillMask(Ticket(.fillings, version: version), request)]
  }

  mutating func receive(fillings result: Result<FillMaskResult, EngineError>, _ ticket: Ticket) {
    guard fillMask.fillings.awaited == ticket.version else { return }
    fillMask.fillings.awaited = nil
    fillMask.fillings.answered = fillMask.fillings.request
    switch result {
    case .success(let answer): fillMask.fillings.result = answer
    case .failure(let error):
      fillMask.fillings.result = nil
      fillMask.fillings.failure = error
    }
    fillMask.fillings.window.update(count: fillMask.fillings.result?.joint.count ?? 0)
    fillMask.fillings.window.select(0)
  }

  /// Puts a token in the place of a mask; undo takes it back.
  mutating func fill(gap index: Int, with token: TokenValue) {
    guard maskedContext != nil, fillMask.gaps.indices.contains(index) else { return }
    replace([(fillMask.gaps[index].range, token)])
  }

  /// Puts the chosen filling in the places of all masks, as one change.
  mutating func takeFilling() {
    let fillings = fillMask.fillings
    guard maskedContext != nil, fillings.request == fillings.answered, let joint = fillings.result?.joint,
      joint.indices.contains(fillings.window.selected)
    else { return }
    replace(Array(zip(fillMask.gaps.map(\.range), joint[fillings.window.selected].tokens)))
  }

  /// Replaces ranges of the prompt by tokens. A piece of a word (`##ing`) joins the word before it; a token that brings
  /// its own space takes the place of the one that stands there.
  private mutating func replace(_ places: [(range: Range<Int>, token: TokenValue)]) {
    var bytes = Array(fillMask.prompt.editor.text.utf8)
    var cursor = 0
    for (range, token) in places.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      guard range.upperBound <= bytes.count else { return }
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
      notice = "that token is a part of a character: it can't stand in a text alone"
      return
    }
    fillMask.prompt.editor.setText(text, cursor: cursor)
  }

  /// Puts a mask in the place of the word at the cursor, or at the cursor where no word is.
  mutating func maskWord() {
    guard let mask = information(fillMask.model)?.maskToken?.text else {
      notice = "the model is not open yet"
      return
    }
    let editor = fillMask.prompt.editor
    var word = editor
    let text = Array(editor.text.utf8)
    let isWord = { (offset: Int) in
      text.indices.contains(offset)
        && (text[offset] >= 0x80 || Character(Unicode.Scalar(text[offset])).isLetter
          || Character(Unicode.Scalar(text[offset])).isNumber || text[offset] == UInt8(ascii: "'"))
    }
    var start = editor.cursor
    var end = editor.cursor
    if !fillMask.gaps.contains(where: { $0.range.contains(editor.cursor) || $0.range.upperBound == editor.cursor }) {
      while isWord(start - 1) { start -= 1 }
      while isWord(end) { end += 1 }
    } else {
      notice = "a mask stands there already"
      return
    }
    word.replace(start..<end, with: mask)
    fillMask.prompt.editor = word
  }
}
