import Generation
import Models
import Testing

@testable import Engines

/// The texts that a model keeps after it has read them.
@Suite struct SequenceMemoryTests {
  /// A text of `count` different tokens, read by a model.
  private func text(_ count: Int, from first: Int, _ model: any CausalModel) throws -> ReadSequence {
    let sequence = ReadSequence(model)
    try sequence.read(Array(first..<(first + count)), chunk: ReadSequence.promptChunk, .never)
    return sequence
  }

  private func model() throws -> any CausalModel {
    guard case .causal(let model) = try ModelLoader.open(folder: BundledEngine.models + "/storyteller-mini").model
    else { throw CancellationError() }
    return model
  }

  @Test("Texts without a stream are kept up to a number of bytes, the last one always") func bytesAreBounded() throws {
    let model = try model()
    let size = try text(32, from: 100, model).byteCount
    // Two blocks of 16 positions, and a hidden row for each position.
    let facts = model.facts
    #expect(size == 32 * (2 * facts.layerCount + 1) * facts.width * 4)
    let memory = SequenceMemory(SequenceBudget(), mostBytes: 3 * size)
    for index in 0..<5 { memory.keep(try text(32, from: 100 * index, model), isRunning: false) }
    #expect(memory.count == 3)
    #expect(memory.sequence(covering: Array(100..<132), source: nil) == nil)
    #expect(memory.sequence(covering: Array(200..<232), source: nil) != nil)
    let long = try text(128, from: 600, model)
    memory.keep(long, isRunning: false)
    #expect(memory.count == 1 && memory.sequence(covering: long.ids, source: nil) === long)
  }

  @Test("The bytes of several models count together, and a larger model may keep more") func modelsShare() throws {
    let model = try model()
    let size = try text(32, from: 100, model).byteCount
    let budget = SequenceBudget()
    let (small, large) = (SequenceMemory(budget, mostBytes: 2 * size), SequenceMemory(budget, mostBytes: 5 * size))
    for index in 0..<4 { large.keep(try text(32, from: 100 * index, model), isRunning: false) }
    small.keep(try text(32, from: 500, model), isRunning: false)
    #expect(small.count == 1 && large.count == 4)
    large.keep(try text(32, from: 600, model), isRunning: false)
    #expect(small.count == 1 && large.count == 4, "the least recently used text of the large model went")
    large.keep(try text(32, from: 700, model), isRunning: false)
    #expect(small.count == 0 && large.count == 5)
  }

  @Test("Texts of running streams are kept whatever their size") func runningTextsAreKept() throws {
    let model = try model()
    let memory = SequenceMemory(SequenceBudget(), mostBytes: 1)
    let running = try (0..<12).map { try text(16, from: 100 * $0, model) }
    for sequence in running { memory.keep(sequence, isRunning: true) }
    #expect(memory.count == 12)
    for sequence in running.dropLast() { memory.settle(sequence) }
    #expect(memory.count == 2)
    memory.settle(running[11])
    #expect(memory.count == 1)
  }
}
