/// One whole sequence for a masked model.
public struct MaskedSequence: Sendable, Equatable {
  /// The ids, special ones included.
  public var ids: [Int]
  /// At which positions the hidden rows are wanted.
  public var wanted: WantedRows

  /// A sequence.
  public init(ids: [Int], wanted: WantedRows = .all) {
    self.ids = ids
    self.wanted = wanted
  }
}
