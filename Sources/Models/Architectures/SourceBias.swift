import Tensors

/// The bias of a whole source looking at itself, a slice of the queries at a time: at once it would grow with the
/// square of a length that has no limit.
struct SourceBias {
  /// Runs of queries, together all of them.
  let slices: [Range<Int>]
  private let positions: RelativePositionBias
  private let keyCount: Int
  /// The bias of all queries where they are one slice, kept for the layers to share.
  private let whole: Tensor?

  /// The queries of a slice.
  static let queriesAtOnce = 512

  /// The bias of a source of `count` positions.
  init(_ positions: RelativePositionBias, count: Int, queriesAtOnce: Int = queriesAtOnce) {
    self.positions = positions
    keyCount = count
    slices = stride(from: 0, to: count, by: queriesAtOnce).map { $0..<min($0 + queriesAtOnce, count) }
    whole = slices.count == 1 ? positions(queries: slices[0], keyCount: count) : nil
  }

  /// `[heads, slice, source]`
  func callAsFunction(_ slice: Range<Int>) -> Tensor { whole ?? positions(queries: slice, keyCount: keyCount) }
}
