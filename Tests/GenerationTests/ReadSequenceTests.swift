import Generation
import Models
import Testing

@Suite struct ReadSequenceTests {
  private let text = [5, 9, 30, 2, 44, 17, 8, 21]

  private func fresh(_ model: any CausalModel, _ ids: [Int]) throws -> [Float] {
    try ReadSequence(model).logits(after: ids)
  }

  @Test func aReadSequenceGivesTheLogitsOfEveryPrefix() throws {
    let model = try GenerationFixture.causal()
    for chunk in [0, 1, 3] {
      let sequence = ReadSequence(model)
      try sequence.read(text, chunk: chunk)
      for length in 1...text.count {
        let prefix = Array(text.prefix(length))
        #expect(try sequence.logits(after: prefix) == fresh(model, prefix))
        #expect(sequence.ids == text)
      }
    }
  }

  @Test func anotherTextIsReadFromTheFirstDifferenceOn() throws {
    let model = try GenerationFixture.causal()
    let sequence = ReadSequence(model)
    for length in (0..<text.count).reversed() {
      try sequence.read(text, chunk: 3)
      let other = Array(text.prefix(length)) + [50, 51]
      #expect(sequence.commonPrefix(with: other) == length)
      #expect(try sequence.logits(after: other) == fresh(model, other))
      #expect(sequence.ids == other)
    }
  }

  @Test func forksAreIndependent() throws {
    let model = try GenerationFixture.causal()
    let sequence = ReadSequence(model)
    try sequence.read(text)
    let fork = sequence.fork()
    let other = Array(text.prefix(4)) + [60]
    #expect(try fork.logits(after: other) == fresh(model, other))
    #expect(try sequence.logits(after: text + [1]) == fresh(model, text + [1]))
    fork.truncate(to: 0)
    #expect(fork.ids.isEmpty && sequence.ids == text + [1])
  }

  @Test func aDecoderSequenceKeepsItsSource() throws {
    let model = try GenerationFixture.seq2seq()
    let sequence = try ReadSequence(model, source: [4, 5, 6])
    let fork = sequence.fork()
    #expect(fork.source == [4, 5, 6])
    let other = try ReadSequence(model, source: [4, 5, 7])
    #expect(try fork.logits(after: [0, 9]) == sequence.logits(after: [0, 9]))
    #expect(try other.logits(after: [0, 9]) != sequence.logits(after: [0, 9]))
  }

  @Test func anErrorKeepsTheTokensReadBefore() throws {
    let model = try GenerationFixture.causal()
    let sequence = ReadSequence(model)
    try sequence.read(text)
    #expect(throws: GenerationError.model(.tokenOutOfRange(id: 61, vocabulary: 61))) { try sequence.read(text + [61]) }
    #expect(throws: GenerationError.model(.contextExceeded(limit: 40, found: 41))) {
      try sequence.read(text + Array(repeating: 3, count: 33))
    }
    #expect(throws: GenerationError.emptyPrompt) { try sequence.logits(after: []) }
    #expect(throws: GenerationError.cancelled) { try sequence.read(text + [1], Cancellation { true }) }
    #expect(try sequence.logits(after: text) == fresh(model, text))
  }
}
