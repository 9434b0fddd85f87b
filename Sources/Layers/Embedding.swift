import Tensors

/// A learned vector for each id. Its weights may be a language model's head at the same time.
public struct Embedding: Sendable {
  /// `[ids, width]`, packed with the ids as outputs.
  public let weight: PackedMatrix

  /// A table of the given weights.
  public init(weight: PackedMatrix) { self.weight = weight }

  /// `[ids]` → `[ids, width]`; every id must be below `weight.outputs`.
  public func callAsFunction(_ ids: [Int]) -> Tensor { embedding(ids, weight) }

  /// Scores of all ids for each row, with the same weights: `[rows, width]` → `[rows, ids]`.
  public func scores(_ x: Tensor) -> Tensor { linear(x, weight) }
}
