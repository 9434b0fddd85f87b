import Sampling

extension ConfigurationReader {
  /// The keys of the section `sampling`, named as on the command line.
  static let samplingKeys = [
    "temperature", "top-k", "top-p", "min-p", "typical-p", "repeat-penalty", "presence-penalty", "frequency-penalty",
    "no-repeat-ngram-size", "min-tokens", "logit-bias", "samplers",
  ]

  /// The neutral settings changed by what the section says; `nil` where it says nothing that holds.
  mutating func sampling(_ setting: Setting) -> SamplingSettings? {
    var settings = SamplingSettings()
    var changed = false
    func set<Value>(_ value: Value?, _ property: WritableKeyPath<SamplingSettings, Value>) {
      guard let value else { return }
      settings[keyPath: property] = value
      changed = true
    }
    for entry in entries(setting, known: Self.samplingKeys) {
      switch entry.name {
      case "temperature": set(number(entry, in: 0...100), \.temperature)
      case "top-k": set(integer(entry, in: 0...10_000_000), \.topK)
      case "top-p": set(number(entry, in: 0...1), \.topP)
      case "min-p": set(number(entry, in: 0...1), \.minP)
      case "typical-p": set(number(entry, in: 0...1), \.typicalP)
      case "repeat-penalty": set(number(entry, in: 0.01...100), \.repetitionPenalty)
      case "presence-penalty": set(number(entry, in: -100...100), \.presencePenalty)
      case "frequency-penalty": set(number(entry, in: -100...100), \.frequencyPenalty)
      case "no-repeat-ngram-size": set(integer(entry, in: 0...1_000_000), \.noRepeatNGramSize)
      case "min-tokens": set(integer(entry, in: 0...1_000_000), \.minTokens)
      case "logit-bias": set(biases(entry), \.logitBias)
      case "samplers": set(stages(entry), \.order)
      default: break
      }
    }
    return changed ? settings : nil
  }

  /// Ids and what is added to their logits.
  private mutating func biases(_ setting: Setting) -> [Int: Double]? {
    var biases: [Int: Double] = [:]
    for entry in entries(setting, known: nil) {
      guard let id = Int(entry.name), (0...10_000_000).contains(id) else {
        wrong(entry, expected: "an id and its bias")
        continue
      }
      if let bias = number(entry, in: -1000...1000) { biases[id] = bias }
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
