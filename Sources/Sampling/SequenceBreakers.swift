/// Token sequences that end a repetition for the stage `dry`, for example a newline.
///
/// A sequence matches where all of its ids occur consecutively in the text.
public struct SequenceBreakers: Sendable, Hashable {
  /// The rest of each sequence, by its first id.
  private var tails: [Int: [ArraySlice<Int>]] = [:]

  /// Creates breakers. Empty sequences are ignored.
  public init(_ runs: [[Int]] = []) {
    for run in runs { if let first = run.first { tails[first, default: []].append(run.dropFirst()) } }
  }

  /// Whether a single id is a breaker.
  func isBreaker(_ id: Int) -> Bool { tails[id]?.contains(where: \.isEmpty) ?? false }

  /// The number of ids after the last breaker of a text, which can be part of a repetition. Of several breakers that
  /// begin with the same id, the longest counts.
  func countAfterLast(in text: ArraySlice<Int>) -> Int {
    guard !tails.isEmpty else { return text.count }
    for index in text.indices.reversed() {
      guard let tails = tails[text[index]] else { continue }
      let rest = text[(index + 1)...]
      if let longest = tails.filter(rest.starts(with:)).map(\.count).max() { return rest.count - longest }
    }
    return text.count
  }
}

extension TokenHistory {
  /// For each id that would continue a repetition, the length of that repetition.
  ///
  /// If an id follows t[..<e] in the text t, the length is that of the longest common suffix of t[..<e] and t, limited
  /// to the ids after the last breaker. O(n), by the Z-function of the reversed text.
  /// - Parameters:
  ///   - last: the number of last ids to search; negative for all.
  ///   - least: the minimum length of a repetition.
  func repetitions(last: Int, atLeast least: Int) -> [Int: Int] {
    let text = last < 0 ? ids[...] : ids.suffix(last)
    guard text.count > max(least, 0) else { return [:] }
    let limit = sequenceBreakers.countAfterLast(in: text)
    guard limit >= least else { return [:] }
    let reversed = Array(text.reversed())
    var lengths = [Int](repeating: 0, count: reversed.count)
    var longest: [Int: Int] = [:]
    var (start, end) = (0, 0)
    for place in 1..<reversed.count {
      var length = place < end ? min(lengths[place - start], end - place) : 0
      while place + length < reversed.count, reversed[length] == reversed[place + length] { length += 1 }
      if place + length > end { (start, end) = (place, place + length) }
      lengths[place] = length
      let counted = min(length, limit)
      if counted >= least { longest[reversed[place - 1]] = max(longest[reversed[place - 1]] ?? 0, counted) }
    }
    return longest
  }
}

extension Survivors {
  /// Subtracts `multiplier · base^(n - allowed)` from the logit of each id that would continue a repetition of n ids, n
  /// being at least `allowed` (llama.cpp's DRY). Ids that are breakers are not changed.
  mutating func penalizeRepetitions(_ settings: SamplingSettings, _ history: TokenHistory) {
    let allowed = max(settings.dryAllowedLength, 0)
    // Limit the exponent so that the power fits single precision.
    let most = settings.dryBase > 1.000_001 ? Int(88.722_839_1 / Natural.log(settings.dryBase)) : Int.max
    for (id, length) in history.repetitions(last: settings.dryPenaltyLastN, atLeast: allowed) {
      guard !history.sequenceBreakers.isBreaker(id) else { continue }
      let penalty = settings.dryMultiplier * Natural.integerPower(settings.dryBase, min(length - allowed, most))
      update(id) { Self.bounded($0 - Float(penalty)) }
    }
  }
}
