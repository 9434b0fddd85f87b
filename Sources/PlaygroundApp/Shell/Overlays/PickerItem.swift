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

extension PlaygroundState {
  /// The bytes of the longest text that a name is searched for.
  private static let longestFilter = 256

  /// The rows of a picker that match its filter, the best first.
  func items(_ picker: Picker, glyphs: Glyphs = .unicode) -> [PickerItem] {
    let all = allItems(picker.subject, glyphs)
    let filter = picker.filter.text
    guard !filter.isEmpty else { return all }
    // No name is this long, so a pasted filter returns early.
    guard filter.utf8.count <= Self.longestFilter else { return [] }
    let scored = all.enumerated().compactMap { index, item in item.score(filter).map { (item, $0, index) } }
      .sorted { ($0.1, -$0.2) > ($1.1, -$1.2) }
    // Letters that are found here and there say nothing where words are found.
    let isGood = (scored.first?.1 ?? 0) >= FuzzyMatch.good
    let found = scored.filter { !isGood || $0.1 >= FuzzyMatch.good }.map(\.0)
    switch picker.subject {
    case .palette:
      let values = valueItems(filter)
      return values + found.filter { item in !values.contains { $0.choice == item.choice } }
    case .model:
      // A path that a model's name happens to match is opened only where it is chosen.
      let path = pathItem(filter, isListed: !found.isEmpty)
      return filter.contains("/") ? [path].compactMap(\.self) + found : found + [path].compactMap(\.self)
    case .theme, .lessons, .own: return found
    }
  }

  private func allItems(_ subject: Picker.Subject, _ glyphs: Glyphs) -> [PickerItem] {
    switch subject {
    case .model:
      // Models that the open tab can use come first.
      let isOwn = { (model: ModelSummary) in model.family.map { tab.takes($0) } ?? false }
      let own = shell.models.filter(isOwn)
      let others = shell.models.filter { !isOwn($0) }
      return (own + others).map { model in
        let family =
          model.family.flatMap { TabID(taking: $0)?.title.lowercased() } ?? "\(model.architecture): not supported"
        return PickerItem(
          name: model.name,
          detail: (shell.size.width < 50 ? "" : family)
            + NumberText.padded(model.parameters.map(NumberText.compact) ?? "", 10),
          choice: .model(model))
      }
    case .theme:
      return shell.settings.themes.map {
        PickerItem(name: $0.title, detail: $0.isDark ? "dark" : "light", choice: .theme($0.name))
      }
    case .lessons: return Self.lessonItems
    case .own(let name): return current.choices(name, shell)
    case .palette:
      var seen: Set<Action> = []
      return shell.keys.bindings.filter { binding in
        binding.tabs.contains(tab) && binding.section != .overlays && !binding.action.isMovement
          && binding.action != .palette && seen.insert(binding.action).inserted
      }.map { binding in
        PickerItem(
          name: binding.entry ?? binding.help,
          detail: binding.keys.map { $0.label(glyphs: glyphs) }.joined(separator: " "),
          choice: .action(binding.action), synonyms: binding.synonyms + binding.action.synonyms)
      }.sorted { $0.name < $1.name } + settingItems
    }
  }
}

extension Action {
  /// Moves of a cursor make no sense when they are chosen from a list.
  fileprivate var isMovement: Bool { rawValue.hasPrefix("move.") && self != .nextHit && self != .previousHit }
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
