import Checkpoints
import Models
import Tensors
import Terms
import TestSupport
import Testing

@testable import Inspection

/// A tiny model with what transformers computes inside it (`make_inspection_fixtures.py`).
struct Internals {
  let name: String
  let model: AnyLanguageModel
  let ids: [Int]
  /// The ids of the encoder of an encoder-decoder model.
  let source: [Int]?
  private let reference: SafetensorsFile

  static let causal = [
    "gemma2", "gemma3", "gpt-neo", "gpt-neox", "gpt-neox-serial", "gpt2", "llama", "llama-wide", "mistral", "olmo2",
    "olmo2-biased", "opt", "opt-plain", "opt-projected", "phi3", "qwen2-sliding", "qwen3",
  ]
  static let masked = ["albert", "bert", "camembert", "distilbert", "electra", "modernbert", "roberta"]
  static let seq2seq = ["bart", "m2m-100", "marian", "mbart", "mt5", "t5", "t5-v1.1", "t5-scaled", "umt5"]
  static let all = causal + masked + seq2seq
  /// Models whose residual stream is the sum of its parts.
  static let sums = all.filter { !masked.contains($0) && !["opt-projected", "bart", "marian"].contains($0) }

  /// Tolerance against double precision, relative to the largest value.
  static let tolerance = 2e-5

  init(_ name: String) throws {
    self.name = name
    reference = try SafetensorsFile(path: Fixtures.path("inspection/internals.safetensors"))
    model = try ModelLoader.open(folder: Fixtures.path("models/\(name)")).model
    let all = try #require(reference["\(name)/ids"]).tensor().scalars.map { Int($0) }
    if let target = reference["\(name)/decoder_ids"] {
      (ids, source) = (target.tensor().scalars.map { Int($0) }, all)
    } else {
      (ids, source) = (all, nil)
    }
  }

  /// The ids in a file of reference values.
  static func ids(_ path: String) throws -> [Int] {
    try #require(try SafetensorsFile(path: path)["ids"]).tensor().scalars.map { Int($0) }
  }

  /// The keys of the reference values.
  var keys: [String] {
    reference.names.filter { $0.hasPrefix("\(name)/") }.map { String($0.dropFirst(name.utf8.count + 1)) }
  }

  func values(_ key: String) throws -> [Double] {
    try #require(reference["\(name)/\(key)"], "\(name)/\(key)").tensor().scalars.map(Double.init)
  }

  func read(_ changed: AnyLanguageModel? = nil) throws -> ProbedReading {
    try ProbedReading(changed ?? model, ids: ids, source: source)
  }

  /// The logits of all rows. `[rows × vocabulary]`
  func logits(_ changed: AnyLanguageModel? = nil) throws -> [Double] {
    try model.base.logits(read(changed).hidden).scalars.map(Double.init)
  }

  /// Compares numbers with the reference values of a key.
  func expect(_ found: [Double], equal key: String) throws {
    let expected = try values(key)
    try #require(found.count == expected.count, "\(name)/\(key)")
    let largest = max(1, expected.lazy.map(abs).max() ?? 0)
    let difference = zip(found, expected).lazy.map { abs($0 - $1) }.max() ?? 0
    #expect(difference <= Self.tolerance * largest, "\(name)/\(key) differs by \(difference) at most")
  }

  /// A resolver whose texts are lists of ids.
  func resolver() throws -> ChangeResolver {
    try ChangeResolver(model, name: name) { text, _ in text.split(separator: " ").compactMap { Int($0) } }
  }

  /// The model with changes.
  func changed(_ changes: [String]) throws -> AnyLanguageModel {
    model.changed(by: try resolver().resolve(changes.map { .scale(try #require(ModelPart(parsing: $0)), by: 0) }))
  }
}

extension [Double] {
  var bits: [UInt64] { map(\.bitPattern) }
}
