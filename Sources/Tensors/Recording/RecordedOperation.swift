/// The operations that models are written in, each with the values that its gradient needs.
///
/// The list is closed: code that computes gradients switches over it without a `default`, so a missing backward pass is
/// a compile error. Views of a tensor are not operations (see ``TensorPlace``). Values that depend only on positions
/// (rotation angles, ALiBi slopes) are not recorded either.
public enum RecordedOperation: Sendable {
  /// `input · weightsᵀ + bias + residual`: `[rows, inputs]` → `[rows, outputs]`. An activation is recorded as a
  /// separate operation, whose input is the value before it.
  case product(input: Tensor, weights: PackedMatrix, bias: Tensor?, residual: Tensor?, output: Tensor)

  /// Row `ids[i]` of the table is row i of the output, `[ids, width]`. With tied weights, the table is also the weights
  /// of a product.
  case embedding(ids: [Int], table: PackedMatrix, output: Tensor)

  /// Row `indices[i]` of a tensor is row i of the output; rows may repeat.
  case rows(of: TensorColumns, indices: [Int], output: Tensor)

  /// The rows of all parts, one part after the other.
  case stack(parts: [Tensor], output: Tensor)

  /// Elementwise a + b of the same shape.
  case sum(Tensor, Tensor, output: Tensor)

  /// Elementwise a · b of the same shape: the gate of a feed-forward layer.
  case elementwiseProduct(Tensor, Tensor, output: Tensor)

  /// Every element times a factor.
  case scale(input: Tensor, factor: Float, output: Tensor)

  /// Dropout, and the sum with a residual: see ``dropout(_:_:residual:)``.
  case dropout(input: Tensor, DropoutMask, residual: Tensor?, output: Tensor)

  /// An activation of every element.
  case activation(input: Tensor, Activation, output: Tensor)

  /// Layer norm over the last axis. `statistics`: mean and 1 / √(variance + epsilon) of each row, `[rows, 2]`.
  case layerNorm(input: Tensor, weight: Tensor, bias: Tensor, statistics: Tensor, output: Tensor)

  /// RMS norm over each group of `weight.count` columns. `statistics`: 1 / √(mean of squares + epsilon) of each group
  /// of each row, `[rows · groups, 1]`.
  case rmsNorm(input: TensorColumns, weight: Tensor, statistics: Tensor, output: Tensor)

  /// Softmax over the last axis.
  case softmax(input: Tensor, output: Tensor)

  /// Log-softmax over the last axis.
  case logSoftmax(input: Tensor, output: Tensor)

  /// Rotary embedding: see ``rotate(_:angles:headWidth:pairs:)``.
  case rotation(input: TensorColumns, angles: Tensor, headWidth: Int, pairs: RotationPairs, output: Tensor)

  /// Relative position bias: see ``positionBias(_:buckets:queries:keyCount:)``.
  case positionBias(weight: Tensor, buckets: [Int], queries: Range<Int>, keyCount: Int, output: Tensor)

  /// Attention of several sequences at once.
  case attention(RecordedAttention)

  /// A layer, whose operations are computed again when they are needed.
  case layer(RecordedLayer)

  /// The result of the operation.
  public var output: Tensor {
    switch self {
    case .product(_, _, _, _, let output), .embedding(_, _, let output), .rows(_, _, let output),
      .stack(_, let output), .sum(_, _, let output), .elementwiseProduct(_, _, let output),
      .scale(_, _, let output), .dropout(_, _, _, let output), .activation(_, _, let output),
      .layerNorm(_, _, _, _, let output),
      .rmsNorm(_, _, _, let output), .softmax(_, let output), .logSoftmax(_, let output),
      .rotation(_, _, _, _, let output), .positionBias(_, _, _, _, let output):
      output
    case .attention(let attention): attention.output
    case .layer(let layer): layer.output
    }
  }
}

/// A recorded attention: softmax(queries · keysᵀ · scale + bias) · values for each head of each run.
///
/// With dropout, probabilities are set to zero after the softmax. They are not stored: the gradient computes the
/// probability of a key again as exp(score − log-sum).
public struct RecordedAttention: Sendable {
  /// Query rows of one sequence, and the keys and values they attend to.
  public struct Run: Sendable {
    /// The query rows, which are also the output rows.
    public let rows: Range<Int>
    /// `[keys, keyWidth]`
    public let keys: TensorColumns
    /// `[keys, keyWidth]`
    public let values: TensorColumns
    /// True for causal attention: the queries are the last positions of the keys, and each attends to itself and
    /// earlier ones.
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

    /// The limits of the visible keys: query i attends to the keys from `begin + i · beginStep` up to
    /// `limit + i · limitStep` (exclusive), clamped to the existing keys.
    package func sight(_ window: Int?) -> (begin: Int, beginStep: Int, limit: Int, limitStep: Int) {
      run.sight(window)
    }

    /// The keys that query `index` of the run attends to.
    public func visibleKeys(_ index: Int, window: Int?) -> Range<Int> {
      let sight = sight(window)
      let end = min(max(sight.limit + index * sight.limitStep, 0), run.keyCount)
      return min(max(sight.begin + index * sight.beginStep, 0), end)..<end
    }
  }

  /// `[rows, queryWidth]`
  public let queries: TensorColumns
  /// Disjoint ranges of rows; rows in no run are zero in the output.
  public let runs: [Run]
  /// Heads, scale, window and soft cap.
  public let shape: AttentionShape
  /// ALiBi slopes, one for each query head: slope · (key − last visible key), in positions, is added to the score.
  /// Empty: no ALiBi.
  public let slopes: [Float]
  /// The probabilities that are set to zero. `[rows, queryHeads]`
  public let dropout: DropoutMask?
  /// log Σ exp(score) over the visible keys, for each row and head: `[rows, queryHeads]`.
  public let logSums: Tensor
  /// `[rows, queryWidth]`
  public let output: Tensor
}
