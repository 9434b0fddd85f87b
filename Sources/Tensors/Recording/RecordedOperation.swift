/// The operations that models are written in, each with what its gradient needs.
///
/// The list is closed: who computes gradients switches over it without a `default`, so an operation that has no
/// backward does not compile. Views of a tensor are no operations (see ``TensorPlace``), nor are the numbers that
/// depend on positions alone (angles of rotations, ALiBi's slopes).
public enum RecordedOperation: Sendable {
  /// `input · weightsᵀ + bias + residual`: `[rows, inputs]` → `[rows, outputs]`. An activation is noted as an operation
  /// of its own, whose input is the value before it.
  case product(input: Tensor, weights: PackedMatrix, bias: Tensor?, residual: Tensor?, output: Tensor)

  /// Row `ids[i]` of the table is row i of the output, `[ids, width]`. The table may be the weights of a product too.
  case embedding(ids: [Int], table: PackedMatrix, output: Tensor)

  /// Row `indices[i]` of a tensor is row i of the output; rows may repeat.
  case rows(of: TensorColumns, indices: [Int], output: Tensor)

  /// The rows of all parts, one part after the other.
  case stack(parts: [Tensor], output: Tensor)

  /// Elementwise a + b, of one shape.
  case sum(Tensor, Tensor, output: Tensor)

  /// Elementwise a · b, of one shape: the gate of a feed-forward layer.
  case elementwiseProduct(Tensor, Tensor, output: Tensor)

  /// Every number times a factor.
  case scale(input: Tensor, factor: Float, output: Tensor)

  /// The function of every number.
  case activation(input: Tensor, Activation, output: Tensor)

  /// Layer norm over the last axis. `statistics`: for each row the mean and 1 / √(variance + epsilon). `[rows, 2]`
  case layerNorm(input: Tensor, weight: Tensor, bias: Tensor, statistics: Tensor, output: Tensor)

  /// Norm by the root of the mean square over the last axis. `statistics`: for each row 1 / √(mean of squares +
  /// epsilon). `[rows, 1]`
  case rmsNorm(input: Tensor, weight: Tensor, statistics: Tensor, output: Tensor)

  /// Softmax over the last axis.
  case softmax(input: Tensor, output: Tensor)

  /// The logarithm of softmax over the last axis.
  case logSoftmax(input: Tensor, output: Tensor)

  /// Pairs of each head's numbers rotated by their row's angles: see ``rotate(_:angles:headWidth:pairs:)``.
  case rotation(input: TensorColumns, angles: Tensor, headWidth: Int, pairs: RotationPairs, output: Tensor)

  /// A learned bias of distances: see ``positionBias(_:buckets:queries:keyCount:)``.
  case positionBias(weight: Tensor, buckets: [Int], queries: Range<Int>, keyCount: Int, output: Tensor)

  /// Attention of several sequences at once.
  case attention(RecordedAttention)

  /// What the operation computed.
  public var output: Tensor {
    switch self {
    case .product(_, _, _, _, let output), .embedding(_, _, let output), .rows(_, _, let output),
      .stack(_, let output), .sum(_, _, let output), .elementwiseProduct(_, _, let output),
      .scale(_, _, let output), .activation(_, _, let output), .layerNorm(_, _, _, _, let output),
      .rmsNorm(_, _, _, let output), .softmax(_, let output), .logSoftmax(_, let output),
      .rotation(_, _, _, _, let output), .positionBias(_, _, _, _, let output):
      output
    case .attention(let attention): attention.output
    }
  }
}

/// An attention as it was recorded: softmax(queries · keysᵀ · scale + bias) · values for each head of each run.
///
/// The probability of a key is exp(score − log-sum), so the probabilities are not kept.
public struct RecordedAttention: Sendable {
  /// Query rows of one sequence, and the keys and values they attend to.
  public struct Run: Sendable {
    /// The rows of the queries, and of the output.
    public let rows: Range<Int>
    /// `[keys, keyWidth]`
    public let keys: TensorColumns
    /// `[keys, keyWidth]`
    public let values: TensorColumns
    /// True when the queries are the last positions of the keys, and each sees itself and what lies before it.
    public let isCausal: Bool
    /// Added to the scaled scores: `[queryHeads, rows.count, keys]`.
    public let bias: Tensor?
    private let run: AttentionRun

    init(_ run: AttentionRun) {
      guard let source = run.source, source.keys.rowCount == run.keyCount else {
        preconditionFailure("a recorded attention without the rows of its \(run.keyCount) keys")
      }
      rows = run.rows
      keys = source.keys
      values = source.values
      isCausal = run.isCausal
      bias = run.bias?.unrecorded
      var bare = run
      bare.blocks = []
      bare.bias = nil
      bare.source = nil
      self.run = bare
    }

    /// The keys that query `index` of the run sees.
    public func visibleKeys(_ index: Int, window: Int?) -> Range<Int> {
      let sight = run.sight(window)
      let end = min(max(sight.limit + index * sight.limitStep, 0), run.keyCount)
      return min(max(sight.begin + index * sight.beginStep, 0), end)..<end
    }
  }

  /// `[rows, queryWidth]`
  public let queries: TensorColumns
  /// Disjoint runs of the rows; rows in none of them came out as zeros.
  public let runs: [Run]
  /// Heads, scale, window and soft cap.
  public let shape: AttentionShape
  /// For each query head what is added to a score for each position that its key lies after the last one that the query
  /// sees; empty: nothing.
  public let slopes: [Float]
  /// For each row and head the logarithm of the sum of exp(score) over the keys that it sees. `[rows, queryHeads]`
  public let logSums: Tensor
  /// `[rows, queryWidth]`
  public let output: Tensor
}
