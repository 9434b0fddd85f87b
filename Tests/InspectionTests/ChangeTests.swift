import EngineAPI
import Models
import Tensors
import Terms
import TestSupport
import Testing

@testable import Inspection

@Suite("Changes of activations")
struct ChangeTests {
  @Test("switching off a sublayer equals a projection with the weight zero", arguments: Internals.all)
  func ablation(_ name: String) throws {
    let internals = try Internals(name)
    let anatomy = try ModelAnatomy(internals.model)
    for key in internals.keys where key.hasPrefix("without.") && key != "without.head" {
      let parts = key.split(separator: ".").map(String.init)
      let stack = try #require(LayerStack(rawValue: parts[1]))
      let layers = try #require(anatomy.layers[stack])
      let word = internals.source == nil ? "" : parts[2] == "cross" ? "cross." : "\(stack.rawValue)."
      let place = "\(word)\(layers.count - 1)"
      let heads = layers[layers.count - 1].first { $0.kind == (parts[2] == "cross" ? .cross : .attention) }?.heads ?? 0
      let changes = parts[2] == "feed_forward" ? ["\(place).ffn"] : (0..<heads).map { "\(place).\($0)" }
      try internals.expect(internals.logits(internals.changed(changes)), equal: key)
      if parts[2] == "cross" { try internals.expect(internals.logits(internals.changed([place])), equal: key) }
    }
  }

  @Test("switching off one head equals a projection without its columns", arguments: Internals.all)
  func head(_ name: String) throws {
    let internals = try Internals(name)
    guard internals.keys.contains("without.head") else { return #expect(name == "albert") }
    try internals.expect(internals.logits(internals.changed(["0.1"])), equal: "without.head")
  }

  @Test("a patch with another text's activation equals the reference", arguments: Internals.all)
  func patchReference(_ name: String) throws {
    let internals = try Internals(name)
    for key in internals.keys where key.hasPrefix("patched.") {
      let isEncoder = key == "patched.encoder" && internals.source != nil
      let ids = isEncoder ? internals.source ?? [] : internals.ids
      let patch = ActivationPatch(
        isEncoder ? .encoder : nil, layer: 0, position: 2, text: ids.reversed().map(String.init).joined(separator: " "))
      let changed = internals.model.changed(by: try internals.resolver().resolve([.patch(patch)]))
      try internals.expect(internals.logits(changed), equal: key)
    }
  }

  @Test("a control vector is added after its layer", arguments: ["control.safetensors", "control.gguf"])
  func controlVector(_ file: String) throws {
    let internals = try Internals("gpt2")
    let path = Fixtures.path("inspection/\(file)")
    let resolver = try internals.resolver()
    let whole = ControlVector(path: path, scale: 1.5)
    let changed = internals.model.changed(by: try resolver.resolve([.steer(whole)]))
    try internals.expect(internals.logits(changed), equal: "steered")
    // Two vectors add up.
    let parts = [1.0, 0.5].map { ModelChange.steer(ControlVector(path: path, scale: $0, layers: 1...1)) }
    try internals.expect(
      internals.logits(internals.model.changed(by: try resolver.resolve(parts))), equal: "steered")
    let other = ControlVector(path: path, layers: 0...0)
    #expect(throws: EngineError.self) { try resolver.resolve([.steer(other)]) }
    // llama is wider, and t5-v1.1's file has no directions.
    #expect(throws: EngineError.self) { try Internals("llama").resolver().resolve([.steer(whole)]) }
    for wrong in ["models/t5-v1.1/model.safetensors", "models/gpt2/config.json", "no such file", "no such.gguf"] {
      #expect(throws: EngineError.self) { try ControlVectorFile(path: Fixtures.path(wrong)) }
    }
  }

  @Test("a factor of 1 and a patch with the text's own activation change no bit", arguments: Internals.all)
  func noChange(_ name: String) throws {
    let internals = try Internals(name)
    let plain = try internals.logits()
    let anatomy = try ModelAnatomy(internals.model)
    let text = internals.ids.map(String.init).joined(separator: " ")
    let source = (internals.source ?? []).map(String.init).joined(separator: " ")
    var changes: [ModelChange] = []
    for layer in 0..<(anatomy.layers[anatomy.main]?.count ?? 0) {
      changes.append(.scale(ModelPart(layer: layer, .whole), by: 1))
      changes.append(.scale(ModelPart(layer: layer, .head(0)), by: 1))
      for position in [0, internals.ids.count - 1] {
        changes.append(.patch(ActivationPatch(layer: layer, position: position, text: text)))
      }
    }
    if internals.source != nil {
      changes.append(.patch(ActivationPatch(.encoder, layer: 0, position: 2, text: source)))
    }
    let changed = internals.model.changed(by: try internals.resolver().resolve(changes))
    #expect(try internals.logits(changed).bits == plain.bits)
  }

  @Test("a patch of the last layer at a position gives that position the other text's logits", arguments: Internals.all)
  func patch(_ name: String) throws {
    let internals = try Internals(name)
    let anatomy = try ModelAnatomy(internals.model)
    let last = (anatomy.layers[anatomy.main]?.count ?? 0) - 1
    let other = internals.ids.reversed().map { $0 }
    let patch = ActivationPatch(
      layer: last, position: 4, text: other.map(String.init).joined(separator: " "))
    let changed = internals.model.changed(by: try internals.resolver().resolve([.patch(patch)]))
    let size = internals.model.base.facts.vocabularySize
    let (plain, found) = (try internals.logits(), try internals.logits(changed))
    let reading = try ProbedReading(internals.model, ids: other, source: internals.source)
    let expected = internals.model.base.logits(reading.hidden).scalars.map(Double.init)
    for position in internals.ids.indices {
      let row = position * size..<(position + 1) * size
      #expect(found[row].elementsEqual(position == 4 ? expected[row] : plain[row]))
    }
  }

  @Test("changes act alike on a text read at once and token by token", arguments: Internals.causal)
  func chunks(_ name: String) throws {
    let internals = try Internals(name)
    let changes: [ModelChange] = [
      .scale(ModelPart(layer: 0, .head(0)), by: 0.25), .scale(ModelPart(layer: 1, .feedForward), by: 3),
      .patch(ActivationPatch(layer: 0, position: 3, text: "1 2 3 4")),
    ]
    guard case .causal(let model) = internals.model.changed(by: try internals.resolver().resolve(changes)) else {
      Issue.record("another family")
      return
    }
    let whole = try model.forward([Segment(ids: internals.ids, state: model.makeState(), wanted: .all)]).tensor
    let state = model.makeState()
    for (position, id) in internals.ids.enumerated() {
      let row = try model.forward([Segment(ids: [id], state: state)]).tensor
      #expect(row.scalars.map(\.bitPattern) == whole.row(position).map(\.bitPattern))
    }
  }

  @Test("a changed part that the model lacks is an error that says what there is")
  func missing() throws {
    let gpt2 = try Internals("gpt2")
    let t5 = try Internals("t5")
    func message(_ internals: Internals, _ text: String) throws -> String? {
      let part = try #require(ModelPart(parsing: text))
      do {
        _ = try internals.resolver().resolve([.scale(part, by: 0)])
        return nil
      } catch let error as EngineError {
        #expect(error.kind == .usage)
        return error.description
      }
    }
    for text in ["2", "2.0", "0.5", "encoder.0", "cross.0.0", "7.ffn"] {
      let expected =
        "no such part, model 'gpt2': expected layers 0 to 1 with heads 0 to 1, found \(text)"
      #expect(try message(gpt2, text) == expected)
    }
    for text in ["9", "encoder.0.7", "decoder.0.7", "cross.0.7", "cross.9"] {
      #expect(try message(t5, text)?.contains("layers encoder.0 to encoder.") == true)
    }
    for text in ["0", "1.1", "decoder.0", "0.ffn"] { #expect(try message(gpt2, text) == nil) }
    for text in ["0", "encoder.1.1", "cross.0", "cross.1.1", "decoder.0.ffn"] { #expect(try message(t5, text) == nil) }
    let patch = ActivationPatch(layer: 0, position: 3, text: "1 2 3")
    #expect(throws: EngineError.self) { try gpt2.resolver().resolve([.patch(patch)]) }
    #expect(throws: EngineError.self) {
      try gpt2.resolver().resolve([.patch(ActivationPatch(layer: 0, position: 0, text: "99999"))])
    }
    #expect(throws: EngineError.self) {
      try gpt2.resolver().resolve([.patch(ActivationPatch(layer: 5, position: 0, text: "1"))])
    }
  }

  @Test("parts and patches are read from their text forms")
  func parsing() {
    let parts = ["3", "0.2", "12.ffn", "encoder.1.0", "decoder.2", "cross.0", "cross.4.1", "encoder.0.ffn"]
    for text in parts { #expect(ModelPart(parsing: text)?.description == text) }
    let others = [
      "", ".", "a", "1.", ".1", "1.2.3", "-1", "+1", "1.x", "ffn", "cross.1.ffn", "encoder", "encoder.", "left.1",
      "1.-1",
      "1234567", "１", "1 ",
    ]
    for text in others { #expect(ModelPart(parsing: text) == nil, "\(text)") }
    for text in ["0:1=a", "3:12=", "encoder.1:0=x=y:z", "decoder.0:5=é"] {
      #expect(ActivationPatch(parsing: text)?.description == text)
    }
    for text in ["", "1=a", "1:2", "1.2:3=a", "cross.1:0=a", "a:1=b", "1:-1=a", ":1=a", "1:=a"] {
      #expect(ActivationPatch(parsing: text) == nil, "\(text)")
    }
  }
}
