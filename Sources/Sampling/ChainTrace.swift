/// The effect of each stage of the sampler chain.
public struct ChainTrace: Sendable {
  /// All stages in the order of the chain, including inactive ones.
  public let stages: [StageResult<Int>]
  /// The distribution after the whole chain.
  public let final: FilteredDistribution
  /// The steps from the model's own distribution to the final one: the model, then everything that acts, in its order.
  public let steps: [ChainStep]
  /// The distribution after each step.
  private let distributions: [FilteredDistribution]
  private let removers: [UInt8]

  /// The stage that removed an id; `nil` if no stage did. Ids that the model itself gives probability 0 have no stage
  /// either.
  public func removedBy(_ id: Int) -> SamplerStage? {
    guard removers.indices.contains(id), removers[id] != Self.none else { return nil }
    return stages[Int(removers[id])].stage
  }

  /// The probability of an id after each step, 0…1; 0 if it was removed. O(steps · log vocabulary).
  public func probabilities(of id: Int) -> [Double] { distributions.map { $0.probability(of: id) } }

  private static let none = UInt8.max
}

/// A step between the model's own distribution and the one that tokens are drawn from: a column of the sampler
/// waterfall.
public struct ChainStep: Sendable, Hashable {
  /// What a step is.
  public enum Kind: Sendable, Hashable {
    /// The model's own distribution.
    case model
    /// Masks and rules of the context, which are not stages.
    case rules
    /// An active stage.
    case stage(SamplerStage)
  }

  /// What the step is.
  public var kind: Kind
  /// The number of ids with a probability above 0 after the step.
  public var kept: Int
  /// The entropy after the step, in bits.
  public var entropy: Double

  /// A step with these values.
  public init(_ kind: Kind, kept: Int, entropy: Double) {
    self.kind = kind
    self.kept = kept
    self.entropy = entropy
  }

  /// The stage; `nil` if the step is none.
  public var stage: SamplerStage? {
    if case .stage(let stage) = kind { stage } else { nil }
  }
}

extension ChainTrace {
  /// Collects a trace while the chain runs.
  struct Recorder {
    private var stages: [StageResult<Int>] = []
    private var last: FilteredDistribution
    private var lastTop: [ProbableID]?
    private var removers: [UInt8]
    private var steps: [ChainStep] = []
    private var distributions: [FilteredDistribution] = []
    private let topCount: Int

    /// Starts with the model's own distribution.
    init(_ survivors: Survivors, vocabularySize: Int, topCount: Int) {
      last = FilteredDistribution(survivors)
      removers = [UInt8](repeating: ChainTrace.none, count: vocabularySize)
      self.topCount = topCount
      addStep(.model)
    }

    private mutating func addStep(_ kind: ChainStep.Kind) {
      steps.append(ChainStep(kind, kept: last.count, entropy: last.entropy))
      distributions.append(last.withoutWeights())
    }

    /// Records an inactive stage.
    mutating func pass(_ stage: SamplerStage) {
      let top = lastTop ?? last.top(topCount)
      lastTop = top
      stages.append(
        StageResult(stage: stage, isActive: false, kept: last.count, removed: 0, entropy: last.entropy, top: top))
    }

    /// Records a mask or rules, which act before the stages or between two of them.
    mutating func change(_ survivors: Survivors) {
      last = FilteredDistribution(survivors)
      lastTop = nil
      addStep(.rules)
    }

    /// Records a stage that acted.
    mutating func record(_ stage: SamplerStage, _ survivors: Survivors) {
      let now = FilteredDistribution(survivors)
      if now.count < last.count {
        let remover = UInt8(clamping: stages.count)
        now.forEachMissing(of: last) { removers[$0] = remover }
      }
      let top = now.top(topCount)
      lastTop = top
      stages.append(
        StageResult(
          stage: stage, isActive: true, kept: now.count, removed: last.count - now.count, entropy: now.entropy,
          top: top))
      last = now
      addStep(.stage(stage))
    }

    func trace() -> ChainTrace {
      ChainTrace(stages: stages, final: last, steps: steps, distributions: distributions, removers: removers)
    }
  }
}
