import Foundation
import Tensors
import TestSupport
import Testing

@testable import Models

/// The whole invariant: the logits of every bundled and tiny model, in every number format, have the same bits for 1 to
/// 4 threads, any chunking of the prompt, any other sequences in the batch, a cache hit or miss, and every instruction
/// set.
///
/// The texts of the bundled models span several cache blocks; the plain C kernels get a short text.
@Suite("Logits have the same bits under all conditions combined", .serialized)
struct SameBitsTests {
  private static let chunks = [1, 7, 64, 0]
  private static let bundled = ["storyteller", "storyteller-mini", "cloze", "interpreter"]
    .map { Fixtures.folder + "/../../models/" + $0 }
  private static let tiny = [
    "albert-groups", "bart", "bert", "gemma3", "gpt-neo", "gpt-neox", "gpt2", "gpt2-untied", "llama", "llama-wide",
    "m2m-100", "marian", "mbart", "modernbert", "mt5", "olmo2", "opt", "opt-projected", "phi3-long", "qwen3",
    "roberta", "t5", "t5-v1.1", "umt5",
  ].map { Fixtures.path("models/" + $0) }

  private static let tiny16 = Fixtures.path("models/gpt2-f16")

  /// Computes a sequence's logits in one of several ways.
  private typealias Reading = (_ ids: [Int], _ chunk: Int, _ company: Int) throws -> Tensor

  private func ids(_ count: Int, below bound: Int, salt: Int = 0) -> [Int] {
    (0..<count).map { ($0 * 7919 + salt * 31 + 13) % bound }
  }

  private func sameBits(_ a: Tensor, _ b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    return a.withUnsafeScalars { x in
      b.withUnsafeScalars { y in
        guard let first = x.baseAddress, let second = y.baseAddress else { return x.count == y.count }
        return memcmp(first, second, x.count * MemoryLayout<Float>.stride) == 0
      }
    }
  }

  private func read(
    _ model: any DecoderModel, _ state: () throws -> SequenceState, _ ids: [Int], chunk: Int, company: Int
  ) throws -> Tensor {
    let vocabulary = model.facts.vocabularySize
    let mine = try state()
    let others = try (0..<company).map { _ in try state() }
    var rows: [Tensor] = []
    var start = 0
    while start < ids.count {
      let end = chunk == 0 ? ids.count : min(ids.count, start + chunk)
      for other in others where other.count + 4 > model.facts.contextLength ?? .max { other.truncate(to: 0) }
      var segments = others.enumerated().map { number, other in
        Segment(ids: self.ids(1 + (number + start) % 4, below: vocabulary, salt: number), state: other, wanted: .all)
      }
      // In the middle of the batch, so that there are rows before and after it.
      let place = segments.count / 2
      segments.insert(Segment(ids: Array(ids[start..<end]), state: mine, wanted: .all), at: place)
      rows.append(model.logits(try model.forward(segments).rows(ofSegment: place)))
      start = end
    }
    return Tensor.stackingRows(rows)
  }

  /// Reads wrong ids after a third of the text, truncates, and continues.
  private func readAfterHit(
    _ model: any DecoderModel, _ state: SequenceState, _ ids: [Int]
  ) throws -> Tensor {
    let third = max(1, ids.count / 3)
    let first = try model.forward([Segment(ids: Array(ids[..<third]), state: state, wanted: .all)])
    let fork = state.fork()
    let wrong = self.ids(min(third, 5), below: model.facts.vocabularySize, salt: 9)
    _ = try model.forward([Segment(ids: wrong, state: fork, wanted: .none)])
    fork.truncate(to: third)
    let rest = try model.forward([Segment(ids: Array(ids[third...]), state: fork, wanted: .all)])
    return Tensor.stackingRows([model.logits(first.tensor), model.logits(rest.tensor)])
  }

  private func reading(of model: AnyLanguageModel) throws -> (read: Reading, hit: (([Int]) throws -> Tensor)?) {
    switch model {
    case .causal(let model):
      return (
        { try read(model, model.makeState, $0, chunk: $1, company: $2) },
        { try readAfterHit(model, model.makeState(), $0) }
      )
    case .seq2seq(let model):
      let source = ids(19, below: model.facts.vocabularySize, salt: 3)
      // Run the encoder again each time, because it is part of the comparison.
      return (
        { ids, chunk, company in
          let encoder = try model.encode(source)
          return try read(model, { model.makeState(encoder) }, ids, chunk: chunk, company: company)
        },
        { try readAfterHit(model, model.makeState(model.encode(source)), $0) }
      )
    case .masked(let model):
      return (
        { ids, _, company in
          let others = (0..<company).map {
            MaskedSequence(ids: self.ids(3 + $0, below: model.facts.vocabularySize, salt: $0))
          }
          let rows = try model.forward([MaskedSequence(ids: ids)] + others)
          return model.logits(rows.rows(ofSegment: 0))
        }, nil
      )
    case .labeling(let model):
      return (
        { ids, _, company in
          let others = (0..<company).map {
            MaskedSequence(ids: self.ids(3 + $0, below: model.facts.vocabularySize, salt: $0))
          }
          let rows = try model.forward([MaskedSequence(ids: ids)] + others)
          return model.logits(rows.rows(ofSegment: 0))
        }, nil
      )
    }
  }

  private func hold(
    _ folder: String, _ format: NumberFormat, cache: CacheFormat = .f32, length: Int, shortLength: Int
  ) throws {
    Fixtures.kernelLock.lock()
    defer { Fixtures.kernelLock.unlock() }
    defer { ThreadTeam.setThreadCount(0) }
    let best = ThreadTeam.activeSet
    defer { ThreadTeam.activeSet = best }
    let model = try ModelLoader.open(ModelSource(path: folder), format: format, cache: cache).model
    let facts = model.base.facts
    let (read, hit) = try reading(of: model)
    let isWhole = [.masked, .classifier, .tagger].contains(model.family)
    let chunks = isWhole ? [0] : Self.chunks
    let text = ids(min(length, facts.contextLength ?? length), below: facts.vocabularySize)
    ThreadTeam.setThreadCount(1)
    let whole = try read(text, 0, 0)
    for threads in 1...4 {
      ThreadTeam.setThreadCount(threads)
      for chunk in chunks {
        #expect(sameBits(try read(text, chunk, 0), whole), "\(threads) threads, chunks of \(chunk)")
      }
    }
    ThreadTeam.setThreadCount(2)
    for company in [1, 4] {
      for chunk in chunks.suffix(3) {
        #expect(sameBits(try read(text, chunk, company), whole), "\(company) more, chunks of \(chunk)")
      }
    }
    if let hit { #expect(sameBits(try hit(text), whole), "after a cache hit") }
    let short = Array(text.prefix(shortLength))
    let expected = try read(short, 0, 0)
    for set in ThreadTeam.instructionSets {
      ThreadTeam.activeSet = set
      for chunk in [0, 1] { #expect(sameBits(try read(short, chunk, 1), expected), "\(set.name), chunks of \(chunk)") }
    }
  }

  @Test(
    "bundled models give the same bits for any threads, chunks, batch and instruction set", arguments: bundled,
    NumberFormat.uniform)
  func bundledModels(_ folder: String, _ format: NumberFormat) throws {
    try hold(folder, format, length: 67, shortLength: 3)
  }

  @Test(
    "models with a bf16 KV cache give the same bits for any threads, chunks, batch and instruction set",
    arguments: ["storyteller", "interpreter"], [NumberFormat.f32, .q4])
  func roundedCache(_ name: String, _ format: NumberFormat) throws {
    let folder = Fixtures.folder + "/../../models/" + name
    try hold(folder, format, cache: .bf16, length: 67, shortLength: 3)
  }

  @Test(
    "matrices multiplied in their stored type give the same bits for any threads, chunks, batch and instruction set",
    arguments: [StoredTypeTests.path, tiny16])
  func storedTypes(_ path: String) throws {
    try hold(path, .stored, length: 35, shortLength: 19)
  }

  @Test(
    "tiny models give the same bits for any threads, chunks, batch and instruction set", arguments: tiny,
    NumberFormat.uniform)
  func tinyModels(_ folder: String, _ format: NumberFormat) throws {
    try hold(folder, format, length: 35, shortLength: 19)
  }
}
