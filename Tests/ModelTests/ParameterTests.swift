import Checkpoints
import Foundation
import JSONText
import TestSupport
import Testing

@testable import Models
@testable import Tensors

@Suite("Parameters, and models made from them")
struct ParameterTests {
  private static let all =
    Golden.gpt2 + Golden.bert + Golden.llama + Golden.t5
    + ["bart", "gpt-neo", "gpt-neox", "m2m-100", "marian-separate", "mbart", "mt5", "opt-projected", "umt5"]

  private func trainable(_ name: String, _ format: NumberFormat = .f32) throws -> TrainableModel {
    try TrainableModel(ModelSource(folder: Fixtures.path("models/\(name)")), format: format)
  }

  /// The bits of some logits, of two sequences in one batch.
  private func bits(_ model: AnyLanguageModel, recorder: Recorder? = nil) throws -> [UInt32] {
    let texts = [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8], [2, 7, 1]]
    let wanted = [WantedRows.all, .last]
    func segments(_ states: [SequenceState]) -> [Segment] {
      (0..<2).map { Segment(ids: texts[$0], state: states[$0], wanted: wanted[$0]) }
    }
    let rows: HiddenRows
    switch model {
    case .causal(let model):
      let states = (0..<2).map { _ in model.makeState() }
      rows = try model.forward(segments(states), probe: nil, recorder: recorder)
    case .masked(let model):
      let sequences = (0..<2).map { MaskedSequence(ids: texts[$0], wanted: wanted[$0]) }
      rows = try model.forward(sequences, probe: nil, recorder: recorder)
    case .labeling(let model):
      let sequences = (0..<2).map { MaskedSequence(ids: texts[$0], wanted: wanted[$0]) }
      rows = try model.forward(sequences, probe: nil, recorder: recorder)
    case .seq2seq(let model):
      let states = try (0..<2).map {
        model.makeState(try model.encode(texts[1 - $0], probe: nil, recorder: recorder))
      }
      rows = try model.forward(segments(states), probe: nil, recorder: recorder)
    }
    return model.base.logits(rows.tensor).bits
  }

  /// Other values for all parameters.
  private func change(_ parameters: some Sequence<Parameter>) {
    for parameter in parameters {
      parameter.update { values in for i in values.indices { values[i] += 0.05 * sin(Float(i)) } }
    }
  }

  @Test("a recorder changes no bit of a model's output", arguments: all, NumberFormat.uniform)
  func sameBits(_ name: String, _ format: NumberFormat) throws {
    let model = try ModelLoader.open(folder: Fixtures.path("models/\(name)"), format: format).model
    let recorder = Recorder()
    #expect(try bits(model, recorder: recorder) == bits(model))
    #expect(!recorder.operations.isEmpty)
  }

  @Test("a source computed in slices is recorded like a whole one")
  func slices() throws {
    guard let model = try Golden("t5").opened.seq2seq() as? T5 else { throw WrongFamily() }
    let sequence = MaskedSequence(ids: (0..<37).map { $0 % model.facts.vocabularySize })
    let (plain, recorder) = (
      try ForwardPass([sequence], model.facts, probe: nil, recorder: nil), Recorder()
    )
    let pass = try ForwardPass([sequence], model.facts, probe: nil, recorder: recorder)
    let block = model.encoder.block[0]
    let x = pass.embed(model.encoder.embed_tokens)
    let whole = block(x.recorded(by: nil), plain.prepare(model.encoder.positions), plain)
    #expect(block(x, pass.prepare(model.encoder.positions, queriesAtOnce: 16), pass).bits == whole.bits)
    let attentions = recorder.operations.filter { if case .attention = $0 { true } else { false } }
    let stacks = recorder.operations.filter { if case .stack = $0 { true } else { false } }
    #expect(attentions.count == 3 && stacks.count == 1)
  }

  @Test("a model made from parameters equals the model of their checkpoint", arguments: all, [NumberFormat.f32, .bf16])
  func opened(_ name: String, _ format: NumberFormat) throws {
    let opened = try ModelLoader.open(folder: Fixtures.path("models/\(name)"), format: format).model
    let trainable = try trainable(name, format)
    let model = try trainable.model()
    #expect(try bits(model) == bits(opened))
    #expect(model.base.facts.parameterCount == opened.base.facts.parameterCount)
    #expect(trainable.parameters.all.reduce(0) { $0 + $1.count } == opened.base.facts.parameterCount)
  }

  @Test(
    "a model made after a change of parameters equals the model of a checkpoint with the new values", arguments: all,
    NumberFormat.uniform)
  func changed(_ name: String, _ format: NumberFormat) throws {
    let trainable = try trainable(name, format)
    let old = try trainable.model()
    let before = try bits(old)
    change(trainable.parameters.all)
    let store = trainable.parameters.store(location: "memory")
    let configuration = try JSONValue(parsing: Fixtures.bytes("models/\(name)/config.json"))
    let source = try ModelSource(
      path: "memory", configuration: configuration, tensors: { store })
    let changed = try bits(trainable.model())
    #expect(try changed == bits(ModelLoader.open(source, format: format).model))
    #expect(changed != before)
    #expect(try bits(old) == before, "the model before stays as it was")
  }

  @Test("weights that are equal but not tied stay two parameters")
  func equalWeights() throws {
    let trainable = try trainable("llama")
    let (head, table) = ("lm_head.weight", "model.embed_tokens.weight")
    let values = try #require(trainable.parameters[table]).value.scalars
    try #require(trainable.parameters[head]).update { head in for i in head.indices { head[i] = values[i] } }
    guard case .causal(let model) = try trainable.model(), let llama = model as? Llama else { throw WrongFamily() }
    #expect(llama.lm_head.memory != llama.embed_tokens.weight.memory)
    let tied = try self.trainable("llama-tied")
    guard case .causal(let other) = try tied.model(), let llama = other as? Llama else { throw WrongFamily() }
    #expect(llama.lm_head.memory == llama.embed_tokens.weight.memory && tied.parameters[head] == nil)
  }

  @Test("only changed matrices are packed again, in place if no model uses them")
  func packing() throws {
    let parameters = ["a", "b"].map { name in Parameter(name: name, Tensor([3, 4], (0..<12).map { Float($0) })) }
    let panels = ParameterPanels(parameters, layout: .outputsByInputs, format: .f32)
    var matrix: PackedMatrix? = panels.matrix()
    #expect(panels.matrix().memory == matrix?.memory)
    parameters[1].update { $0[0] = -7 }
    let next = panels.matrix()
    #expect(next.memory != matrix?.memory, "the matrix before is in use")
    #expect(matrix?.row(3)[0] == 0 && next.row(3)[0] == -7 && next.row(2) == [8, 9, 10, 11])
    matrix = nil
    let place = ObjectIdentifier(next.groups[0])
    func again() -> ObjectIdentifier {
      parameters[0].update { $0[11] = 5 }
      return panels.matrix().memory
    }
    withExtendedLifetime(next) { #expect(again() != place, "this one is in use too") }
    let free = panels.matrix().memory
    #expect(again() == free)
    #expect(panels.matrix().row(2) == [8, 9, 10, 5])
  }

  @Test("values that are still held do not change; gradients are accumulated and cleared")
  func parameter() {
    let parameter = Parameter(name: "p", Tensor([2], [1, 2]))
    let held = parameter.value
    parameter.update { $0[0] = 9 }
    #expect(held.scalars == [1, 2] && parameter.value.scalars == [9, 2] && parameter.version == 1)
    #expect(parameter.gradient == nil)
    for _ in 0..<2 { parameter.addToGradient { $0[1] += 3 } }
    #expect(parameter.gradient?.scalars == [0, 6])
    parameter.isFrozen = true
    parameter.addToGradient { $0[1] += 3 }
    #expect(parameter.gradient?.scalars == [0, 6])
  }

  @Test("packed weights are refused", arguments: NumberFormat.uniform)
  func packed(_ format: NumberFormat) throws {
    try PackedFolderTests.withPacked("gpt2", format) { folder in
      let source = try ModelSource(folder: folder)
      #expect(throws: ModelError.packedForInference(folder: folder, stored: format)) { try TrainableModel(source) }
    }
  }
}
