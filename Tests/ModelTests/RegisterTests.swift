import Checkpoints
import Foundation
import JSONText
import Tensors
import TestSupport
import Testing

@testable import Models

@Suite("The register of architectures")
struct RegisterTests {
  @Test("architecture names are sorted and unique")
  func names() {
    let names = Architectures.all.map(\.name)
    #expect(names == Set(names).sorted())
  }

  @Test(
    "every attribute of the configuration class in transformers is listed", arguments: Architectures.all.map(\.name))
  func keys(_ name: String) throws {
    let reference = try JSONValue(contentsOfFile: Fixtures.path("models/configuration-keys.json"))
    let keys = try #require(reference[name]?.array).compactMap(\.string)
    let definition = try #require(Architectures.named(name))
    #expect(keys.filter { !definition.keys.knows($0) }.isEmpty)
    let places = [definition.keys.honored, definition.keys.withoutEffect, Set(definition.keys.refused.keys)]
    #expect(places.reduce(0) { $0 + $1.count } == places.reduce(Set()) { $0.union($1) }.count, "a key listed twice")
  }

  @Test("every architecture has a golden model")
  func golden() throws {
    let types = try (Golden.causal + Golden.masked + Golden.seq2seq).compactMap { name in
      try JSONValue(contentsOfFile: Fixtures.path("models/\(name)/config.json"))["model_type"]?.string
    }
    #expect(Set(Architectures.all.map(\.name)) == Set(types))
  }

  @Test("rotary parameters have the precedence of transformers")
  func rotaryParameters() throws {
    for (text, base) in [
      ("{}", 10_000), (#"{"rope_theta": 5000.0}"#, 5000), (#"{"rope_theta": 3.0, "rope_scaling": null}"#, 3),
      (#"{"rope_theta": 11.0, "rope_parameters": {"rope_theta": 777.0}}"#, 777),
      (#"{"rope_scaling": {"rope_type": "default"}, "rope_parameters": {"rope_theta": 5.0}}"#, 10_000),
      (#"{"rope_scaling": {"type": "default"}, "rope_theta": 8.0}"#, 8),
      (#"{"rope_scaling": {}, "rope_parameters": {"rope_theta": 5.0}}"#, 5),
    ] as [(String, Double)] {
      let file = try ConfigurationReader(JSONValue(parsing: Array(text.utf8)), path: "config.json")
      let model = RotaryParameters.Model(headWidth: 8, contextLength: 64)
      #expect(try RotaryParameters(file, model).base == base, "\(text)")
    }
  }

  @Test("an unsupported key that would change numbers is an error with its name")
  func refused() throws {
    let keys = ConfigurationKeys(honored: ["size"], refused: ["twist": [.integer(0), "none"]])
    func problem(_ text: String) throws -> ModelError? {
      let file = try ConfigurationReader(JSONValue(parsing: Array(text.utf8)), path: "config.json")
      do throws(ModelError) { try keys.check(file) } catch { return error }
      return nil
    }
    for neutral in ["0", "\"none\"", "null", "false"] { #expect(try problem("{\"twist\": \(neutral)}") == nil) }
    #expect(try problem(#"{"size": 3, "another": 7}"#) == nil)
    for other in ["1", "true", "\"some\"", "[0]"] {
      guard case .invalidConfiguration("config.json", "twist", _, other)? = try problem("{\"twist\": \(other)}") else {
        Issue.record("twist \(other) was taken")
        continue
      }
    }
  }
}

@Suite("A model opens from any source")
struct ModelSourceTests {
  /// A container for tests: tensors in memory.
  private struct MemoryStore: TensorStore {
    let location = "memory"
    let tensors: [String: StoredTensor]

    var names: [String] { tensors.keys.sorted() }
    var byteCount: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }

    func entry(_ name: String) -> TensorEntry? {
      tensors[name].map { TensorEntry(shape: $0.shape, layout: $0.type.layout, byteCount: $0.bytes.count) }
    }

    func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
      tensors[name].flatMap { StoredBytes($0.bytes, owner: $0.owner)[range] }
    }
  }

  private func memory(_ fixture: String) throws -> MemoryStore {
    let store = try SafetensorsFolder(folder: Fixtures.path("models/\(fixture)"))
    return MemoryStore(
      tensors: try Dictionary(uniqueKeysWithValues: store.names.map { ($0, try #require(store[$0])) }))
  }

  @Test(
    "weights in another container give the same bits", arguments: ["bart", "bert", "gpt2", "gpt-neox", "llama", "t5"])
  func container(_ fixture: String) throws {
    let store = try memory(fixture)
    let configuration = try JSONValue(contentsOfFile: Fixtures.path("models/\(fixture)/config.json"))
    let source = try ModelSource(
      path: "memory", configuration: configuration, tensors: { store })
    let opened = try ModelLoader.open(source, format: .q8)
    let original = try ModelLoader.open(folder: Fixtures.path("models/\(fixture)"), format: .q8)
    #expect(try PackedFolderTests.numbers(opened) == PackedFolderTests.numbers(original))
    #expect(opened.generation == original.generation)
    #expect(opened.description.parameters == original.description.parameters)
  }

  @Test("errors of a source contain its path")
  func problems() throws {
    let store = MemoryStore(tensors: try memory("bert").tensors.filter { !$0.key.hasSuffix("LayerNorm.bias") })
    let configuration = try JSONValue(contentsOfFile: Fixtures.path("models/bert/config.json"))
    let source = try ModelSource(path: "memory", configuration: configuration, tensors: { store })
    guard case .checkpoint(.unfitTensors("memory", let problems))? = error({ try ModelLoader.open(source) }) else {
      Issue.record("a model without its norms was opened")
      return
    }
    #expect(problems.count == 6)
    #expect(throws: ModelError.self) { try ModelSource(path: "memory", configuration: [1], tensors: { store }) }
  }

  private func error<R>(_ body: () throws -> R) -> ModelError? {
    do { _ = try body() } catch { return error as? ModelError }
    return nil
  }
}
