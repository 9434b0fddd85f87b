import Tensors

/// The loss of pairs of answers (DPO: Rafailov et al. 2023, arXiv:2305.18290): −log σ(β · m) with the margin
/// m = (log π(chosen) − log π(rejected)) − (log π₀(chosen) − log π₀(rejected)). The log-probability of an answer is the
/// sum over its tokens; π₀ is the model from which the run starts.
struct PreferenceLoss {
  /// The loss of each pair, in nats.
  private(set) var losses: [Double] = []
  /// β · m of each pair: how much more the chosen answer is preferred than at the start.
  private(set) var margins: [Double] = []
  /// The gradient of Σ losses · factor. `[rows, vocabulary]`
  let gradient: Tensor

  /// - Parameters:
  ///   - logits: the rows of the chosen answer of the first pair, then of its rejected answer, and so on.
  ///   - pairs: the pairs.
  ///   - factor: 1 / the number of pairs in the optimizer step.
  init(_ logits: Tensor, _ pairs: [PreferencePair], beta: Double, factor: Float) {
    let targets = pairs.flatMap { $0.chosen.targets + $0.rejected.targets }
    let entropy = CrossEntropy(logits, targets: targets, factor: 1, smoothing: 0)
    var factors: [Float] = []
    var row = 0
    func sum(_ count: Int) -> Double {
      defer { row += count }
      return -entropy.losses[row..<row + count].reduce(0, +)
    }
    for pair in pairs {
      let present = sum(pair.chosen.targets.count) - sum(pair.rejected.targets.count)
      let margin = beta * (present - pair.start)
      margins.append(margin)
      // −log σ(x) = log(1 + e⁻ˣ), without overflow.
      losses.append(max(-margin, 0) + logarithm(1 + exponential(-abs(margin))))
      let weight = Float(beta * Probabilities.sigmoid(-margin)) * factor
      factors += Array(repeating: weight, count: pair.chosen.targets.count)
      factors += Array(repeating: -weight, count: pair.rejected.targets.count)
    }
    gradient = CrossEntropy(logits, targets: targets, factors: factors, smoothing: 0).gradient
  }

  /// log π(chosen) − log π(rejected) of each pair.
  static func differences(_ logits: Tensor, _ pairs: [PreferencePair]) -> [Double] {
    let targets = pairs.flatMap { $0.chosen.targets + $0.rejected.targets }
    let losses = CrossEntropy(logits, targets: targets, factor: 1, smoothing: 0).losses
    var row = 0
    return pairs.map { pair in
      let (chosen, rejected) = (pair.chosen.targets.count, pair.rejected.targets.count)
      defer { row += chosen + rejected }
      return losses[row + chosen..<row + chosen + rejected].reduce(0, +) - losses[row..<row + chosen].reduce(0, +)
    }
  }
}

/// Two answers to a prompt.
struct PreferencePair: Hashable, Sendable {
  /// A prompt with an answer.
  struct Side: Hashable, Sendable {
    /// The ids of the prompt and the answer, without the last one.
    var ids: [Int]
    /// The positions whose rows predict the answer's tokens.
    var positions: [Int]
    /// The answer's tokens.
    var targets: [Int]

    /// The prompt's ids, at least one, and the answer's, cut to a length.
    init(prompt: [Int], answer: [Int], length: Int) {
      let all = Array((prompt + answer).prefix(length))
      ids = Array(all.dropLast())
      let first = min(prompt.count, all.count)
      targets = Array(all[first...])
      positions = Array(max(0, first - 1)..<max(max(0, first - 1), all.count - 1))
    }

    /// A side with these parts.
    init(ids: [Int], positions: [Int], targets: [Int]) {
      (self.ids, self.positions, self.targets) = (ids, positions, targets)
    }
  }

  var chosen: Side
  var rejected: Side
  /// log π₀(chosen) − log π₀(rejected) of the model from which the run starts.
  var start = 0.0
}
