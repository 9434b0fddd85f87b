import EngineAPI
import TerminalUI

extension Slot {
  /// The labels of the text.
  public static let labels = Slot(.classify, "labels")
  /// The labels of the text without each of its words.
  public static let words = Slot(.classify, "words")
  /// The entities of the text.
  public static let entities = Slot(.classify, "entities")
}

/// A word with its effect on the chosen label, or an entity.
struct MarkedWord: Sendable, Equatable {
  /// The word, or the text of the entity.
  var text: String
  /// Its UTF-8 bytes in the text.
  var range: Range<Int>
  /// The label of an entity.
  var label: String?
  /// How much a word adds to the chosen label, or how probable an entity's label is. `nil` if no text is left without
  /// the word.
  var value: Double?
}

extension ClassifyState {
  /// Requests labels or entities of the text as soon as its tokens are known. Once the labels are there, requests those
  /// without each word.
  mutating func ask(_ shell: inout Shell) -> [Effect] {
    guard shell.information(model) != nil else { return [] }
    let text = prompt.editor.text
    guard !text.allSatisfy(\.isWhitespace) else { return forget() }
    if prompt.awaited == nil, let error = tooLong(shell) { return forget(error) }
    guard answeredQuestion(shell) != nil else { return [] }
    if isTagger {
      let request = TagRequest(model: model, text: text)
      return entities.ask(request, &shell).map { [.tag(Ticket(.entities, version: $0), request)] } ?? []
    }
    let request = ClassifyRequest(model: model, text: text)
    if let version = labels.ask(request, &shell) { return [.classify(Ticket(.labels, version: version), request)] }
    return askWords(text, &shell)
  }

  private mutating func askWords(_ text: String, _ shell: inout Shell) -> [Effect] {
    guard labels.isCurrent else { return [] }
    let request = ClassifyBatchRequest(model: model, texts: Occlusion(text, mask: mask).texts)
    guard !request.texts.isEmpty else { return changed.clear() ? [.cancel(.words)] : [] }
    return changed.ask(request, &shell).map { [.classifyAll(Ticket(.words, version: $0), request)] } ?? []
  }

  /// Forgets all answers, and cancels the requests that are not answered yet.
  mutating func forget(_ failure: EngineError? = nil) -> [Effect] {
    let wereAwaited = [labels.clear(failure), changed.clear(failure), entities.clear(failure)]
    wordWindow = ListWindow()
    return zip(wereAwaited, [Slot.labels, .words, .entities]).compactMap { $0 ? .cancel($1) : nil }
  }

  /// The label whose words are shown: the chosen one if the model has it, otherwise the best.
  var shownLabel: String? {
    let known = labels.answer?.labels ?? []
    return known.first { $0.label == chosenLabel }?.label ?? known.first?.label
  }

  /// Whether the model gives a quantity instead of probabilities.
  var isQuantity: Bool { labels.answer?.labels.first.map { $0.probability == nil } ?? false }

  /// The text that the answers are about; differs from the prompt while new answers are awaited.
  var markedText: String {
    (isTagger ? entities.answered?.text : labels.answered?.text) ?? ""
  }

  /// The words or entities in the order of the text; empty until the effects of the words are known.
  var markedWords: [MarkedWord] {
    if isTagger {
      let bytes = Array(markedText.utf8)
      return (entities.answer?.entities ?? []).map { entity in
        let text = String(decoding: bytes[entity.range.clamped(to: 0..<bytes.count)], as: UTF8.self)
        return MarkedWord(text: text, range: entity.range, label: entity.label, value: entity.score)
      }
    }
    guard let label = shownLabel, let whole = labels.answer, let answer = changed.answer else { return [] }
    let occlusion = Occlusion(markedText, mask: mask)
    guard changed.answered?.texts == occlusion.texts else { return [] }
    return zip(occlusion.words, occlusion.changes(of: label, whole: whole, changed: answer)).map { word, change in
      MarkedWord(text: word.text, range: word.range, value: change)
    }
  }

  /// The indices of the marked words in the order of their list: entities as in the text, words with the strongest
  /// effect first.
  static func listed(_ words: [MarkedWord], isTagger: Bool) -> [Int] {
    guard !isTagger else { return Array(words.indices) }
    let strength = words.map { abs($0.value ?? 0) }
    return words.indices.sorted { (-strength[$0], $0) < (-strength[$1], $1) }
  }

  /// Keeps the chosen label selected when the order of the labels changes.
  mutating func followChosenLabel() {
    let known = labels.answer?.labels ?? []
    labelWindow.update(count: known.count)
    labelWindow.select(known.firstIndex { $0.label == chosenLabel } ?? 0)
    chooseStrongestWord()
  }

  /// Selects the first row of the list of words.
  mutating func chooseStrongestWord() {
    wordWindow.update(count: markedWords.count)
    wordWindow.select(0)
  }
}
