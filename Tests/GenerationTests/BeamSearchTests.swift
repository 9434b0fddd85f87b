import Generation
import Models
import Sampling
import Testing

@Suite struct BeamSearchTests {
  private let source = [7, 30, 11, 52, 4]

  private func search(_ model: any Seq2SeqModel, _ options: BeamOptions, ids: [Int] = [0]) throws -> BeamSearch {
    try BeamSearch(
      sequence: ReadSequence(model, source: source), ids: ids, promptCount: 1, decoder: WordDecoder(), options: options)
  }

  private func run(_ search: BeamSearch) throws -> [BeamHypothesis] {
    while !search.isFinished { try search.step() }
    return search.hypotheses(10)
  }

  @Test func everyTokenHasItsOwnNumbers() throws {
    let model = try GenerationFixture.seq2seq()
    for hypothesis in try run(search(model, BeamOptions(beams: 4, maxTokens: 10, topCount: 2))) {
      var ids = [0]
      for token in hypothesis.tokens {
        let own = Distribution(logits: try ReadSequence(model, source: source).logits(after: ids))
        #expect(token.logprob == own.logprob(of: token.id) && token.rank == own.rank(of: token.id))
        #expect(token.entropy == own.entropy && token.top == own.top(2))
        ids.append(token.id)
      }
    }
  }

  @Test func stopStringsEndAHypothesis() throws {
    let model = try GenerationFixture.seq2seq()
    let free = try run(search(model, BeamOptions(beams: 3, maxTokens: 10)))[0]
    let words = free.tokens.map { " \($0.id)" }
    let stop = words[3] + words[4].prefix(2)
    let found = try run(search(model, BeamOptions(beams: 3, maxTokens: 10, stopping: .always, stopStrings: [stop])))
    #expect(found.contains { $0.end == .stop })
    for hypothesis in found where hypothesis.end == .stop {
      #expect(!hypothesis.text.contains(stop))
      #expect(hypothesis.tokens.map { " \($0.id)" }.joined().contains(stop))
    }
  }

  @Test func aSearchThatIsLeftHasWhatItHas() throws {
    let search = try search(GenerationFixture.seq2seq(), BeamOptions(beams: 3, maxTokens: 10))
    #expect(search.hypotheses(3).isEmpty)
    for step in 1...4 {
      try search.step()
      #expect(search.made == step)
      let found = search.hypotheses(3)
      #expect(found.count == 3 && found.allSatisfy { $0.end == .interrupted && $0.tokens.count == step })
      #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
    }
  }

  @Test func goingOnFromADecodersTextIsPossible() throws {
    let model = try GenerationFixture.seq2seq()
    let greedy = try run(search(model, BeamOptions(beams: 1, maxTokens: 9)))[0].tokens
    let rest = try run(search(model, BeamOptions(beams: 1, maxTokens: 5), ids: [0] + greedy.prefix(4).map(\.id)))[0]
    #expect(rest.tokens.map(\.id) == greedy[4...].map(\.id))
  }

  @Test func limitsAreKept() throws {
    let causal = try GenerationFixture.causal()
    let none = try BeamSearch(
      sequence: ReadSequence(causal), ids: Array(repeating: 5, count: 40), promptCount: 40, decoder: WordDecoder(),
      options: BeamOptions())
    #expect(none.isFinished)
    #expect(none.hypotheses(2) == [BeamHypothesis(tokens: [], text: "", score: 0, end: .length)])
    #expect(throws: GenerationError.emptyPrompt) { try search(GenerationFixture.seq2seq(), BeamOptions(), ids: []) }
    #expect(throws: GenerationError.model(.emptyInput)) { try ReadSequence(GenerationFixture.seq2seq(), source: []) }
  }

  @Test func moreBeamsThanTokensIsNoTrap() throws {
    let model = try GenerationFixture.seq2seq()
    let found = try run(search(model, BeamOptions(beams: 40, maxTokens: 3, endOfTextIDs: [1])))
    #expect(found.count == 10)
    let absurd = try search(model, BeamOptions(beams: .max, maxTokens: 1, endOfTextIDs: [1]))
    #expect(try run(absurd).count == 10)
  }
}
