import EngineAPI
import Platform
import Sampling

/// A simple sampler chain over a small vocabulary with the stages that screen tests need, independent of the real one.
struct ScriptedChain {
  private(set) var probabilities: [Double]
  private(set) var removedBy: [Int: SamplerStage] = [:]
  private(set) var stages: [StageSummary] = []
  private(set) var steps: [ChainStep] = []
  /// The probabilities after each step.
  private var columns: [[Double]] = []

  /// The probability of an id after each step.
  func steps(of id: Int) -> [Double] { columns.map { $0[id] } }

  init(logprobs: [Double], settings: SamplingSettings) {
    probabilities = logprobs.map(exp)
    addStep(.model)
    for stage in settings.order {
      let before = probabilities
      guard act(stage, settings) else {
        let last = stages.last
        stages.append(
          StageSummary(
            stage: stage, kept: last?.kept ?? before.count { $0 > 0 }, removed: 0,
            entropy: last?.entropy ?? bits(before)))
        continue
      }
      for id in probabilities.indices where before[id] > 0 && probabilities[id] == 0 { removedBy[id] = stage }
      let kept = probabilities.count { $0 > 0 }
      stages.append(
        StageSummary(
          stage: stage, kept: kept, removed: before.count { $0 > 0 } - kept, entropy: bits(probabilities)))
      addStep(.stage(stage))
    }
  }

  private mutating func addStep(_ kind: ChainStep.Kind) {
    columns.append(probabilities)
    steps.append(ChainStep(kind, kept: probabilities.count { $0 > 0 }, entropy: bits(probabilities)))
  }

  /// Applies a stage; returns false if it is off.
  private mutating func act(_ stage: SamplerStage, _ settings: SamplingSettings) -> Bool {
    var ranked: [Int] { ScriptedModel.ranked(probabilities) }
    switch stage {
    case .temperature where settings.temperature == 0: keep(Set(ranked.prefix(1)))
    case .temperature where settings.temperature != 1:
      probabilities = probabilities.map { $0 > 0 ? pow($0, 1 / settings.temperature) : 0 }
      keep(Set(probabilities.indices))
    case .topK where settings.topK > 0: keep(Set(ranked.prefix(settings.topK)))
    case .topP where settings.topP < 1:
      var mass = 0.0
      keep(
        Set(
          ranked.prefix { id in
            defer { mass += probabilities[id] }
            return mass < settings.topP
          }))
    case .minP where settings.minP > 0:
      let least = (probabilities.max() ?? 0) * settings.minP
      keep(Set(probabilities.indices.filter { probabilities[$0] >= least }))
    case .logitBias where !settings.logitBias.isEmpty:
      for (id, bias) in settings.logitBias where probabilities.indices.contains(id) { probabilities[id] *= exp(bias) }
      keep(Set(probabilities.indices))
    default: return false
    }
    return true
  }

  private mutating func keep(_ ids: Set<Int>) {
    // Sum in the order of the ids. The order of a set varies between runs, and so would the last bit of the sum.
    let mass = probabilities.indices.reduce(0) { ids.contains($1) ? $0 + probabilities[$1] : $0 }
    probabilities = probabilities.indices.map { ids.contains($0) && mass > 0 ? probabilities[$0] / mass : 0 }
  }
}
