import Checkpoints
import TestSupport
import Tensors
import Testing

@testable import Models

/// A tiny Llama whose matrices have all types that are multiplied as they are stored (`make_stored_fixtures.py`).
@Suite("A GGUF file's matrices are multiplied as they are stored")
struct StoredTypeTests {
  static let path = Fixtures.path("gguf/stored.gguf")

  /// The largest difference of the logits from the reference, which is in double precision, relative to the largest
  /// logit.
  private func error(_ format: NumberFormat?) throws -> Float {
    let reference = try SafetensorsFile(path: Fixtures.path("gguf/stored.safetensors"))
    let ids = try #require(reference["ids"]).tensor().scalars.map { Int($0) }
    let expected = try #require(reference["logits"]).tensor().scalars
    let model = try ModelLoader.open(ModelSource(path: Self.path), format: format).causal()
    let rows = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)])
    let found = model.logits(rows.tensor).scalars
    #expect(found.count == expected.count)
    let largest = expected.reduce(0) { max($0, abs($1)) }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
  }

  @Test("logits are within 1e-4 of those of the unpacked values")
  func logits() throws {
    #expect(try error(.f32) < Golden.singlePrecision)
    #expect(try error(nil) < 1e-4)
  }

  @Test("the file's own format is the default; any other format can be requested")
  func formats() throws {
    let source = try ModelSource(path: Self.path)
    #expect(try ModelLoader.open(source).format == .stored)
    for format in NumberFormat.uniform { #expect(try ModelLoader.open(source, format: format).format == format) }
    // A file of types that are unpacked has no format of its own.
    #expect(try ModelLoader.open(ModelSource(path: Fixtures.path("gguf/models/llama.gguf"))).format == .f32)
  }

  @Test("the estimate of memory names the format and counts the file's bytes")
  func memory() throws {
    let source = try ModelSource(path: Self.path)
    let description = try ModelDescription(source)
    let memory = try #require(description.memory)
    let store = try source.tensors()
    // Norms are in single precision in the file and in memory.
    let bytes = store.names.compactMap(store.entry).reduce(0) { $0 + $1.byteCount }
    #expect(memory.own == .stored && memory.weights[.stored] == bytes)
    #expect(Set(memory.formats) == Set(NumberFormat.uniform + [.stored]))
    #expect(description.dtype == "q4_0")
  }
}
