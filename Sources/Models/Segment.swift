/// One run of new ids of one sequence, after what its state holds.
///
/// Not `Sendable`, as its state is not.
public struct Segment {
  /// The new ids, at least one.
  public var ids: [Int]
  /// The sequence; a forward pass appends to it.
  public var state: SequenceState
  /// At which of the new positions the hidden rows are wanted.
  public var wanted: WantedRows

  /// New ids of a sequence.
  public init(ids: [Int], state: SequenceState, wanted: WantedRows = .last) {
    self.ids = ids
    self.state = state
    self.wanted = wanted
  }
}
