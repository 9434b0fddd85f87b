import Tensors

/// The final hidden rows of a forward pass, normed and ready for the head.
public struct HiddenRows: Sendable {
  /// The rows, segment after segment. `[rows, width]`
  public let tensor: Tensor
  /// For each segment of the call its rows in `tensor`; empty for a segment that wanted none.
  public let ranges: [Range<Int>]

  /// The rows of one segment. `[wanted, width]`
  public func rows(ofSegment index: Int) -> Tensor { tensor.rows(ranges[index]) }
}
