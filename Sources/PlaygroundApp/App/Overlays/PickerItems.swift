import EngineAPI
import TerminalUI

extension PlaygroundState {
  /// The maximum length of a filter, in bytes.
  private static let longestFilter = 256

  /// The rows of a picker that match its filter, the best first.
  func items(_ picker: Picker, glyphs: Glyphs = .unicode) -> [PickerItem] {
    let all = allItems(picker.subject, glyphs)
    let filter = picker.filter.text
    guard !filter.isEmpty else { return all }
    // No name is this long, so a pasted filter returns early.
    guard filter.utf8.count <= Self.longestFilter else { return [ownEntry(picker)].compactMap(\.self) }
    let scored = all.enumerated().compactMap { index, item in item.score(filter).map { (item, $0, index) } }
      .sorted { ($0.1, -$0.2) > ($1.1, -$1.2) }
    // If a row matches by whole words, drop rows that match only by scattered letters.
    let isGood = (scored.first?.1 ?? 0) >= FuzzyMatch.good
    let found = scored.filter { !isGood || $0.1 >= FuzzyMatch.good }.map(\.0)
    switch picker.subject {
    case .palette:
      let values = valueItems(filter)
      return values + found.filter { item in !values.contains { $0.choice == item.choice } }
    case .model:
      // If model names match the filter as well, the path comes after them, so that Enter does not open it by accident.
      let path = pathItem(filter, isListed: !found.isEmpty)
      return filter.contains("/") ? [path].compactMap(\.self) + found : found + [path].compactMap(\.self)
    case .presetName: return presetNameItems(filter)
    case .exportName: return exportItems(filter)
    case .sessionFile: return sessionFileItems(filter)
    case .own: return [ownEntry(picker)].compactMap(\.self) + found
    case .theme, .lessons, .presets, .leaving: return found
    }
  }

  /// The row for what is typed into a picker of the open tab's own.
  private func ownEntry(_ picker: Picker) -> PickerItem? {
    guard case .own(let name) = picker.subject else { return nil }
    return current.entry(picker.filter.text, in: name, shell)
  }

  private func allItems(_ subject: Picker.Subject, _ glyphs: Glyphs) -> [PickerItem] {
    switch subject {
    case .model:
      // Models that the open tab can use come first.
      let isOwn = { (model: ModelSummary) in model.family.map { tab.takes($0) } ?? false }
      let own = shell.models.filter(isOwn)
      let others = shell.models.filter { !isOwn($0) }
      return (own + others).map { model in
        let family = model.family.flatMap { TabID(taking: $0)?.title.lowercased() } ?? model.obstacle
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
    case .presets: return presetItems
    case .presetName: return presetNameItems("")
    case .exportName: return exportItems("")
    case .sessionFile: return sessionFileItems("")
    case .leaving: return leavingItems
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

extension ModelSummary {
  /// What keeps the model from being opened, in few words.
  fileprivate var obstacle: String {
    description.architecture.isEmpty ? "can't open" : "\(description.architecture): not supported"
  }
}

extension Action {
  /// Whether the action moves a cursor, which is useless in the palette.
  fileprivate var isMovement: Bool { rawValue.hasPrefix("move.") && self != .nextHit && self != .previousHit }
}
