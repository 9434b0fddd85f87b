import EngineAPI
import Generation
import Models
import Sampling
import Testing

@Suite struct BeamSearchTests {
  private let source = [7, 30, 11, 52, 4]

  private func search(
    _ model: any Seq2SeqModel, _ options: Decoding<BeamRequest>, ids: [Int] = [0]
  ) throws -> any HypothesisSearch {
    try options.search(
      sequence: ReadSequence(model, source: source), ids: ids, promptCount: 1, decoder: WordDecoder())
  }

  private func run(_ search: any HypothesisSearch) throws -> [Completion] {
    while !search.isFinished { try search.step() }
    return search.hypotheses(10)
  }

  @Test func everyTokenHasItsOwnNumbers() throws {
    let model = try GenerationFixture.seq2seq()
    for hypothesis in try run(search(model, .beams(4, maxTokens: 10, topCount: 2))) {
      var ids = [0]
      for token in hypothesis.tokens {
        let own = Distribution(logits: try ReadSequence(model, source: source).logits(after: ids))
        #expect(token.logprob == own.logprob(of: token.id) && token.rank == own.rank(of: token.id))
        #expect(token.entropy == own.entropy && token.map(\.id).top == own.top(2))
        ids.append(token.id)
      }
    }
  }

  @Test func stopStringsEndAHypothesis() throws {
    let model = try GenerationFixture.seq2seq()
    let free = try run(search(model, .beams(3, maxTokens: 10)))[0]
    let words = free.tokens.map { " \($0.id)" }
    let stop = words[3] + words[4].prefix(2)
    let found = try run(search(model, .beams(3, maxTokens: 10, stopStrings: [stop], stopping: "true")))
    #expect(found.contains { $0.finishReason == .stop })
    for hypothesis in found where hypothesis.finishReason == .stop {
      #expect(!hypothesis.text.contains(stop))
      #expect(hypothesis.tokens.map { " \($0.id)" }.joined().contains(stop))
    }
  }

  @Test func anUnfinishedSearchHasItsHypothesesSoFar() throws {
    let search = try search(GenerationFixture.seq2seq(), .beams(3, maxTokens: 10))
    #expect(search.hypotheses(3).isEmpty)
    for step in 1...4 {
      try search.step()
      #expect(search.made == step)
      let found = search.hypotheses(3)
      #expect(found.count == 3 && found.allSatisfy { $0.finishReason == .interrupted && $0.tokens.count == step })
      #expect(found.compactMap(\.score) == found.compactMap(\.score).sorted(by: >))
    }
  }

  @Test(arguments: [1, 2, 4, 9, 30]) func aCanceledStepChangesNothing(after checks: Int) throws {
    let model = try GenerationFixture.seq2seq()
    for (seed, groups) in [(nil, 1), (5, 1), (nil, 10)] as [(UInt64?, Int)] {
      // More hypotheses than one forward pass reads.
      var options = Decoding<BeamRequest>.beams(200, maxTokens: 4)
      options.request.seed = seed
      options.request.groups = groups
      options.request.diversityPenalty = 0.5
      let expected = try search(model, options)
      let search = try search(model, options)
      while !expected.isFinished {
        var left = checks
        let cancellation = Cancellation {
          left -= 1
          return left < 0
        }
        if search.made > 1, groups == 1 || checks < 3 {
          #expect(throws: GenerationError.cancelled) { try search.step(cancellation) }
        }
        try search.step()
        try expected.step()
        #expect(search.made == expected.made)
        #expect(search.hypotheses(7) == expected.hypotheses(7))
      }
    }
  }

  @Test func theTimeLimitEndsASearch() throws {
    let model = try GenerationFixture.seq2seq()
    for groups in [1, 2] {
      for wanted in 1...3 {
        // A clock that advances by a second at each reading, which is once per step.
        let clock = CountingClock()
        var options = Decoding<BeamRequest>.beams(4, maxTokens: 10)
        options.request.groups = groups
        options.request.diversityPenalty = 1
        options.request.maxSeconds = Double(wanted) - 0.5
        options.clock = clock.next
        let found = try run(search(model, options))
        #expect(found.count == 4 && found.allSatisfy { $0.finishReason == .time && $0.tokens.count == wanted })
      }
    }
  }

  @Test func aSearchCanContinueADecodersText() throws {
    let model = try GenerationFixture.seq2seq()
    let greedy = try run(search(model, .beams(1, maxTokens: 9)))[0].tokens
    let rest = try run(search(model, .beams(1, maxTokens: 5), ids: [0] + greedy.prefix(4).map(\.id)))[0]
    #expect(rest.tokens.map(\.id) == greedy[4...].map(\.id))
  }

  @Test func fullContextsAndEmptyInputsAreHandled() throws {
    let causal = try GenerationFixture.causal()
    let none = try BeamSearch(
      sequence: ReadSequence(causal), ids: Array(repeating: 5, count: 40), promptCount: 40, decoder: WordDecoder(),
      options: .beams(4, maxTokens: 256))
    #expect(none.isFinished)
    #expect(none.hypotheses(2) == [Completion(text: "", tokens: [], finishReason: .length, score: 0)])
    #expect(throws: GenerationError.emptyPrompt) {
      try search(GenerationFixture.seq2seq(), .beams(4, maxTokens: 256), ids: [])
    }
    #expect(throws: GenerationError.model(.emptyInput)) { try ReadSequence(GenerationFixture.seq2seq(), source: []) }
  }

  @Test func moreBeamsThanTokensAreAllowed() throws {
    let model = try GenerationFixture.seq2seq()
    let found = try run(search(model, .beams(40, maxTokens: 3, endOfTextIDs: [1])))
    #expect(found.count == 10)
    let absurd = try search(model, .beams(.max, maxTokens: 1, endOfTextIDs: [1]))
    #expect(try run(absurd).count == 10)
  }
}
