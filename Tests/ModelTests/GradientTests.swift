import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Models

/// A recorded forward pass contains all that its gradients need: a naive backward pass over it agrees with PyTorch (see
/// `make_gradient_fixtures.py`).
@Suite("Recorded passes have the reference's gradients")
struct GradientTests {
  private static let names = [
    "albert-groups", "bart", "bart-untied", "bert", "bert-untied", "distilbert", "electra", "gemma2", "gemma3",
    "gpt-neo", "gpt-neox", "gpt-neox-tied", "gpt2", "gpt2-untied", "llama", "llama-tied", "llama-wide", "m2m-100",
    "marian", "mbart", "modernbert", "modernbert-biased", "mt5", "opt", "opt-projected", "phi3", "roberta", "t5",
    "t5-scaled", "t5-v1.1", "umt5",
  ]

  /// Relative to the largest element of the tensor's gradient, but at least a hundredth of the model's largest: some
  /// true gradients are zero (a bias of the keys shifts all scores equally), and only rounding errors remain.
  private static let tolerance: Float = 1e-4

  @Test(
    "gradients of every tensor equal the reference's for sequences of different lengths; tied tensors have one gradient",
    arguments: names)
  func gradients(_ name: String) throws {
    let reference = try Reference(name)
    let trainable = try TrainableModel(ModelSource(folder: Fixtures.path("models/\(name)")))
    let model = try trainable.model()
    let recorder = Recorder()
    let logits = model.base.logits(try reference.rows(model, recorder))
    let (loss, gradient) = try reference.loss(logits)
    #expect(abs(loss - Double(try reference.tensor("loss").scalars[0])) < 1e-5 * abs(loss))
    _ = NaiveBackward(recorder.operations, from: logits, gradient, to: trainable.parameters)
    let parameters = trainable.parameters.all
    #expect(Set(parameters.map(\.name)) == reference.parameterNames)
    #expect(Set(parameters.map(\.name)).count == parameters.count)
    let expected = try parameters.map { try reference.tensor("gradient." + $0.name) }
    let largest = expected.flatMap(\.scalars).map(abs).max() ?? 0
    for (parameter, expected) in zip(parameters, expected) {
      let found = try #require(parameter.gradient)
      #expect(found.shape == expected.shape)
      let size = max(expected.scalars.map(abs).max() ?? 0, largest / 100)
      let difference = zip(found.scalars, expected.scalars).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= Self.tolerance * size, "\(parameter.name) differs by \(difference) of \(size)")
    }
  }

  @Test("frozen parameters get no gradient, and the gradients of the others do not change")
  func frozen() throws {
    func gradients(frozen: Set<String>) throws -> [String: Tensor] {
      let reference = try Reference("gpt2")
      let trainable = try TrainableModel(ModelSource(folder: Fixtures.path("models/gpt2")))
      for parameter in trainable.parameters.all { parameter.isFrozen = frozen.contains(parameter.name) }
      let (model, recorder) = (try trainable.model(), Recorder())
      let logits = model.base.logits(try reference.rows(model, recorder))
      let gradient = try reference.loss(logits).gradient
      _ = NaiveBackward(recorder.operations, from: logits, gradient, to: trainable.parameters)
      return Dictionary(
        uniqueKeysWithValues: trainable.parameters.all.compactMap { parameter in
          parameter.gradient.map { (parameter.name, $0) }
        })
    }
    let all = try gradients(frozen: [])
    let frozen: Set = ["transformer.wte.weight", "transformer.h.0.ln_1.bias"]
    let some = try gradients(frozen: frozen)
    #expect(Set(some.keys) == Set(all.keys).subtracting(frozen))
    for (name, gradient) in some { #expect(gradient == all[name], "\(name)") }
  }
}

/// Sequences, loss and gradients of a fixture.
private struct Reference {
  private let file: SafetensorsFile

  init(_ name: String) throws { file = try SafetensorsFile(path: Fixtures.path("gradients/\(name).safetensors")) }

  func tensor(_ name: String) throws -> Tensor { try #require(file[name]).tensor() }

  private func numbers(_ name: String) throws -> [Int] { try tensor(name).scalars.map { Int($0) } }

  /// The names of the tensors that have gradients.
  var parameterNames: Set<String> {
    Set(file.names.filter { $0.hasPrefix("gradient.") }.map { String($0.dropFirst("gradient.".count)) })
  }

  /// The wanted hidden rows of both sequences in one batch.
  func rows(_ model: AnyLanguageModel, _ recorder: Recorder) throws -> Tensor {
    let ids = try (0..<2).map { try numbers("\($0).ids") }
    let wanted = try (0..<2).map { WantedRows.positions(try numbers("\($0).wanted")) }
    func segments(_ states: [SequenceState]) -> [Segment] {
      (0..<2).map { Segment(ids: ids[$0], state: states[$0], wanted: wanted[$0]) }
    }
    switch model {
    case .causal(let model):
      let states = (0..<2).map { _ in model.makeState() }
      return try model.forward(segments(states), probe: nil, recorder: recorder).tensor
    case .masked(let model):
      let sequences = (0..<2).map { MaskedSequence(ids: ids[$0], wanted: wanted[$0]) }
      return try model.forward(sequences, probe: nil, recorder: recorder).tensor
    case .labeling(let model):
      let sequences = (0..<2).map { MaskedSequence(ids: ids[$0], wanted: wanted[$0]) }
      return try model.forward(sequences, probe: nil, recorder: recorder).tensor
    case .seq2seq(let model):
      let states = try (0..<2).map {
        model.makeState(try model.encode(numbers("\($0).source"), probe: nil, recorder: recorder))
      }
      return try model.forward(segments(states), probe: nil, recorder: recorder).tensor
    }
  }

  /// The mean cross-entropy of rows of logits, and its gradient.
  func loss(_ logits: Tensor) throws -> (loss: Double, gradient: [Double]) {
    let targets = try (0..<2).flatMap { try numbers("\($0).targets") }
    var (loss, gradient) = (0.0, [Double]())
    for (row, target) in targets.enumerated() {
      let x = logits.row(row).map(Double.init)
      let logSum = log(x.map(exp).reduce(0, +))
      loss += (logSum - x[target]) / Double(targets.count)
      gradient += x.indices.map { (exp(x[$0] - logSum) - ($0 == target ? 1 : 0)) / Double(targets.count) }
    }
    return (loss, gradient)
  }
}
