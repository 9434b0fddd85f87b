import EngineAPI
import Platform
import Tokenizers

/// Conversion between text and ids. None of it waits for the engine's queue or for a model's weights.
extension LocalEngine: Tokenizing {
  /// The tokens of a text.
  public nonisolated func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan] {
    let tokenizer = try tokenizer(model)
    let encoding = tokenizer.encode(text, addSpecialTokens: addingSpecialTokens)
    return encoding.ids.indices.map { index in
      let id = encoding.ids[index]
      return TokenSpan(
        token: TokenValue(id: id, bytes: tokenizer.bytes(of: id)), range: encoding.ranges[index],
        isSpecial: encoding.special[index])
    }
  }

  /// The text of ids.
  public nonisolated func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String {
    let tokenizer = try tokenizer(model)
    try Self.validate(ids, tokenizer, model)
    return tokenizer.decode(ids, skipSpecialTokens: skippingSpecialTokens)
  }

  /// The tokens of ids.
  public nonisolated func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] {
    let tokenizer = try tokenizer(model)
    try Self.validate(ids, tokenizer, model)
    return ids.map { TokenValue(id: $0, bytes: tokenizer.bytes(of: $0)) }
  }

  /// A notice for the user about a model's tokenizer; `nil` if there is none.
  public nonisolated func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String? {
    try tokenizer(model).notice
  }

  private static func validate(
    _ ids: [Int], _ tokenizer: Tokenizer, _ model: ModelReference
  ) throws(EngineError) {
    guard let wrong = ids.first(where: { !(0..<tokenizer.vocabularySize).contains($0) }) else { return }
    throw EngineError(
      .input, "no such token", at: "the vocabulary of '\(model)'",
      expected: "an id from 0 to \(tokenizer.vocabularySize - 1)", found: "\(wrong)")
  }
}

extension LocalEngine {
  /// The tokens of a text that is being typed. Unchanged stretches of the previous text keep their tokens.
  public nonisolated func tokenizeDraft(
    _ text: String, model: ModelReference
  ) async throws(EngineError) -> TokenizedText {
    let path = try catalog.resolve(model).path
    let entry = try tokenizers.entry(path: path)
    let drafting = DraftTokenizer(entry.tokenizer)
    guard let result = drafting.tokenize(text, known: entry.draft, isCancelled: { Task.isCancelled }) else {
      throw EngineError(.interrupted, "tokenizing was stopped")
    }
    tokenizers.keep(draft: result, of: entry, path: path)
    return result
  }
}

/// Tokenizes a text in stretches, so that an edit only re-tokenizes the changed ones.
struct DraftTokenizer {
  private let tokenizer: Tokenizer
  private let stretching: Tokenizer.Stretching?
  private let stretchSize: Int

  /// - Parameter stretchSize: a stretch ends at the first possible cut after this many bytes.
  init(_ tokenizer: Tokenizer, stretchSize: Int = 1_024) {
    self.tokenizer = tokenizer
    stretching = tokenizer.stretching
    self.stretchSize = stretchSize
  }

  /// The tokens of a text. Stretches of `known` at the beginning or end of the text are reused.
  ///
  /// - Returns: the tokens; `nil` if `isCancelled` returned true.
  func tokenize(
    _ text: String, known: TokenizedText? = nil, isCancelled: () -> Bool = { false }
  ) -> TokenizedText? {
    ValidText.with(text) { tokenize($0, known: known?.stretches ?? [], isCancelled) }
  }

  private func tokenize(
    _ text: ValidText, known: [TokenizedText.Stretch], _ isCancelled: () -> Bool
  ) -> TokenizedText? {
    guard let stretching else {
      if isCancelled() { return nil }
      return whole(text)
    }
    var first = 0
    var start = 0
    while first < known.count, holds(known[first], text, at: start, stretching) {
      start += known[first].text.count
      first += 1
    }
    var last = known.count
    var end = text.bytes.count
    while last > max(first, 1), holds(known[last - 1], text, endingAt: end, notBefore: start, stretching) {
      last -= 1
      end -= known[last].text.count
    }
    var stretches = Array(known[..<first])
    var place = start
    while place < end {
      if isCancelled() { return nil }
      let least = place + stretchSize
      let next = least < end ? stretching.firstCut(text, in: least..<end) ?? end : end
      stretches.append(stretch(text, place..<next))
      place = next
    }
    stretches += known[last...]
    let around = { (ids: [Int]) in
      ids.map { TokenizedText.Token(id: $0, range: 0..<0, isSpecial: tokenizer.isSpecial($0)) }
    }
    return TokenizedText(
      leading: around(stretching.frame.leading), stretches: stretches, trailing: around(stretching.frame.trailing),
      freshBytes: end - start)
  }

  /// Whether the text contains a stretch at offset `start` and can be cut after it.
  private func holds(
    _ stretch: TokenizedText.Stretch, _ text: ValidText, at start: Int,
    _ stretching: Tokenizer.Stretching
  ) -> Bool {
    let end = start + stretch.text.count
    guard end <= text.bytes.count, isEqual(stretch.text, text, start) else { return false }
    return end == text.bytes.count || stretching.isCut(text, at: end)
  }

  private func holds(
    _ stretch: TokenizedText.Stretch, _ text: ValidText, endingAt end: Int, notBefore least: Int,
    _ stretching: Tokenizer.Stretching
  ) -> Bool {
    let start = end - stretch.text.count
    guard start >= least, start > 0, isEqual(stretch.text, text, start) else { return false }
    return stretching.isCut(text, at: start)
  }

  private func isEqual(_ part: [UInt8], _ text: ValidText, _ start: Int) -> Bool {
    part.withUnsafeBytes { part in
      guard let known = part.baseAddress, let base = text.bytes.baseAddress else { return part.isEmpty }
      return memcmp(known, base + start, part.count) == 0
    }
  }

  private func stretch(_ text: ValidText, _ range: Range<Int>) -> TokenizedText.Stretch {
    let encoding = tokenizer.encodeStretch(text, range)
    return TokenizedText.Stretch(
      text: Array(text.bytes[range]),
      tokens: encoding.ids.indices.map { index in
        let place = encoding.ranges[index]
        // Tokens that cover no text have the range `0..<0` relative to the whole text, in any stretch.
        let isNowhere = place == 0..<0 && range.lowerBound > 0
        return TokenizedText.Token(
          id: encoding.ids[index],
          range: isNowhere ? -1 ..< -1 : place.lowerBound - range.lowerBound..<place.upperBound - range.lowerBound,
          isSpecial: encoding.special[index])
      })
  }

  private func whole(_ text: ValidText) -> TokenizedText {
    let encoding = tokenizer.encode(String(decoding: text.bytes, as: UTF8.self))
    let tokens = encoding.ids.indices.map { index in
      TokenizedText.Token(
        id: encoding.ids[index], range: encoding.ranges[index], isSpecial: encoding.special[index])
    }
    return TokenizedText(
      stretches: [TokenizedText.Stretch(text: Array(text.bytes), tokens: tokens)], freshBytes: text.bytes.count)
  }
}
