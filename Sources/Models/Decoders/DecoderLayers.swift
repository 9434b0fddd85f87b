import Layers
import Tensors

/// Causal self-attention with rotary positions. Groups of neighboring query heads may share one key/value head
/// (Ainslie et al. 2023, arXiv:2305.13245).
struct DecoderAttention: Sendable {
  /// Queries, keys and values side by side.
  let projections: Linear
  /// Norms of queries and keys before they are rotated (Henry et al. 2020, arXiv:2010.04245).
  let q_norm: RMSNorm?
  let k_norm: RMSNorm?
  let o_proj: Linear
  let shape: AttentionShape

  /// How the queries and keys are normalized.
  enum Norms {
    /// Not at all.
    case none
    /// Each head, all with the same weights.
    case heads
    /// All heads together.
    case whole
  }

  /// Loads the projections under their usual names.
  /// - Parameters:
  ///   - bias: whether the query, key and value projections have biases.
  ///   - outputBias: whether the output projection has a bias; `nil` means the same as `bias`.
  ///   - fused: the name of the combined query, key and value projection, if the file has one.
  ///   - offset: added to the stored weights of the norms.
  init(
    _ weights: WeightLoader, _ sizes: DecoderSizes, _ shape: AttentionShape, bias: Bool = false,
    outputBias: Bool? = nil, fused: String? = nil, norms: Norms = .none, offset: Float = 0
  ) {
    let (width, queries, keys) = (sizes.hidden_size, shape.queryWidth, shape.keyWidth)
    if let fused {
      projections = weights.linear(fused, inputs: width, outputs: queries + 2 * keys, bias: bias)
    } else {
      projections = weights.stacked(
        [("q_proj", queries), ("k_proj", keys), ("v_proj", keys)], inputs: width, bias: bias)
    }
    func norm(_ name: String, _ whole: Int) -> RMSNorm? {
      norms == .none
        ? nil
        : weights.rmsNorm(
          name, width: norms == .heads ? shape.headWidth : whole, epsilon: sizes.rms_norm_eps, offset: offset)
    }
    q_norm = norm("q_norm", queries)
    k_norm = norm("k_norm", keys)
    o_proj = weights.linear("o_proj", inputs: queries, outputs: width, bias: outputBias ?? bias)
    self.shape = shape
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`; adds the residual
  /// - Parameter norm: applied before the residual is added.
  func callAsFunction(
    _ x: Tensor, norm: RMSNorm? = nil, residual: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass
  ) -> Tensor {
    var (q, k, v) = shape.split(projections(x))  // [rows, heads × head_dim]
    if let q_norm, let k_norm { (q, k) = (TensorColumns(q_norm(q)), TensorColumns(k_norm(k))) }
    let seen = pass.attend(q, k, v, shape, positions)
    return pass.leave(.attention(shape), seen, by: o_proj, norm: norm, residual: pass.narrow(residual))
  }
}

/// The gated feed-forward layer: down(activation(gate(x)) × up(x)) (Shazeer 2020, arXiv:2002.05202).
struct GatedFeedForward: Sendable {
  /// The gate and up projections, as two layers or fused into one.
  enum Entry: Sendable {
    case split(gate_proj: Linear, up_proj: Linear)
    case fused(Linear)
  }

  let entry: Entry
  let down_proj: Linear
  let activation: Activation

  /// Loads the projections under their usual names.
  /// - Parameter fused: the name of the combined gate and up projection, if the file has one.
  init(_ weights: WeightLoader, _ sizes: DecoderSizes, bias: Bool = false, fused: String? = nil) {
    let (width, inner) = (sizes.hidden_size, sizes.intermediate_size)
    if let fused {
      entry = .fused(weights.linear(fused, inputs: width, outputs: 2 * inner, bias: bias))
    } else {
      entry = .split(
        gate_proj: weights.linear("gate_proj", inputs: width, outputs: inner, bias: bias),
        up_proj: weights.linear("up_proj", inputs: width, outputs: inner, bias: bias))
    }
    down_proj = weights.linear("down_proj", inputs: inner, outputs: width, bias: bias)
    activation = sizes.activation
  }

  /// `[rows, hidden_size]` → `[rows, hidden_size]`; adds the residual
  /// - Parameter norm: applied before the residual is added.
  func callAsFunction(_ x: Tensor, norm: RMSNorm? = nil, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let inner: Tensor
    switch entry {
    case .split(let gate_proj, let up_proj):
      inner = multiply(gate_proj(x, activation: activation), up_proj(x))
    case .fused(let gate_up_proj):
      inner = gate(gate_up_proj(x), activation)
    }
    return pass.leave(.feedForward, inner, by: down_proj, norm: norm, residual: residual)
  }
}
