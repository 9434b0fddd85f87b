import JSONText
import Tensors

/// New weights, as the paper of each architecture or its published code has them.
///
/// The numbers of a tensor are a function of the seed and the tensor's name.
struct WeightInitializer {
  let configuration: JSONObject
  let seed: UInt64
  /// Whether the values are no longer needed. Those of a large model take seconds.
  var isInterrupted: () -> Bool = { false }

  private var type: String { configuration["model_type"]?.string ?? "" }

  private func number(_ keys: String...) -> Double? { keys.lazy.compactMap { configuration[$0]?.double }.first }

  /// The standard deviation of most matrices: 0.02 unless the configuration says otherwise.
  private var spread: Double { number("initializer_range", "init_std") ?? 0.02 }

  /// The values of a tensor.
  func values(_ name: String, _ shape: [Int]) -> Tensor {
    let shape = Shape(shape)
    guard shape.count > 1, !Self.isBias(name) else { return constant(name, shape) }
    let deviation = deviation(name, shape)
    var generator = CounterGenerator(seed: seed, 0, CounterGenerator.number(of: name))
    let tensor = Tensor(uninitialized: shape) { out in
      for index in 0..<shape.numbers {
        if index.isMultiple(of: 1 << 16), isInterrupted() {
          (out + index).update(repeating: 0, count: shape.numbers - index)
          break
        }
        out[index] = Float(generator.normal() * deviation)
      }
    }
    return cleared(name, tensor).detached()
  }

  /// Whether a tensor is added to the outputs of a layer. It may have an axis of length 1, as BART's
  /// `final_logits_bias`.
  private static func isBias(_ name: String) -> Bool { name.hasSuffix("bias") || name.hasSuffix("beta") }

  /// Biases are 0, weights of norms 1, or 0 where the architecture adds 1.
  private func constant(_ name: String, _ shape: Shape) -> Tensor {
    let value: Float = Self.isBias(name) || type.hasPrefix("gemma") ? 0 : 1
    return Tensor(uninitialized: shape) { $0.update(repeating: value, count: shape.numbers) }.detached()
  }

  /// Clears the row of the padding id, as BERT's and BART's embeddings have it.
  private func cleared(_ name: String, _ tensor: Tensor) -> Tensor {
    let isTable = ["word_embeddings.weight", "embed_tokens.weight", "shared.weight"].contains { name.hasSuffix($0) }
    guard isTable, !type.hasSuffix("t5"), let padding = configuration["pad_token_id"]?.int,
      (0..<tensor.rowCount).contains(padding)
    else { return tensor }
    tensor.sums.advanced(by: padding * tensor.width).update(repeating: 0, count: tensor.width)
    return tensor
  }

  private func deviation(_ name: String, _ shape: Shape) -> Double {
    if ["t5", "mt5", "umt5"].contains(type) { return t5Deviation(name) }
    if type == "gpt2", name.hasSuffix("c_proj.weight") {
      // Radford et al. 2019, section 2.3: projections to the residual stream are scaled by the number of layers.
      return spread / (2 * (number("n_layer", "num_hidden_layers") ?? 12)).squareRoot()
    }
    return spread
  }

  /// Raffel et al. 2020, as in their code: matrices are scaled by the number of their inputs.
  private func t5Deviation(_ name: String) -> Double {
    let factor = number("initializer_factor") ?? 1
    let (width, inner) = (number("d_model") ?? 512, number("d_ff") ?? 2048)
    let (heads, head) = (number("num_heads") ?? 8, number("d_kv") ?? 64)
    let parts = name.split(separator: ".")
    switch parts.dropLast().last {
    case "shared"?, "lm_head"?: return factor
    case "q"?: return factor / (width * head).squareRoot()
    case "o"?: return factor / (heads * head).squareRoot()
    case "wo"?: return factor / inner.squareRoot()
    default: return factor / width.squareRoot()
    }
  }
}
