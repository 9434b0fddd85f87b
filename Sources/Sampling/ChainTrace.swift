/// What the chain did, stage by stage.
public struct ChainTrace: Sendable {
  /// What one stage did.
  public struct Stage: Sendable, Hashable {
    /// The stage.
    public var stage: SamplerStage
    /// Whether it acted; the figures of one that did not are those before it.
    public var isActive: Bool
    /// How many ids are left after it.
    public var kept: Int
    /// How many fewer than before it.
    public var removed: Int
    /// The entropy of what is left, in bits.
    public var entropy: Double
    /// The most probable ids of what is left.
    public var top: [ProbableID]
  }

  /// Every stage of the order, those that are off too.
  public let stages: [Stage]
  /// What is left after all.
  public let final: FilteredDistribution
  private let removers: [UInt8]

  /// The stage that removed an id; `nil` where it is left, or was never there because the model itself gives it no
  /// probability.
  public func removedBy(_ id: Int) -> SamplerStage? {
    guard removers.indices.contains(id), removers[id] != Self.none else { return nil }
    return stages[Int(removers[id])].stage
  }

  private static let none = UInt8.max
}

extension ChainTrace {
  /// Gathers a trace.
  struct Recorder {
    private var stages: [Stage] = []
    private var last: FilteredDistribution
    private var lastTop: [ProbableID]?
    private var removers: [UInt8]
    private let topCount: Int

    init(_ survivors: Survivors, vocabularySize: Int, topCount: Int) {
      last = FilteredDistribution(survivors)
      removers = [UInt8](repeating: ChainTrace.none, count: vocabularySize)
      self.topCount = topCount
    }

    /// A stage that does nothing.
    mutating func pass(_ stage: SamplerStage) {
      let top = lastTop ?? last.top(topCount)
      lastTop = top
      stages.append(
        Stage(stage: stage, isActive: false, kept: last.count, removed: 0, entropy: last.entropy, top: top))
    }

    /// Something between two stages changed probabilities.
    mutating func change(_ survivors: Survivors) {
      last = FilteredDistribution(survivors)
      lastTop = nil
    }

    /// A stage that acted.
    mutating func record(_ stage: SamplerStage, _ survivors: Survivors) {
      let now = FilteredDistribution(survivors)
      if now.count < last.count {
        let remover = UInt8(clamping: stages.count)
        now.forEachMissing(of: last) { removers[$0] = remover }
      }
      let top = now.top(topCount)
      lastTop = top
      stages.append(
        Stage(
          stage: stage, isActive: true, kept: now.count, removed: last.count - now.count, entropy: now.entropy,
          top: top))
      last = now
    }

    func trace(_ survivors: Survivors) -> ChainTrace {
      ChainTrace(stages: stages, final: last, removers: removers)
    }
  }
}
