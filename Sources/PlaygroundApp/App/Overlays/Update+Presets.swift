import EngineAPI
import Sampling
import TerminalUI

/// Sampler settings by name.
extension PlaygroundState {
  /// Opens the list of settings, or asks for the name to save the settings under.
  mutating func openPresets(_ subject: Picker.Subject) {
    guard current.sampler != nil else {
      shell.notice = "\(shell.tab.title) has no sampler settings"
      return
    }
    openPicker(subject)
  }

  /// Uses settings. A tab that does not sample takes their processors.
  mutating func use(_ preset: SamplerPreset) {
    guard var values = current.sampler else { return }
    values.chain = values.search == nil ? preset.settings : preset.settings.processors
    values.chain.rules = current.sampler?.chain.rules ?? ContextRules()
    samplerValues = values
    shell.notice = "settings: \(preset.name)"
  }

  /// The effect that saves the settings under a name.
  func save(presetName name: String) -> [Effect] {
    var settings = samplerValues.chain
    // Rules come from a model's file, and stay with it.
    settings.rules = ContextRules()
    return [.savePreset(SamplerPreset(name, settings))]
  }

  /// Settings have been saved: they take the place of those of the same name.
  mutating func receive(saved preset: SamplerPreset) {
    if let index = shell.settings.presets.firstIndex(where: { $0.name == preset.name }) {
      shell.settings.presets[index] = preset
    } else {
      shell.settings.presets.append(preset)
    }
    shell.notice = "the settings are saved as \(preset.name)"
  }

  /// The rows of the list of settings.
  var presetItems: [PickerItem] {
    guard !shell.settings.presets.isEmpty else {
      let key = shell.promptKey(.savePreset).map { ": \($0) saves those of the sampler" } ?? ""
      let words = "no settings have a name yet\(key)"
      return [PickerItem(name: words, detail: "", choice: .problem(words))]
    }
    return shell.settings.presets.map { preset in
      let summary = preset.settings.summary.joined(separator: " \(Glyphs.unicode.separator) ")
      return PickerItem(name: preset.name, detail: summary.isEmpty ? "T 1" : summary, choice: .preset(preset))
    }
  }

  /// The rows while the name of settings is typed: the name, then those that it could replace.
  func presetNameItems(_ typed: String) -> [PickerItem] {
    let name = typed.split(separator: " ").joined(separator: " ")
    let known = shell.settings.presets.map(\.name)
    let others = known.filter { $0 != name && (name.isEmpty || FuzzyMatch.score(name, in: $0) != nil) }
      .map { PickerItem(name: "Replace \($0)", detail: "", choice: .presetName($0)) }
    if name.isEmpty {
      return others.isEmpty
        ? [PickerItem(name: "type a name", detail: "", choice: .problem("type a name for the settings"))] : others
    }
    guard SamplerPreset.isName(name) else {
      let problem = "a name has letters, digits, spaces and dashes, and at most \(SamplerPreset.longestName) characters"
      return [PickerItem(name: problem, detail: "", choice: .problem(problem))]
    }
    let word = known.contains(name) ? "Replace" : "Save as"
    return [PickerItem(name: "\(word) \(name)", detail: "", choice: .presetName(name))] + others
  }
}
