import EngineAPI

extension ScriptedModel {
  /// Greedy tokenization from left to right with the longest matching tokens, single bytes if no word matches. Masked
  /// models add a special token before and after the input, encoder-decoder models one after it.
  public func tokenize(_ text: String, addingSpecialTokens: Bool = true) -> [TokenSpan] {
    var spans: [TokenSpan] = []
    let special = TokenSpan(token: token(ScriptedModel.endOfText), range: 0..<0, isSpecial: true)
    if addingSpecialTokens, family == .masked { spans.append(special) }
    var start = 0
    for id in ScriptedModel.ids(of: Array(text.utf8), vocabulary, idsByFirstByte) {
      let end = start + vocabulary[id].count
      spans.append(TokenSpan(token: token(id), range: start..<end, isSpecial: id < ScriptedModel.firstByte))
      start = end
    }
    if addingSpecialTokens, family != .causal { spans.append(special) }
    return spans
  }

  /// The ids of the longest matching tokens; a single byte always matches.
  static func ids(of bytes: [UInt8], _ vocabulary: [[UInt8]], _ idsByFirstByte: [[Int]]) -> [Int] {
    var ids: [Int] = []
    var start = 0
    while start < bytes.count {
      let fallback = firstByte + Int(bytes[start])
      let id = idsByFirstByte[Int(bytes[start])].first { bytes[start...].starts(with: vocabulary[$0]) } ?? fallback
      ids.append(id)
      start += vocabulary[id].count
    }
    return ids
  }

  /// The concatenated bytes of ids as text.
  public func text(of ids: [Int], skippingSpecialTokens: Bool = true) throws(EngineError) -> String {
    try check(ids)
    let shown = skippingSpecialTokens ? ids.filter { $0 >= ScriptedModel.firstByte } : ids
    return String(decoding: shown.flatMap { vocabulary[$0] }, as: UTF8.self)
  }

  /// Throws if an id is outside the vocabulary.
  public func check(_ ids: [Int]) throws(EngineError) {
    guard let wrong = ids.first(where: { !vocabulary.indices.contains($0) }) else { return }
    throw EngineError(
      .usage, "no such token", at: "the vocabulary of '\(summary.name)'",
      expected: "an id from 0 to \(vocabulary.count - 1)", found: String(wrong))
  }

  /// The task prefix with the languages' English names.
  public func prefix(from source: String, to target: String) throws(EngineError) -> String {
    let names = ["en": "English", "fr": "French"]
    for code in [source, target] where names[code] == nil {
      throw EngineError(
        .usage, "no such language", at: "model '\(summary.name)'", expected: "en or fr", found: "'\(code)'",
        hint: "choose one of its languages, or give the whole prefix",
        settings: [.sourceLanguage, .targetLanguage, .taskPrefix])
    }
    guard family == .seq2seq, source != target, let from = names[source], let to = names[target] else {
      throw EngineError(
        .usage, "the same language twice", at: "model '\(summary.name)'", expected: "two languages",
        found: "'\(source)' twice", hint: "choose two that differ", settings: [.sourceLanguage, .targetLanguage])
    }
    return "translate \(from) to \(to): "
  }
}
