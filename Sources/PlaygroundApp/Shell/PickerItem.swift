import EngineAPI
import TerminalUI

/// A row of a picker: what is shown, and what choosing it does.
struct PickerItem: Sendable, Equatable {
  /// What choosing does.
  enum Choice: Sendable, Equatable {
    case model(ModelSummary)
    case theme(String)
    /// A lesson, by its index.
    case lesson(Int)
    /// A row of a tab's own list, by its value.
    case own(String, list: String)
    case action(Action)
    /// A value of the sampler, as it was typed.
    case setting(SamplerRow, String)
    /// The beginning of a value to be typed.
    case completion(String)
    case heat(HeatMeasure)
    /// Sampler settings with a name.
    case preset(SamplerPreset)
    /// The name to save the sampler settings under.
    case presetName(String)
    /// The name of a file to export to.
    case exportName(String)
    /// What to do before leaving.
    case leaving(Leaving)
    /// The name of a file for the session.
    case sessionFile(String)
    /// A model that is not listed, by its path.
    case path(ModelReference)
    /// What is wrong with the typed text.
    case problem(String)
  }

  /// What to do with a session that can't be saved.
  enum Leaving: Sendable, Equatable {
    case saveElsewhere, leave, stay
  }

  /// The words.
  var name: String
  /// Dim words at the right.
  var detail: String
  /// What choosing does.
  var choice: Choice
  /// Other search terms for the row.
  var synonyms: [String] = []

  /// The best match score of a filter against the name and the synonyms; `nil` if none matches.
  func score(_ filter: String) -> Int? {
    let other = synonyms.compactMap { FuzzyMatch.score(filter, in: $0) }.max()
    return [FuzzyMatch.score(filter, in: name), other.map { $0 - 2 }].compactMap(\.self).max()
  }
}

/// Fuzzy matching: the letters of a pattern occur in order in a text.
enum FuzzyMatch {
  /// The minimum score of a match of word prefixes.
  static let good = 1000

  /// The match score, higher is better; `nil` if the letters of `pattern` do not occur in order. Ignores case. From
  /// best to worst: a prefix of the text, a prefix of a word, several words in any order, a substring, scattered
  /// letters. O(pattern · text).
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

extension StringProtocol {
  /// The text without white space at its ends.
  var withoutOuterSpaces: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}
