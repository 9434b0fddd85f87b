import EngineAPI
import Sampling
import TerminalUI

/// The sampler overlay. Each change applies immediately to the candidates and to text generated from then on.
extension PlaygroundState {
  /// What the overlay changes.
  var samplerValues: SamplerValues {
    get { current.sampler ?? SamplerValues(chain: SamplingSettings(), maxTokens: 1) }
    set { if newValue != current.sampler { current.sampler = newValue } }
  }

  mutating func openSampler() {
    guard current.sampler != nil else { return }
    var panel = SamplerPanel()
    let rows = SamplerRow.rows(samplerValues)
    let frame = SamplerView.frame(over: shell.layout, bounds: shell.overlayBounds)
    panel.window.update(count: rows.count, height: SamplerView.rows(frame))
    // Scroll so that the standard chain is visible to its end.
    panel.window.select(rows.firstIndex(of: .maxTokens) ?? 0)
    panel.window.select(rows.firstIndex(of: .stage(.temperature)) ?? 0)
    shell.overlay = .sampler(panel)
  }

  /// Calls `change` with the panel if it is open. The selection follows its row.
  private mutating func withPanel(_ change: (inout PlaygroundState, inout SamplerPanel, SamplerRow) -> Void) {
    guard case .sampler(var panel) = shell.overlay else { return }
    let rows = SamplerRow.rows(samplerValues)
    guard rows.indices.contains(panel.window.selected) else { return }
    let row = rows[panel.window.selected]
    change(&self, &panel, row)
    // Enabling a stage moves it into the chain and adds the rows of its other values.
    let changed = SamplerRow.rows(samplerValues)
    if changed != rows, let index = changed.firstIndex(of: row) {
      panel.window.update(count: changed.count)
      panel.window.follow(to: index)
    }
    shell.overlay = .sampler(panel)
  }

  /// A character of a value; biases are typed as `ID=BIAS`.
  mutating func typeIntoSampler(_ stroke: KeyStroke) {
    guard let character = stroke.typedCharacter, character.isASCII,
      character.isNumber || "-.=".contains(character)
    else { return }
    withPanel { _, panel, _ in
      let entry = (panel.entry ?? "") + String(character)
      if entry.count <= 20 { panel.entry = entry }
    }
  }

  /// Backspace: deletes the last typed character, or switches the stage off if nothing is typed.
  mutating func eraseSetting() {
    withPanel { state, panel, row in
      if let entry = panel.entry {
        panel.entry = entry.count > 1 ? String(entry.dropLast()) : nil
      } else if let setting = row.setting {
        setting.set(setting.initial, &state.samplerValues.chain)
        if row == .stage(.logitBias) { state.samplerValues.chain.logitBias = [:] }
      }
    }
  }

  /// Enter: sets the value to the typed text. Returns whether there was any.
  mutating func commitSetting() -> Bool {
    var committed = false
    withPanel { state, panel, row in
      guard let entry = panel.entry else { return }
      committed = true
      panel.entry = nil
      if let problem = state.set(row, to: entry) { state.shell.notice = problem }
    }
    return committed
  }

  /// Sets a row to a typed value. Returns a message if the value is invalid.
  mutating func set(_ row: SamplerRow, to entry: String) -> String? {
    switch row {
    case .stage(.logitBias):
      let parts = entry.split(separator: "=")
      guard parts.count == 2, let id = Int(parts[0]), let bias = Double(parts[1]), bias.isFinite else {
        return "a bias is typed as ID=BIAS, 262=-5 for example"
      }
      let size = shell.information(current.model)?.vocabularySize ?? .max
      guard (0..<size).contains(id) else { return "no such token id: expected 0 to \(size - 1), found \(id)" }
      samplerValues.chain.include(.logitBias)
      samplerValues.chain.logitBias[id] = bias == 0 ? nil : bias
    case .stage(let stage), .detail(let stage, _):
      guard let setting = row.setting, let value = setting.number(parsing: entry) else {
        let setting = row.setting ?? stage.row.settings[0]
        return "\(row.name): expected \(setting.bounds.words(refusing: entry)), found \(entry)"
      }
      samplerValues.chain.include(stage)
      setting.set(value, &samplerValues.chain)
    case .seed:
      guard let value = UInt64(entry), Limits.seeds.contains(value) else {
        return "seed: expected a whole number from 0 to \(Limits.seeds.upperBound), found \(entry)"
      }
      var values = samplerValues
      (values.seed, values.isSeedChosen) = (value, true)
      samplerValues = values
    case .maxTokens:
      guard let value = Int(entry), Limits.tokens.contains(value) else {
        return "max tokens: expected \(NumberBounds.whole(Limits.tokens).words(refusing: entry)), found \(entry)"
      }
      samplerValues.maxTokens = value
    case .beams:
      guard let value = Int(entry), Limits.beams.contains(value) else {
        return "beams: expected \(NumberBounds.whole(Limits.beams).words(refusing: entry)), found \(entry)"
      }
      samplerValues.beams = value
    case .lengthPenalty:
      guard let value = Double(entry), Limits.lengthPenalty.contains(value) else {
        return
          "length penalty: expected a number from \(Int(Limits.lengthPenalty.lowerBound)) to \(Int(Limits.lengthPenalty.upperBound)), found \(entry)"
      }
      samplerValues.lengthPenalty = value
    case .earlyStopping: return "early stopping: the arrows choose"
    }
    return nil
  }

  /// An arrow key: changes the value by one step.
  mutating func stepSetting(up: Bool) {
    withPanel { state, panel, row in
      panel.entry = nil
      let sign: Double = up ? 1 : -1
      switch row {
      case .stage(let stage), .detail(let stage, _):
        guard let setting = row.setting, let value = setting.number(state.samplerValues.chain) else {
          state.shell.notice = "a bias is typed as ID=BIAS, 262=-5 for example"
          return
        }
        state.samplerValues.chain.include(stage)
        setting.set(setting.stepped(value, up: up), &state.samplerValues.chain)
      case .seed:
        let seed = state.samplerValues.seed ?? 0
        state.samplerValues.seed = (up ? seed &+ 1 : seed &- 1) & Limits.seeds.upperBound
      case .maxTokens:
        state.samplerValues.maxTokens = (state.samplerValues.maxTokens + (up ? 16 : -16)).clamped(to: Limits.tokens)
      case .beams:
        state.samplerValues.beams = ((state.samplerValues.beams ?? 1) + (up ? 1 : -1)).clamped(to: Limits.beams)
      case .lengthPenalty:
        let value = (state.samplerValues.lengthPenalty * 10 + sign).rounded() / 10
        state.samplerValues.lengthPenalty = value.clamped(to: Limits.lengthPenalty)
      case .earlyStopping:
        let all = EarlyStopping.allCases
        let index = all.firstIndex(of: state.samplerValues.earlyStopping) ?? 0
        state.samplerValues.earlyStopping = all[(index + (up ? 1 : all.count - 1)) % all.count]
      }
    }
  }

  /// Moves the chosen stage within the chain; the choice goes with it.
  mutating func moveStage(by step: Int) {
    withPanel { state, _, row in
      guard let stage = row.stage, let index = state.samplerValues.chain.order.firstIndex(of: stage),
        state.samplerValues.chain.order.indices.contains(index + step)
      else { return }
      state.samplerValues.chain.order.swapAt(index, index + step)
    }
  }
}
