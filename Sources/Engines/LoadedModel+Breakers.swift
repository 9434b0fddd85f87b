import Sampling

extension LoadedModel {
  /// What breaks the repetitions that the stage `dry` looks for, in the model's ids; nothing where the stage is off.
  ///
  /// As in llama.cpp, a text breaks them wherever it stands in the text of the tokens: within one of them, or from the
  /// end of one on through the tokens that the rest of it becomes.
  func sequenceBreakers(_ settings: SamplingSettings) -> SequenceBreakers {
    guard settings.isActive(.dry) else { return SequenceBreakers() }
    let texts = settings.drySequenceBreakers
    if let breakers, breakers.texts == texts { return breakers.found }
    var runs: [[Int]] = []
    for text in texts.map({ Array($0.utf8.prefix(Self.longestBreaker)) }) where !text.isEmpty {
      var tails: [Int: [Int]] = [:]
      for id in 0..<model.base.facts.vocabularySize {
        let token = tokenizer.bytes(of: id)
        if token.contains(text) {
          runs.append([id])
          continue
        }
        for count in 1..<text.count where token.suffix(count).elementsEqual(text.prefix(count)) {
          guard let tail = tails[count] ?? self.tail(text[count...]) else { continue }
          tails[count] = tail
          runs.append([id] + tail)
        }
      }
    }
    let found = SequenceBreakers(runs)
    breakers = (texts, found)
    return found
  }

  /// Bytes of a breaker that count, and tokens of its rest, as in llama.cpp.
  private static let longestBreaker = 40
  private static let longestTail = 20

  /// The tokens of the rest of a breaker; `nil` where it is no text.
  private func tail(_ bytes: ArraySlice<UInt8>) -> [Int]? {
    String(validating: bytes, as: UTF8.self).map {
      Array(tokenizer.encode($0, addSpecialTokens: false).ids.prefix(Self.longestTail))
    }
  }
}

extension [UInt8] {
  /// Whether these bytes stand somewhere in the others.
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    guard count >= part.count else { return false }
    return (0...(count - part.count)).contains { self[$0] == part[0] && self[$0...].starts(with: part) }
  }
}
