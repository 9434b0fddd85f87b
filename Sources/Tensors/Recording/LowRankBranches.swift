/// Low-rank adapters whose input is dropped, as PEFT's `lora_dropout` does: a product with W of a recorded pass becomes
/// W · x + scale · B · A · dropout(x).
public struct LowRankBranches: Sendable {
  /// The adapter of one parameter.
  public struct Branch: Sendable {
    /// A: `[rank, inputs]`
    let down: PackedMatrix
    /// B, with zeros for the outputs of other parameters in the matrix: `[outputs, rank]`
    let up: PackedMatrix
    let scale: Float
    /// Tells the masks of branches apart.
    let number: UInt64

    /// An adapter of these matrices.
    public init(down: PackedMatrix, up: PackedMatrix, scale: Float, number: UInt64) {
      self.down = down
      self.up = up
      self.scale = scale
      self.number = number
    }
  }

  /// The branches by the memory of the adapted matrix (``PackedMatrix/memory``).
  private let branches: [ObjectIdentifier: [Branch]]
  private let probability: Double

  /// - Parameters:
  ///   - branches: by the memory of the adapted matrix.
  ///   - probability: that of dropout, at least 0 and below 1.
  public init(_ branches: [ObjectIdentifier: [Branch]], probability: Double) {
    self.branches = branches
    self.probability = probability
  }

  /// The product `y` of `x` with the branches of its weights. `[rows, outputs]`
  func added(to y: Tensor, _ x: Tensor, _ weights: PackedMatrix, _ recorder: Recorder) -> Tensor {
    guard let found = branches[weights.memory] else { return y }
    let keys = recorder.keys(ofRows: x.rowCount)
    return found.reduce(y) { y, branch in
      let mask = DropoutMask(keys: keys.map { $0.with(branch.number) }, probability: probability)
      let inner = linear(dropout(x.recorded(by: recorder), mask), branch.down)
      return linear(scale(inner, branch.scale), branch.up, residual: y)
    }
  }
}
