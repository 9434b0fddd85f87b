import EngineAPI
import TerminalUI

/// A row of a picker: what is shown, and what choosing it does.
struct PickerItem: Sendable, Equatable {
  /// What choosing does.
  enum Choice: Sendable, Equatable {
    case model(ModelSummary)
    case theme(String)
    /// A lesson, by its place.
    case lesson(Int)
    /// A row of a tab's own list, by its value.
    case own(String, list: String)
    case action(Action)
    /// A value of the sampler, as it was typed.
    case setting(SamplerRow, String)
    /// The beginning of a value to be typed.
    case completion(String)
    case heat(HeatMeasure)
    /// A model that no list holds.
    case path(ModelReference)
    /// What is wrong with what was typed.
    case problem(String)
  }

  /// The words.
  var name: String
  /// Dim words at the right.
  var detail: String
  /// What choosing does.
  var choice: Choice
  /// Other words that find it.
  var synonyms: [String] = []

  /// How well a filter matches, by the best of its words.
  func score(_ filter: String) -> Int? {
    let other = synonyms.compactMap { FuzzyMatch.score(filter, in: $0) }.max()
    return [FuzzyMatch.score(filter, in: name), other.map { $0 - 2 }].compactMap(\.self).max()
  }
}

/// Matches of letters in order, as one types a part of a name.
enum FuzzyMatch {
  /// The least score of a match of whole beginnings of words.
  static let good = 1000

  /// How well `pattern` matches, higher is better; `nil` where its letters don't occur in order. Case does not matter.
  /// Best is the beginning of the text, then the beginning of a word, then several words in any order, then any part
  /// of a word, and last letters here and there. O(pattern · text).
  static func score(_ pattern: String, in text: String) -> Int? {
    let words = pattern.lowercased().split(whereSeparator: \.isWhitespace)
    let text = text.lowercased()
    guard !words.isEmpty else { return 0 }
    let whole = words.joined(separator: " ")
    let heads = text.indices.filter { $0 == text.startIndex || !text[text.index(before: $0)].isLetter }
    if text.hasPrefix(whole) { return good + (text == whole ? 5 : 4) }
    if heads.contains(where: { text[$0...].hasPrefix(whole) }) { return good + 3 }
    if words.allSatisfy({ word in heads.contains { text[$0...].hasPrefix(word) } }) { return good + 2 }
    if whole.count > 2, text.contains(whole) { return good }
    return scattered(Array(words.joined()), in: Array(text)).map { min($0, good - 1) }
  }

  private static func scattered(_ wanted: [Character], in letters: [Character]) -> Int? {
    var best: Int?
    for start in letters.indices where letters[start] == wanted[0] {
      var score = start == 0 ? 12 : letters[start - 1].isLetter ? 0 : 8
      var last = start
      var found = 1
      for index in letters.indices.dropFirst(start + 1) where found < wanted.count && letters[index] == wanted[found] {
        score += index == last + 1 ? 5 : letters[index - 1].isLetter ? -(index - last) : 2
        last = index
        found += 1
      }
      if found == wanted.count { best = max(best ?? Int.min, score) }
    }
    return best
  }
}
