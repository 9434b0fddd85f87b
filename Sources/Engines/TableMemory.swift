import EngineAPI
import Sampling

/// What a table of candidates depends on.
struct TableKey: Hashable {
  let encoderIDs: [Int]?
  let ids: [Int]
  let position: Int
  let promptCount: Int
  let settings: SamplingSettings
  let topCount: Int

  init(_ request: DistributionRequest) {
    encoderIDs = request.context.encoderIDs
    ids = request.context.ids
    position = request.position
    promptCount = request.promptCount
    settings = request.settings
    topCount = max(request.window.count, 10)
  }
}

/// The tables that were made last.
struct TableMemory {
  private static let capacity = 6
  private var entries: [(key: TableKey, table: CandidateTable)] = []

  func table(for key: TableKey) -> CandidateTable? { entries.first { $0.key == key }?.table }

  mutating func keep(_ table: CandidateTable, for key: TableKey) {
    entries.append((key, table))
    if entries.count > Self.capacity { entries.removeFirst() }
  }
}
