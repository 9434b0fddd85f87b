/// The effect of each stage of the sampler chain.
public struct ChainTrace: Sendable {
  /// All stages in the order of the chain, including inactive ones.
  public let stages: [StageResult<Int>]
  /// The distribution after the whole chain.
  public let final: FilteredDistribution
  private let removers: [UInt8]

  /// The stage that removed an id; `nil` if no stage did. Ids that the model itself gives probability 0 have no stage
  /// either.
  public func removedBy(_ id: Int) -> SamplerStage? {
    guard removers.indices.contains(id), removers[id] != Self.none else { return nil }
    return stages[Int(removers[id])].stage
  }

  private static let none = UInt8.max
}

extension ChainTrace {
  /// Collects a trace while the chain runs.
  struct Recorder {
    private var stages: [StageResult<Int>] = []
    private var last: FilteredDistribution
    private var lastTop: [ProbableID]?
    private var removers: [UInt8]
    private let topCount: Int

    init(_ survivors: Survivors, vocabularySize: Int, topCount: Int) {
      last = FilteredDistribution(survivors)
      removers = [UInt8](repeating: ChainTrace.none, count: vocabularySize)
      self.topCount = topCount
    }

    /// Records an inactive stage.
    mutating func pass(_ stage: SamplerStage) {
      let top = lastTop ?? last.top(topCount)
      lastTop = top
      stages.append(
        StageResult(stage: stage, isActive: false, kept: last.count, removed: 0, entropy: last.entropy, top: top))
    }

    /// Records a change of probabilities between two stages.
    mutating func change(_ survivors: Survivors) {
      last = FilteredDistribution(survivors)
      lastTop = nil
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
    }

    func trace() -> ChainTrace {
      ChainTrace(stages: stages, final: last, removers: removers)
    }
  }
}
