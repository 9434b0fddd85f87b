import Generation
import Models
import Sampling
import Testing

/// Greedy and beam search against `generate` of transformers.
@Suite struct DecodingReferenceTests {
  /// In transformers scores are sums of up to 20 single-precision log-probabilities.
  let tolerance = 2e-4

  @Test func causalSearchEqualsTheReference() throws {
    let model = try GenerationFixture.causal()
    for (number, sample) in try GenerationFixture.load(DecodingFixture.self, "decoding.json").gpt2.enumerated() {
      try check(sample, number, start: sample.prompt, promptCount: sample.prompt.count) { ReadSequence(model) }
    }
  }

  @Test func seq2seqSearchEqualsTheReference() throws {
    let model = try GenerationFixture.seq2seq()
    for (number, sample) in try GenerationFixture.load(DecodingFixture.self, "decoding.json").t5.enumerated() {
      try check(sample, number, start: [0], promptCount: 1) { try ReadSequence(model, source: sample.prompt) }
    }
  }

  private func check(
    _ sample: DecodingFixture.Case, _ number: Int, start: [Int], promptCount: Int, _ sequence: () throws -> ReadSequence
  ) throws {
    let comment: Comment = "case \(number): \(sample.options)"
    let search = try BeamSearch(
      sequence: sequence(), ids: start, promptCount: promptCount, decoder: WordDecoder(),
      options: sample.options.beamOptions)
    while !search.isFinished { try search.step() }
    let found = search.hypotheses(sample.options.returned)
    #expect(found.map { $0.tokens.map(\.id) } == sample.answers.map(\.ids), comment)
    for (hypothesis, answer) in zip(found, sample.answers) {
      if let score = answer.score { #expect(abs((hypothesis.score ?? .infinity) - score) < tolerance, comment) }
      let ended = sample.options.eos.contains(answer.ids.last ?? -1)
      #expect(hypothesis.finishReason == (ended ? .endOfText : .length), comment)
      let words = answer.ids.dropLast(ended ? 1 : 0).map { " \($0)" }.joined()
      #expect(hypothesis.text == words, comment)
    }
    guard sample.options.beams == 1 else { return }
    let stream = try TokenStream(
      sequence: sequence(), ids: start, promptCount: promptCount, decoder: WordDecoder(),
      options: sample.options.streamOptions)
    _ = try TokenStream.run([stream])
    #expect(stream.tokens.map(\.id) == sample.answers[0].ids, comment)
  }

  @Test func theScoreIsTheSumOfTheTokensLogprobs() throws {
    let model = try GenerationFixture.seq2seq()
    for sample in try GenerationFixture.load(DecodingFixture.self, "decoding.json").t5 where sample.options.beams > 1 {
      let search = try BeamSearch(
        sequence: ReadSequence(model, source: sample.prompt), ids: [0], promptCount: 1, decoder: WordDecoder(),
        options: sample.options.beamOptions)
      while !search.isFinished { try search.step() }
      for hypothesis in search.hypotheses(sample.options.beams) {
        let sum = hypothesis.tokens.reduce(0) { $0 + ($1.sampledLogprob ?? .nan) }
        let length = Double(hypothesis.tokens.count)
        #expect(abs((hypothesis.score ?? .infinity) - sum / Natural.power(length, sample.options.penalty)) < 1e-9)
      }
    }
  }
}
