import Checkpoints
import Foundation
import JSONText
import Models
import Tensors
import TestSupport
import Testing

@testable import Training

/// The gradients of every architecture equal PyTorch's (see `make_gradient_fixtures.py`).
@Suite("Gradients of every architecture equal the reference's")
struct FamilyGradientTests {
  static let names = [
    "albert-groups", "bart", "bart-untied", "bert", "bert-untied", "distilbert", "electra", "gemma2", "gemma3",
    "gpt-neo", "gpt-neox", "gpt-neox-tied", "gpt2", "gpt2-untied", "llama", "llama-tied", "llama-wide", "m2m-100",
    "marian", "mbart", "modernbert", "modernbert-biased", "mt5", "opt", "opt-projected", "phi3", "roberta", "t5",
    "t5-scaled", "t5-v1.1", "umt5",
  ]

  /// Relative to the largest element of the tensor's gradient, but at least a hundredth of the model's largest: some
  /// true gradients are zero (a bias of the keys shifts all scores equally), and only rounding errors remain.
  private static let tolerance: Float = 1e-4

  @Test("gradients of every parameter are within 1e-4 of the reference's", arguments: names)
  func gradients(_ name: String) throws {
    let reference = try GradientReference(name)
    let found = try reference.gradients(cut: false)
    let expected = try found.keys.map { ($0, try reference.tensor("gradient." + $0)) }
    #expect(Set(found.keys) == reference.parameterNames)
    let largest = expected.flatMap(\.1.scalars).map(abs).max() ?? 0
    for (name, expected) in expected {
      let gradient = try #require(found[name])
      let size = max(expected.scalars.map(abs).max() ?? 0, largest / 100)
      let difference = zip(gradient.scalars, expected.scalars).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= Self.tolerance * size, "\(name) differs by \(difference) of \(size)")
    }
  }

  @Test("gradients of a batch have the same bits as those of its sequences one after the other", arguments: names)
  func cutting(_ name: String) throws {
    let reference = try GradientReference(name)
    let (whole, cut) = (try reference.gradients(cut: false), try reference.gradients(cut: true))
    for (name, gradient) in whole { #expect(gradient == cut[name], "\(name)") }
  }

  @Test(
    "gradients have the same bits with every instruction set and number of threads",
    arguments: ["gpt2", "bert", "t5", "gemma2"])
  func machines(_ name: String) throws {
    let reference = try GradientReference(name)
    let expected = try reference.gradients(cut: false)
    Fixtures.kernelLock.lock()
    defer { Fixtures.kernelLock.unlock() }
    let set = ThreadTeam.activeSet
    defer {
      ThreadTeam.activeSet = set
      ThreadTeam.setThreadCount(0)
    }
    for set in ThreadTeam.instructionSets {
      ThreadTeam.activeSet = set
      for threads in 1...3 {
        ThreadTeam.setThreadCount(threads)
        for (name, gradient) in try reference.gradients(cut: false) {
          #expect(gradient == expected[name], "\(name) with \(set.name) and \(threads) threads")
        }
      }
    }
  }

  @Test("gradients have the same bits if layers are computed again, with dropout and without", arguments: names)
  func recomputing(_ name: String) throws {
    let reference = try GradientReference(name)
    #expect(try reference.gradients(cut: false, recomputes: true) == reference.gradients(cut: false))
    let dropout = (RandomKey(seed: 1), ["resid_pdrop": 0.2, "hidden_dropout_prob": 0.2, "attention_dropout": 0.2])
    #expect(
      try reference.gradients(cut: false, dropout: dropout, recomputes: true)
        == reference.gradients(cut: false, dropout: dropout))
  }

  @Test("frozen parameters get no gradient, and the gradients of the others do not change")
  func frozen() throws {
    let reference = try GradientReference("gpt2")
    let all = try reference.gradients(cut: false)
    let frozen: Set = ["transformer.wte.weight", "transformer.h.0.ln_1.bias", "transformer.h.1.ln_1.weight"]
    let some = try reference.gradients(cut: false, frozen: frozen)
    #expect(Set(some.keys) == Set(all.keys).subtracting(frozen))
    for (name, gradient) in some { #expect(gradient == all[name], "\(name)") }
    #expect(try reference.gradients(cut: false, frozen: frozen, recomputes: true) == some)
  }
}

/// Sequences, loss and gradients of a fixture.
struct GradientReference {
  private let name: String
  private let file: SafetensorsFile

  init(_ name: String) throws {
    self.name = name
    file = try SafetensorsFile(path: Fixtures.path("gradients/\(name).safetensors"))
  }

  func tensor(_ name: String) throws -> Tensor { try #require(file[name]).tensor() }

  private func numbers(_ name: String) throws -> [Int] { try tensor(name).scalars.map { Int($0) } }

  /// The names of the tensors that have gradients.
  var parameterNames: Set<String> {
    Set(file.names.filter { $0.hasPrefix("gradient.") }.map { String($0.dropFirst("gradient.".count)) })
  }

  /// The gradients of the mean cross-entropy of both sequences.
  /// - Parameters:
  ///   - cut: whether each sequence is a pass of its own.
  ///   - dropout: the key of the step, and probabilities for keys of the configuration.
  ///   - recomputes: whether layers are computed again in the backward pass.
  func gradients(
    cut: Bool, frozen: Set<String> = [], dropout: (key: RandomKey, probabilities: [String: Double])? = nil,
    recomputes: Bool = false
  ) throws -> [String: Tensor] {
    let folder = Fixtures.path("models/\(name)")
    var configuration = try #require(JSONValue(contentsOfFile: "\(folder)/config.json").object)
    for (key, probability) in dropout?.probabilities ?? [:] { configuration[key] = .double(probability) }
    let trainable = try TrainableModel(
      ModelSource(path: folder, configuration: .object(configuration)) { () throws(CheckpointError) in
        try WeightContainer.open(folder: folder)
      })
    for parameter in trainable.parameters.all { parameter.isFrozen = frozen.contains(parameter.name) }
    let model = try trainable.model()
    let gradients = ParameterGradients(trainable.parameters)
    gradients.begin()
    let count = try (0..<2).flatMap { try numbers("\($0).targets") }.count
    for sequences in cut ? [[0], [1]] : [[0, 1]] {
      var (tapes, hidden) = try forward(model, sequences, dropout?.key, recomputes)
      let logits = model.base.logits(hidden)
      tapes.insert(Tape(try #require(recorder(of: logits)).takeAll()), at: 0)
      let targets = try sequences.flatMap { try numbers("\($0).targets") }
      let loss = CrossEntropy(logits, targets: targets, factor: 1 / Float(count), smoothing: 0)
      var pass = BackwardPass(gradients)
      pass.propagate(&tapes, from: logits, gradient: loss.gradient)
    }
    gradients.finish()
    return Dictionary(
      uniqueKeysWithValues: trainable.parameters.all.compactMap { parameter in
        parameter.gradient.map { (parameter.name, $0) }
      })
  }

  private func recorder(of tensor: Tensor) -> Recorder? { tensor.recorder }

  /// The wanted hidden rows, and the tapes of the encoders.
  private func forward(
    _ model: AnyLanguageModel, _ sequences: [Int], _ dropout: RandomKey?, _ recomputes: Bool
  ) throws -> ([Tape], Tensor) {
    let recorder = Recorder(dropout: dropout, recomputesLayers: recomputes)
    let ids = try sequences.map { try numbers("\($0).ids") }
    let wanted = try sequences.map { WantedRows.positions(try numbers("\($0).wanted")) }
    func segments(_ states: [SequenceState]) -> [Segment] {
      states.indices.map { Segment(ids: ids[$0], state: states[$0], wanted: wanted[$0], text: sequences[$0]) }
    }
    switch model {
    case .causal(let model):
      let states = sequences.map { _ in model.makeState() }
      return ([], try model.forward(segments(states), probe: nil, recorder: recorder).tensor)
    case .masked(let model):
      let sequences = ids.indices.map { MaskedSequence(ids: ids[$0], wanted: wanted[$0], text: sequences[$0]) }
      return ([], try model.forward(sequences, probe: nil, recorder: recorder).tensor)
    case .labeling(let model):
      let sequences = ids.indices.map { MaskedSequence(ids: ids[$0], wanted: wanted[$0], text: sequences[$0]) }
      return ([], try model.forward(sequences, probe: nil, recorder: recorder).tensor)
    case .seq2seq(let model):
      var tapes: [Tape] = []
      let states = try sequences.map {
        let recorder = Recorder(dropout: dropout?.with(UInt64($0)), recomputesLayers: recomputes)
        let state = model.makeState(try model.encode(numbers("\($0).source"), probe: nil, recorder: recorder))
        tapes.append(Tape(recorder.takeAll(), stage: 1))
        return state
      }
      return (tapes, try model.forward(segments(states), probe: nil, recorder: recorder).tensor)
    }
  }
}
