import Testing

@testable import Sampling

@Suite struct StageTableTests {
  /// The default chain of the command line's specification.
  private let standard = [
    "logit-bias", "repetition", "presence", "frequency", "no-repeat-ngram", "min-tokens", "temperature", "top-k",
    "top-p",
    "min-p", "typical-p",
  ]

  @Test func everyStageHasOneRowInTheOrderOfTheChain() {
    #expect(StageTable.rows.map(\.stage) == SamplerStage.allCases)
    #expect(SamplerStage.defaultOrder.map(\.rawValue) == standard)
  }

  @Test func everyNameIsUnique() {
    let names = StageTable.settings.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
    let letters = StageTable.settings.map(\.letters)
    #expect(Set(letters).count == letters.count)
    let keys = StageTable.settings.compactMap(\.fileKey?.name)
    #expect(Set(keys).count == keys.count)
  }

  @Test func neutralSettingsAreOffAndWithinTheirBounds() {
    let neutral = SamplingSettings()
    for row in StageTable.rows { #expect(!row.isOn(neutral), "\(row.stage)") }
    for setting in StageTable.settings {
      guard let value = setting.number(neutral) else { continue }
      #expect(setting.bounds.contains(value) && setting.initial == value, "\(setting.name)")
    }
  }

  @Test func stepsStayWithinTheBoundsAndReachThem() {
    for setting in StageTable.settings where setting.number(SamplingSettings()) != nil {
      for value in [-1e12, -1, 0, 0.5, 1, 2, 1e12] {
        #expect(setting.bounds.contains(setting.bounds.clamped(value, step: setting.step)), "\(setting.name) \(value)")
      }
    }
  }

  @Test func aStageThatIsSwitchedOnIsAddedInTableOrder() {
    var settings = SamplingSettings()
    settings.xtcProbability = 0.5
    settings.dryMultiplier = 1
    settings.topNSigma = 1
    #expect(SamplingSettings.neutralAnswers(settings))
    settings.includeSwitchedOn()
    var expected = standard
    expected.insert("dry", at: 4)
    expected.insert("top-n-sigma", at: 8)
    expected.append("xtc")
    #expect(settings.order.map(\.rawValue) == expected)
    var own = SamplingSettings()
    own.order = [.topK, .temperature, .repetition]
    own.include(.mirostat)
    own.include(.topH)
    #expect(own.order == [.topH, .topK, .temperature, .repetition, .mirostat])
  }
}

extension SamplingSettings {
  /// Whether a chain leaves a row unchanged.
  fileprivate static func neutralAnswers(_ settings: SamplingSettings) -> Bool {
    var chain = SamplerChain(settings)
    return chain.trace(from: [1, 2, 0], history: TokenHistory()).final.count == 3
  }
}
