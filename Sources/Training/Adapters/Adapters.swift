import EngineAPI
import JSONText
import Models
import Tensors
import Terms

/// Low-rank adapters of a model's matrices (LoRA: Hu et al. 2021, arXiv:2106.09685): the matrix W is used as
/// W + scale · B · A, and only A and B are trained. With DoRA (Liu et al. 2024, arXiv:2402.09353) each output of the
/// sum V is normalized and multiplied by a trained magnitude; the norm counts as constant in the gradient, as in the
/// paper.
///
/// Before a pass the adapted values are written to the matrix's parameter, so the model needs no code for adapters, and
/// its gradient leads to those of A and B. With dropout of the adapters' input, A and B are branches of the step's
/// passes instead (``Tensors/LowRankBranches``); evaluations still use the adapted values.
final class Adapters {
  /// The adapter of one matrix.
  private struct Adapter {
    let target: Parameter
    /// The values without the adapter. `[outputs, inputs]`
    let base: Tensor
    /// A: `[rank, inputs]`
    let down: Parameter
    /// B: `[outputs, rank]`
    let up: Parameter
    /// `[outputs]`
    let magnitude: Parameter?
    /// Whether the parameter is stored as `[inputs, outputs]`, as in GPT-2's files.
    let isTurned: Bool
  }

  private let adapters: [Adapter]
  /// The parameters beside the adapters that are trained: those of a head, and new ones.
  private let heads: [Parameter]
  private let scale: Float
  private let options: TrainingOptions
  /// Whether the adapters are branches of a step's passes: then the matrices keep their own values in a step.
  private var isBranched: Bool { options.loraDropout > 0 }
  /// Whether the matrices have the adapted values.
  private var isApplied = false

  /// The parameters that the optimizer changes.
  let trained: [Parameter]

  /// Makes adapters for the matrices that the options name, and freezes all other weights but those of a head.
  /// - Parameter new: names of weights that the base model lacks. They are trained and written too.
  init(
    _ parameters: ParameterSet, _ options: TrainingOptions, new: Set<String>
  ) throws(TrainingError) {
    self.options = options
    scale = Float(options.loraAlpha / Double(options.loraR))
    var (adapters, heads) = ([Adapter](), [Parameter]())
    for parameter in parameters.all {
      if Self.isHead(parameter.name) || new.contains(parameter.name) {
        heads.append(parameter)
      } else if Self.isTarget(parameter, options.loraTargetModules), !parameter.isFrozen {
        adapters.append(
          Self.adapter(parameter, options, isTurned: parameters.layout(of: parameter) == .inputsByOutputs))
      } else {
        parameter.isFrozen = true
      }
    }
    guard !adapters.isEmpty else {
      throw TrainingError(
        .usage, "no matrix to adapt", at: "lora_target_modules",
        expected: "names of matrices, such as "
          + Set(parameters.all.filter { Self.isTarget($0, []) }.compactMap { Self.module($0.name) }).sorted().prefix(8)
          .joined(separator: ", "),
        found: options.loraTargetModules.joined(separator: ", "))
    }
    self.adapters = adapters
    self.heads = heads
    if options.loraDropout > 0 { for adapter in adapters { adapter.target.isFrozen = true } }
    trained = adapters.flatMap { [$0.down, $0.up] + ($0.magnitude.map { [$0] } ?? []) } + heads
  }

  private static func isHead(_ name: String) -> Bool {
    ["classifier.", "score."].contains { name.hasPrefix($0) }
  }

  /// The name of the layer that a matrix belongs to.
  private static func module(_ name: String) -> String? {
    name.split(separator: ".").dropLast().last.map(String.init)
  }

  private static func isTarget(_ parameter: Parameter, _ names: [String]) -> Bool {
    guard parameter.shape.count == 2, parameter.name.hasSuffix(".weight"), let module = module(parameter.name) else {
      return false
    }
    if !names.isEmpty { return names.contains(module) }
    let isInner = parameter.name.split(separator: ".").contains { Int($0) != nil }
    return isInner && module != "relative_attention_bias"
  }

  private static func adapter(_ target: Parameter, _ options: TrainingOptions, isTurned: Bool) -> Adapter {
    let base = (isTurned ? Muon.transposed(target.value) : target.value).detached()
    let (outputs, inputs, rank) = (base.shape[0], base.shape[1], options.loraR)
    let module = "base_model.model." + target.name.dropLast(".weight".count)
    var generator = CounterGenerator(seed: options.seed, 5, CounterGenerator.number(of: target.name))
    let bound = 1 / Double(inputs).squareRoot()
    let down = Tensor(uninitialized: Shape(rank, inputs)) { out in
      for index in 0..<rank * inputs { out[index] = Float((2 * generator.uniform() - 1) * bound) }
    }
    let magnitude = options.useDora ? Parameter(name: module + ".lora_magnitude_vector", LowRank.norms(base)) : nil
    return Adapter(
      target: target, base: base, down: Parameter(name: module + ".lora_A.weight", down),
      up: Parameter(name: module + ".lora_B.weight", Tensor.zeros(Shape(outputs, rank))), magnitude: magnitude,
      isTurned: isTurned)
  }

  /// base + scale · B · A, `[outputs, inputs]`.
  private func sum(_ adapter: Adapter) -> Tensor {
    LowRank.sum(adapter.base, down: adapter.down.value, up: adapter.up.value, scale: scale)
  }

  /// Prepares the parameters of the model for a step.
  func beginStep() {
    guard isBranched else { return apply() }
    for adapter in adapters {
      adapter.down.zeroGradient()
      adapter.up.zeroGradient()
      if isApplied { adapter.target.set(adapter.isTurned ? Muon.transposed(adapter.base) : adapter.base) }
    }
    isApplied = false
  }

  /// The adapters as branches of the newest model's matrices; `nil` if their input is not dropped.
  func branches(_ parameters: ParameterSet) -> LowRankBranches? {
    guard isBranched else { return nil }
    var branches: [ObjectIdentifier: [LowRankBranches.Branch]] = [:]
    for adapter in adapters {
      let (outputs, rank) = (adapter.up.shape[0], adapter.up.shape[1])
      for (memory, part) in parameters.places(of: adapter.target) {
        let all = parameters.parts(ofMemory: memory).map(\.range.upperBound).max() ?? outputs
        let padded = Tensor.zeros(Shape(all, rank))
        let value = adapter.up.value
        padded.sums.advanced(by: part.range.lowerBound * rank).update(from: value.pointer, count: outputs * rank)
        withExtendedLifetime(value) {}
        let down = PackedMatrix(adapter.down.value, layout: .outputsByInputs)
        let up = PackedMatrix(padded, layout: .outputsByInputs)
        parameters.add(down, [ParameterPart(parameter: adapter.down, range: 0..<rank, layout: .outputsByInputs)])
        parameters.add(up, [ParameterPart(parameter: adapter.up, range: part.range, layout: .outputsByInputs)])
        branches[memory, default: []].append(
          LowRankBranches.Branch(
            down: down, up: up, scale: scale, number: CounterGenerator.number(of: adapter.down.name)))
      }
    }
    return LowRankBranches(branches, probability: options.loraDropout)
  }

  /// Writes the adapted values to the parameters of the model.
  func apply() {
    isApplied = true
    for adapter in adapters {
      var value = sum(adapter)
      if let magnitude = adapter.magnitude {
        value = LowRank.scaledRows(value, magnitude.value, dividedBy: LowRank.norms(value))
      }
      adapter.target.set(adapter.isTurned ? Muon.transposed(value) : value)
    }
  }

  /// Computes the gradients of the adapters from those of the matrices.
  func distribute() {
    // Branches have them already.
    guard !isBranched else { return }
    for adapter in adapters {
      let shape = adapter.target.shape
      let given = adapter.target.withGradient { gradient in
        Tensor(uninitialized: shape) { out in
          if let base = gradient.baseAddress { out.update(from: base, count: gradient.count) }
        }
      }
      guard let given else { continue }
      var gradient = adapter.isTurned ? Muon.transposed(given) : given
      if let magnitude = adapter.magnitude {
        let value = sum(adapter)
        let norms = LowRank.norms(value)
        let dots = Self.rowDots(gradient, value)
        Self.replaceGradient(magnitude, Tensor(dots.shape, zip(dots.scalars, norms.scalars).map { $0 / $1 }))
        gradient = LowRank.scaledRows(gradient, magnitude.value, dividedBy: norms)
      }
      // dB = scale · G · Aᵀ and dA = scale · Bᵀ · G.
      let up = linear(gradient, PackedMatrix(adapter.down.value, layout: .outputsByInputs))
      let down = linear(Muon.transposed(adapter.up.value), PackedMatrix(gradient, layout: .inputsByOutputs))
      Self.replaceGradient(adapter.up, Tensors.scale(up, scale))
      Self.replaceGradient(adapter.down, Tensors.scale(down, scale))
    }
  }

  private static func replaceGradient(_ parameter: Parameter, _ gradient: Tensor) {
    parameter.zeroGradient()
    parameter.addToGradient { sum in
      if let base = sum.baseAddress { addElements(gradient.pointer, to: base, sum.count) }
    }
  }

  /// The dot product of each row with that of another matrix, in double precision. `[rows]`
  private static func rowDots(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(uninitialized: Shape(a.rowCount)) { out in
      for row in 0..<a.rowCount {
        var sum = 0.0
        for index in row * a.width..<(row + 1) * a.width { sum += Double(a.pointer[index]) * Double(b.pointer[index]) }
        out[row] = Float(sum)
      }
    }
  }

  // MARK: - Files

  /// The tensors of `adapter_model.safetensors`, with the names that PEFT reads.
  var tensors: [(name: String, value: Tensor)] {
    trained.map { ($0.name.hasPrefix("base_model.") ? $0.name : "base_model.model." + $0.name, $0.value) }
  }

  /// Takes the tensors of a file.
  /// - Throws: if one is missing or has another shape.
  func restore(_ tensor: (String) -> Tensor?, path: String) throws(TrainingError) {
    for (parameter, name) in zip(trained, tensors.map(\.name)) {
      guard let value = tensor(name), value.shape == parameter.shape else {
        throw TrainingError(
          .model, "the adapters are of another run", at: path, expected: "\(name) \(parameter.shape)",
          found: tensor(name).map { "\($0.shape)" } ?? "no such tensor")
      }
      parameter.set(value)
    }
  }

  /// `adapter_config.json`.
  func configuration(_ objective: TrainingObjective, base: String) -> JSONObject {
    let kind: JSONValue =
      switch objective {
      case .causal, .preference: "CAUSAL_LM"
      case .masked: .null
      case .seq2seq: "SEQ_2_SEQ_LM"
      case .classify: "SEQ_CLS"
      case .tag: "TOKEN_CLS"
      }
    // Whole names, because a short one would also match other modules.
    func path(_ name: String) -> String { name.split(separator: ".").dropLast().joined(separator: ".") }
    let modules = adapters.map { path($0.target.name) }
    let saved = Set(heads.map { path($0.name) }).sorted()
    return [
      "peft_type": "LORA", "task_type": kind, "base_model_name_or_path": JSONValue(base), "r": .integer(options.loraR),
      "lora_alpha": .double(options.loraAlpha), "lora_dropout": .double(options.loraDropout), "bias": "none",
      "use_dora": .bool(options.useDora), "fan_in_fan_out": .bool(adapters.contains(where: \.isTurned)),
      "target_modules": .array(modules.map { JSONValue($0) }),
      "modules_to_save": saved.isEmpty ? .null : .array(saved.map { JSONValue($0) }), "inference_mode": .bool(true),
    ]
  }
}
