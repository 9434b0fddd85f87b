import Generation
import Models
import Sampling
import Testing

/// Speculation changes no token: a stream with a drafter has the tokens and numbers of plain decoding, bit for bit.
@Suite struct SpeculationTests {
  /// A drafter that is right up to a position of the text, and wrong from there on.
  private final class Oracle: Drafter {
    let text: [Int]
    let rightFor: Int
    private(set) var asked = 0

    init(_ text: [Int], rightFor: Int) {
      self.text = text
      self.rightFor = rightFor
    }

    func draft(after history: TokenHistory, atMost count: Int) -> [Int] {
      asked += 1
      let rest = text.dropFirst(history.ids.count).prefix(count)
      return rest.enumerated().map { $0 < rightFor ? $1 : ($1 + 1) % 61 }
    }
  }

  private func options(_ seed: UInt64, _ change: (inout StreamOptions) -> Void = { _ in }) -> StreamOptions {
    var settings = seed.isMultiple(of: 2) ? SamplingSettings.greedy : SamplingSettings()
    if !seed.isMultiple(of: 2) { settings.temperature = 0.7 }
    if seed.isMultiple(of: 3) { settings.repetitionPenalty = 1.2 }
    if seed.isMultiple(of: 5) { settings.noRepeatNGramSize = 3 }
    var options = StreamOptions(settings: settings, maxTokens: 20, seed: seed, topCount: 2)
    change(&options)
    return options
  }

  private func stream(
    _ model: any CausalModel, _ ids: [Int], _ options: StreamOptions, _ drafter: (any Drafter)? = nil
  ) throws -> TokenStream {
    try TokenStream(
      sequence: ReadSequence(model), ids: ids, promptCount: ids.count, decoder: WordDecoder(), options: options,
      drafter: drafter)
  }

  /// Seeded prompts of 1 to 12 ids, some with repetitions in them.
  private func prompts(_ count: Int) -> [[Int]] {
    (0..<count).map { number in
      var generator = SeededGenerator(seed: 77, sequence: number)
      let ids = (0...(number % 6)).map { _ in Int(generator.nextCoin() * 60) }
      return number.isMultiple(of: 2) ? ids + ids : ids
    }
  }

  @Test func twoHundredPromptsGiveTheTokensOfPlainDecoding() throws {
    let model = try GenerationFixture.causal()
    var tally = GuessTally()
    for (number, prompt) in prompts(200).enumerated() {
      let options = options(UInt64(number))
      let plain = try stream(model, prompt, options)
      let expected = try TokenStream.run([plain])[0]
      let drafters: [any Drafter] = [
        PromptLookup(shortest: 1), ModelDrafter(model, options: options),
        DrafterList([PromptLookup(), ModelDrafter(model, options: options)]),
        Oracle(plain.ids, rightFor: number % 5),
      ]
      for drafter in drafters {
        let guessed = try stream(model, prompt, options, drafter)
        #expect(try TokenStream.run([guessed])[0].filter(\.isNotProgress) == expected.filter(\.isNotProgress))
        #expect(guessed.sequence.ids == Array(plain.ids.prefix(guessed.sequence.ids.count)))
        tally.guessed += guessed.tally.guessed
        tally.right += guessed.tally.right
      }
    }
    #expect(tally.right > 1000 && tally.guessed > tally.right)
  }

  @Test func rightGuessesSaveForwardPasses() throws {
    let model = try GenerationFixture.causal()
    let plain = try stream(model, [4, 8], options(2))
    _ = try TokenStream.run([plain])
    let guessed = try stream(model, [4, 8], options(2), Oracle(plain.ids, rightFor: 99))
    var passes = 0
    while !guessed.isFinished {
      _ = try TokenStream.step([guessed])
      passes += 1
    }
    #expect(guessed.tokens == plain.tokens)
    // Tokens per pass: 1, then 4 with 3 guesses, 7 with 6 guesses, and the last 8 with 7 guesses.
    #expect(passes == 4)
    #expect(guessed.tally.guessed == 16 && guessed.tally.right == 16)
  }

  @Test func wrongGuessesMakeGuessingRare() throws {
    let model = try GenerationFixture.causal()
    let plain = try stream(model, [4, 8], options(2) { $0.maxTokens = 40 })
    _ = try TokenStream.run([plain])
    let oracle = Oracle(plain.ids, rightFor: 0)
    let guessed = try stream(model, [4, 8], options(2) { $0.maxTokens = 40 }, oracle)
    _ = try TokenStream.run([guessed])
    #expect(guessed.tokens == plain.tokens)
    #expect(guessed.tally.right == 0)
    #expect(oracle.asked < 10)
  }

  @Test func aStreamCanEndInsideGuesses() throws {
    let model = try GenerationFixture.causal()
    let plain = try stream(model, [4, 8], options(7))
    _ = try TokenStream.run([plain])
    for place in 0..<plain.tokens.count {
      let id = plain.tokens[place].id
      for ends in [true, false] {
        let options = options(7) {
          if ends { $0.endOfTextIDs = [id] } else { $0.stopStrings = [" \(id) "] }
        }
        let expected = try stream(model, [4, 8], options)
        let events = try TokenStream.run([expected])[0]
        let guessed = try stream(model, [4, 8], options, Oracle(plain.ids, rightFor: 99))
        #expect(try TokenStream.run([guessed])[0].filter(\.isNotProgress) == events.filter(\.isNotProgress))
      }
    }
  }

  @Test func streamsWithAndWithoutGuessesRunTogether() throws {
    let model = try GenerationFixture.causal()
    let all = prompts(6)
    let alone = try all.indices.map { index in
      let stream = try stream(model, all[index], options(UInt64(index)))
      _ = try TokenStream.run([stream])
      return stream
    }
    let together = try all.indices.map { index in
      try stream(
        model, all[index], options(UInt64(index)),
        index.isMultiple(of: 2) ? nil : Oracle(alone[index].ids, rightFor: index))
    }
    _ = try TokenStream.run(together)
    for (one, other) in zip(alone, together) { #expect(one.tokens == other.tokens) }
  }

  @Test func guessesDoNotExceedTheContext() throws {
    let model = try GenerationFixture.causal()
    let context = try #require(model.facts.contextLength)
    let prompt = (0..<(context - 5)).map { $0 % 7 }
    let options = options(4) { $0.maxTokens = 100 }
    let plain = try stream(model, prompt, options)
    let guessed = try stream(
      model, prompt, options, DrafterList([PromptLookup(), ModelDrafter(model, options: options)]))
    #expect(
      try TokenStream.run([guessed])[0].filter(\.isNotProgress) == TokenStream.run([plain])[0].filter(\.isNotProgress))
    #expect(guessed.ids.count == context)
  }

  @Test func promptLookupPrefersTheLongestThenTheLatestMatch() {
    let lookup = PromptLookup(shortest: 1, longest: 3)
    func guesses(_ ids: [Int], _ count: Int = 3) -> [Int] {
      lookup.draft(after: TokenHistory(prompt: ids), atMost: count)
    }
    #expect(guesses([1, 2, 3, 4, 9, 1, 2, 3]) == [4, 9, 1])
    // The end 2 3 occurs twice before; the later place is used.
    #expect(guesses([2, 3, 5, 2, 3, 6, 7, 2, 3], 2) == [6, 7])
    // A longer match is preferred to a later one.
    #expect(guesses([1, 2, 3, 5, 7, 2, 3, 6, 1, 2, 3], 1) == [5])
    #expect(guesses([4, 4, 4], 9) == [4])
    #expect(guesses([1, 2, 3]) == [])
    #expect(guesses([]) == [])
    #expect(guesses([5]) == [])
  }

  @Test func theDraftModelStopsAtTheEndOfItsContext() throws {
    let model = try GenerationFixture.causal()
    let context = try #require(model.facts.contextLength)
    let drafter = ModelDrafter(model, options: options(2))
    let fits = TokenHistory(prompt: (0..<(context - 1)).map { $0 % 9 })
    #expect(try drafter.draft(after: fits, atMost: 7).count == 2)
    let tooLong = TokenHistory(prompt: (0...context).map { $0 % 9 })
    #expect(try drafter.draft(after: tooLong, atMost: 7) == [])
  }
}

extension StreamEvent {
  /// Whether it is anything other than progress, which depends on the passes.
  fileprivate var isNotProgress: Bool {
    if case .prompt = self { false } else { true }
  }
}
