import EngineAPI
import Sampling

extension ConfigurationReader {
  /// The keys of the section `sampling`, named as on the command line.
  static let samplingKeys = StageTable.settings.map(\.name) + ["samplers"]

  /// The neutral settings with the changes of the section; `nil` if it has no valid setting.
  mutating func sampling(_ setting: Setting) -> SamplingSettings? {
    var settings = SamplingSettings()
    var order: [SamplerStage]?
    var changed = false
    for entry in entries(setting, known: Self.samplingKeys) {
      if let stage = StageTable.settings.first(where: { $0.name == entry.name }) {
        changed = set(stage, to: entry, &settings) || changed
      } else {
        order = stages(entry) ?? order
      }
    }
    settings.includeSwitchedOn()
    settings.order = order ?? settings.order
    return changed || order != nil ? settings : nil
  }

  /// Sampler settings by name. One without a valid setting is left out.
  mutating func presets(_ setting: Setting) -> [SamplerPreset] {
    entries(setting, known: nil).compactMap { entry in
      guard SamplerPreset.isName(entry.name) else {
        problems.append(
          .wrongValue(
            place(entry.node), key: setting.key,
            expected: "names of letters and digits, with at most \(SamplerPreset.longestName) characters",
            found: Quoted(entry.name).description))
        return nil
      }
      let before = problems.count
      if let settings = sampling(entry) { return SamplerPreset(entry.name, settings) }
      if problems.count == before { wrong(entry, expected: "settings of the sampler, as in 'sampling'") }
      return nil
    }
  }

  /// Sets a value of a stage. Returns whether the entry was valid.
  private mutating func set(_ stage: StageSetting, to entry: Setting, _ settings: inout SamplingSettings) -> Bool {
    if case .biases(let path) = stage.storage {
      guard let biases = biases(entry) else { return false }
      settings[keyPath: path] = biases
      return true
    }
    if entry.isEmpty { return false }
    if case .texts(let path) = stage.storage {
      guard let texts = texts(entry) else { return false }
      guard !texts.contains("") else {
        wrong(entry, expected: "texts that are not empty")
        return false
      }
      settings[keyPath: path] = texts
      return true
    }
    guard case .scalar(let scalar) = entry.node, Self.isPlainNumber(scalar.string),
      let number = stage.number(parsing: scalar.string)
    else {
      wrong(entry, expected: stage.bounds.words(refusing: entry.node.scalar?.string ?? ""))
      return false
    }
    stage.set(number, &settings)
    return true
  }

  /// Biases of logits by token id.
  private mutating func biases(_ setting: Setting) -> [Int: Double]? {
    var biases: [Int: Double] = [:]
    for entry in entries(setting, known: nil) {
      guard let id = Int(entry.name), Limits.biasedIDs.contains(id) else {
        wrong(entry, expected: "an id and its bias")
        continue
      }
      if let bias = number(entry, in: Limits.bias) { biases[id] = bias }
    }
    return biases.isEmpty ? nil : biases
  }

  /// The order of the chain: each stage at most once.
  private mutating func stages(_ setting: Setting) -> [SamplerStage]? {
    if setting.isEmpty { return nil }
    guard let names = texts(setting) else { return nil }
    let stages = names.compactMap(SamplerStage.init(rawValue:))
    guard stages.count == names.count, Set(stages).count == stages.count else {
      let known = SamplerStage.allCases.map(\.rawValue).joined(separator: ", ")
      let odd = names.first { SamplerStage(rawValue: $0) == nil }
      problems.append(
        .wrongValue(
          place(setting.node), key: setting.key, expected: "each at most once of \(known)",
          found: odd.map { Quoted($0).description } ?? "one of them twice"))
      return nil
    }
    return stages
  }
}
