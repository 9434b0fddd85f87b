import Foundation
import JSONText
import Models
import Tensors
import TestSupport
import Testing

@Suite("Adapters in PEFT's format")
struct AdapterTests {
  private func path(_ name: String) -> String { Fixtures.path("adapters/\(name)") }

  private func expected(_ name: String) throws -> [Double] {
    let file = try JSONValue(contentsOfFile: path("logits.json"))
    return try #require(file["logits"]?[name]?.array).compactMap(\.double)
  }

  private func logits(_ path: String) throws -> [Float] {
    let file = try JSONValue(contentsOfFile: Fixtures.path("adapters/logits.json"))
    let ids = try #require(file["ids"]?.array).compactMap(\.int)
    switch try ModelLoader.open(ModelSource(path: path), format: .f32).model {
    case .causal(let model):
      return model.logits(try model.forward([Segment(ids: ids, state: model.makeState())]).tensor).row(0)
    case .labeling(let model):
      return model.logits(try model.forward([MaskedSequence(ids: ids)]).tensor).row(0)
    default:
      Issue.record("a model of another family")
      return []
    }
  }

  @Test(
    "an adapter's folder opens as its base with the adapter, and computes what PEFT does",
    arguments: [("causal", "causal"), ("dora", "dora"), ("classifier", "classifier"), ("second", "stacked")])
  func opening(_ folder: String, _ name: String) throws {
    let (found, expected) = (try logits(path(folder)), try expected(name))
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      #expect(abs(Double(found) - expected) < 2e-4 * (1 + abs(expected)))
    }
    let base = try self.expected("base")
    #expect(base.count != expected.count || zip(base, expected).contains { abs($0 - $1) > 1e-2 })
  }

  @Test("adapters named after their base are applied in order")
  func stacked() throws {
    let base = Fixtures.path("program/causal")
    let whole = try logits(path("second"))
    #expect(try logits("\(base)+\(path("causal"))+\(path("dora"))") != whole)
    let own = try AdaptedPath("\(path("causal"))+\(path("dora"))")
    #expect(own?.adapters.count == 2)
    #expect(AdaptedPath.base(of: base) == base)
    // The base of a folder with a plus sign in its name.
    try Fixtures.withScratchFolder { folder in
      try FileManager.default.copyItem(atPath: base, toPath: folder + "/a+b")
      #expect(try logits("\(folder)/a+b+\(path("causal"))") == logits(path("causal")))
    }
  }

  /// The error of opening a copy of an adapter with another value of its configuration.
  private func refusal(_ copy: String, _ key: String, _ value: JSONValue) throws -> ModelError? {
    if FileManager.default.fileExists(atPath: copy) { try FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.copyItem(atPath: path("causal"), toPath: copy)
    let file = copy + "/adapter_config.json"
    var object = try #require(JSONValue(contentsOfFile: file).object)
    object["base_model_name_or_path"] = JSONValue(Fixtures.path("program/causal"))
    object[key] = value
    try Data(JSONValue.object(object).serialized().utf8).write(to: URL(fileURLWithPath: file))
    do throws(ModelError) {
      _ = try ModelLoader.open(ModelSource(path: copy), format: .f32)
      return nil
    } catch {
      return error
    }
  }

  @Test("an adapter that does not fit, of another kind, or without its base is refused with the file")
  func refusals() throws {
    try Fixtures.withScratchFolder { folder in
      let copy = folder + "/adapter"
      #expect(try refusal(copy, "inference_mode", true) == nil)
      let cases: [(String, JSONValue)] = [
        ("peft_type", "IA3"), ("base_model_name_or_path", "nowhere"), ("use_qalora", true),
        ("base_model_name_or_path", JSONValue(Fixtures.path("program/masked"))),
        ("alpha_pattern", .object(["c_.*": 3])), ("base_model_name_or_path", JSONValue(copy)),
      ]
      for (key, value) in cases {
        let message = try refusal(copy, key, value)?.description ?? "no error"
        #expect(message.contains(copy), "\(key): \(message)")
      }
    }
  }

  @Test("damaged files of an adapter are errors and never crash")
  func damaged() throws {
    try Fixtures.withScratchFolder { folder in
      try FileManager.default.copyItem(atPath: path("dora"), toPath: folder + "/dora")
      let file = folder + "/dora/adapter_config.json"
      var object = try #require(JSONValue(contentsOfFile: file).object)
      object["base_model_name_or_path"] = JSONValue(Fixtures.path("program/causal"))
      try Data(JSONValue.object(object).serialized().utf8).write(to: URL(fileURLWithPath: file))
      let tensors = URL(fileURLWithPath: folder + "/dora/adapter_model.safetensors")
      let whole = try Data(contentsOf: tensors)
      let header = Int(whole[0]) + Int(whole[1]) << 8
      for place in stride(from: 8, to: 8 + header, by: 37) {
        var bytes = whole
        bytes[place] = UInt8(ascii: "9")
        try bytes.write(to: tensors)
        _ = try? ModelLoader.open(ModelSource(path: folder + "/dora"), format: .f32)
      }
      try whole.prefix(whole.count / 2).write(to: tensors)
      #expect(throws: ModelError.self) { try ModelLoader.open(ModelSource(path: folder + "/dora"), format: .f32) }
    }
  }
}
