import EngineAPI
import JSONText
import Models
import Tensors
import Terms

/// A step that stopped a run: its examples and its loss. The folder also holds the weights before the step.
public struct ReplayBundle {
  /// The name of the file in the folder.
  static let file = "step.json"

  let step: Int
  let loss: Double
  let norm: Double
  let smoothing: Double
  /// DPO's β.
  let beta: Double
  let frozen: [String]
  let batches: [[TrainingExample]]
  /// Whether adapters were trained. The folder has the adapted weights, so the norm of their gradients is another.
  let hasAdapters: Bool
  /// The key of the step's dropout.
  let dropout: RandomKey
  /// Whether the step computed layers again to save memory.
  let recomputesLayers: Bool

  init(
    step: Int, loss: Double, norm: Double, options: TrainingOptions, batches: [[TrainingExample]], hasAdapters: Bool,
    dropout: RandomKey
  ) {
    self.step = step
    self.loss = loss
    self.norm = norm
    smoothing = options.labelSmoothingFactor
    beta = options.beta
    frozen = options.freeze
    self.batches = batches
    self.hasAdapters = hasAdapters
    self.dropout = dropout
    recomputesLayers = options.gradientCheckpointing
  }

  var json: JSONObject {
    [
      "step": .integer(step), "loss": JSONValue(String(loss.bitPattern, radix: 16)),
      "grad_norm": JSONValue(String(norm.bitPattern, radix: 16)), "label_smoothing_factor": .double(smoothing),
      "beta": .double(beta), "dropout_key": JSONValue(String(dropout.bits, radix: 16)),
      "gradient_checkpointing": .bool(recomputesLayers),
      "adapters": .bool(hasAdapters),
      "freeze": .array(frozen.map { JSONValue($0) }),
      "batches": .array(batches.map { .array($0.map { .object($0.json) }) }),
    ]
  }

  /// Repeats the step of a folder, without changing weights.
  public static func replay(_ folder: String) throws(TrainingError) -> ReplayedStep {
    let path = "\(folder)/\(file)"
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue(contentsOfFile: path) } catch { throw TrainingError(.model, error) }
    func bits(_ key: String) -> Double? {
      value[key]?.string.flatMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
    }
    let stored = value["batches"]?.array?.map { $0.array ?? [] }
    let batches = stored.map { $0.map { $0.compactMap { TrainingExample($0) } } }
    guard let step = value["step"]?.int, let loss = bits("loss"), let norm = bits("grad_norm"), let batches,
      let smoothing = value["label_smoothing_factor"]?.double, batches.map(\.count) == stored?.map(\.count)
    else {
      throw TrainingError(
        .model, "not a kept step", at: path, expected: "step, loss, grad_norm, batches", found: "others")
    }
    let trainable: TrainableModel
    do throws(ModelError) { trainable = try TrainableModel(ModelSource(folder: folder)) } catch {
      throw TrainingError(.model, error)
    }
    do throws(ModelError) {
      let pass = LossPass(model: try trainable.model(), smoothing: 0)
      for (number, batch) in batches.enumerated() {
        guard try pass.accepts(batch) else {
          throw ModelError.invalidConfiguration(
            path: path, key: "batches[\(number)]", expected: "targets that fit the outputs of the model",
            found: "others")
        }
      }
    } catch {
      throw TrainingError(.model, error)
    }
    let frozen = value["freeze"]?.array?.compactMap(\.string) ?? []
    for parameter in trainable.parameters.all {
      let isConstant = parameter.name.hasSuffix("final_logits_bias")
      parameter.isFrozen = isConstant || frozen.contains { parameter.name.contains($0) }
    }
    let trained = trainable.parameters.all.filter { !$0.isFrozen }
    let dropout = value["dropout_key"]?.string.flatMap { UInt64($0, radix: 16) }.map { RandomKey(bits: $0) }
    let found = try StepComputation(
      trainable: trainable, gradients: ParameterGradients(trainable.parameters), smoothing: Float(smoothing),
      beta: value["beta"]?.double ?? 0.1, dropout: dropout,
      recomputesLayers: value["gradient_checkpointing"] == .bool(true)
    ).run(batches) { false }
    let foundLoss = found ?? .nan
    let foundNorm = gradientNorm(trained)
    func isSame(_ a: Double, _ b: Double) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }
    return ReplayedStep(
      step: step, loss: foundLoss, gradientNorm: foundNorm,
      place: NonFinitePlace.find(trainable, batches, dropout: dropout) ?? NonFinitePlace.gradient(trained),
      isSame: isSame(loss, foundLoss) && (value["adapters"] == .bool(true) || isSame(norm, foundNorm)))
  }
}

extension TrainingExample {
  fileprivate var json: JSONObject {
    func list(_ numbers: [Int]) -> JSONValue { .array(numbers.map(JSONValue.integer)) }
    func list(_ numbers: [Float]) -> JSONValue { .array(numbers.map { .double(Double($0)) }) }
    let (kind, values): (String, JSONValue) =
      switch targets {
      case .classes(let classes): ("classes", list(classes))
      case .labels(let labels): ("labels", list(labels))
      case .numbers(let numbers): ("numbers", list(numbers))
      case .preference(let pair):
        (
          "preference",
          .array([
            .object(Self.json(pair.chosen)), .object(Self.json(pair.rejected)),
            JSONValue(String(pair.start.bitPattern, radix: 16)),
          ])
        )
      }
    return [
      "source": list(source), "ids": list(ids), "types": list(types), "positions": list(positions),
      "kind": JSONValue(kind), "targets": values,
    ]
  }

  private static func json(_ side: PreferencePair.Side) -> JSONObject {
    func list(_ numbers: [Int]) -> JSONValue { .array(numbers.map(JSONValue.integer)) }
    return ["ids": list(side.ids), "positions": list(side.positions), "targets": list(side.targets)]
  }

  private static func side(_ value: JSONValue) -> PreferencePair.Side? {
    func numbers(_ key: String) -> [Int]? { value[key]?.array?.compactMap(\.int) }
    guard let ids = numbers("ids"), let positions = numbers("positions"), let targets = numbers("targets"),
      !ids.isEmpty, positions.count == targets.count, positions.allSatisfy(ids.indices.contains)
    else { return nil }
    return PreferencePair.Side(ids: ids, positions: positions, targets: targets)
  }

  fileprivate init?(_ value: JSONValue) {
    if value["kind"] == "preference" {
      guard let parts = value["targets"]?.array, parts.count == 3, let chosen = Self.side(parts[0]),
        let rejected = Self.side(parts[1]),
        let start = parts[2].string.flatMap({ UInt64($0, radix: 16) }).map(Double.init(bitPattern:))
      else { return nil }
      self.init(
        ids: [], positions: [],
        targets: .preference(PreferencePair(chosen: chosen, rejected: rejected, start: start)))
      return
    }
    func numbers(_ key: String) -> [Int]? { value[key]?.array?.compactMap(\.int) }
    guard let source = numbers("source"), let ids = numbers("ids"), let types = numbers("types"),
      let positions = numbers("positions"), let targets = value["targets"]?.array,
      types.isEmpty || types.count == ids.count, positions.allSatisfy(ids.indices.contains)
    else { return nil }
    self.init(source: source, ids: ids, types: types, positions: positions, targets: .classes([]))
    let floats = targets.compactMap { $0.double.map(Float.init) }
    switch value["kind"]?.string {
    case "classes": self.targets = .classes(targets.compactMap(\.int))
    case "labels": self.targets = .labels(floats)
    case "numbers": self.targets = .numbers(floats)
    default: return nil
    }
    let count = if case .classes(let classes) = self.targets { classes.count } else { floats.count }
    guard count == targets.count, positions.isEmpty || positions.count == self.targets.count else { return nil }
  }
}
