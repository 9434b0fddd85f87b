/// Runs of ids at which a repetition ends for the stage `dry`: a new line, for instance.
///
/// A run matches where its first id and those after it stand in the text.
public struct SequenceBreakers: Sendable, Hashable {
  /// What follows the first id of each run, by that id.
  private var tails: [Int: [ArraySlice<Int>]] = [:]

  /// Breakers of these runs; empty ones do not count.
  public init(_ runs: [[Int]] = []) {
    for run in runs { if let first = run.first { tails[first, default: []].append(run.dropFirst()) } }
  }

  /// Whether an id breaks repetitions by itself.
  func isBreaker(_ id: Int) -> Bool { tails[id]?.contains(where: \.isEmpty) ?? false }

  /// How many ids stand after the last breaker of a text: those that can be part of a repetition. Of several breakers
  /// that begin with the same id the longest counts.
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
  /// For each id that would continue a repetition: how many of the last ids stand in front of an earlier place of it.
  ///
  /// Let t be the last ids of prompt and output. An id that follows an earlier t[..e] continues as long a repetition as
  /// t[..e] and t end alike, but not beyond the last breaker. O(n), by the Z-function of the reversed text.
  /// - Parameters:
  ///   - last: how many ids are looked at; negative: all.
  ///   - least: shorter repetitions are left out.
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
  /// Subtracts `multiplier · base^(n - allowed)` from the logit of each id that would continue a repetition of n ids,
  /// n being at least `allowed` (llama.cpp's DRY). Ids that break repetitions by themselves are left alone.
  mutating func penalizeRepetitions(_ settings: SamplingSettings, _ history: TokenHistory) {
    let allowed = max(settings.dryAllowedLength, 0)
    // Where the power would leave the range of single precision, the exponent stays at its edge.
    let most = settings.dryBase > 1.000_001 ? Int(88.722_839_1 / Natural.log(settings.dryBase)) : Int.max
    for (id, length) in history.repetitions(last: settings.dryPenaltyLastN, atLeast: allowed) {
      guard !history.sequenceBreakers.isBreaker(id) else { continue }
      let penalty = settings.dryMultiplier * Natural.integerPower(settings.dryBase, min(length - allowed, most))
      update(id) { Self.bounded($0 - Float(penalty)) }
    }
  }
}
