import EngineAPI
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

  private func options(_ seed: UInt64, _ change: (inout Decoding<GenerationRequest>) -> Void = { _ in }) -> Decoding<
    GenerationRequest
  > {
    var settings = seed.isMultiple(of: 2) ? SamplingSettings.greedy : SamplingSettings()
    if !seed.isMultiple(of: 2) { settings.temperature = 0.7 }
    if seed.isMultiple(of: 3) { settings.repetitionPenalty = 1.2 }
    if seed.isMultiple(of: 5) { settings.noRepeatNGramSize = 3 }
    var options = Decoding<GenerationRequest>.stream(settings, maxTokens: 20, seed: seed, topCount: 2)
    change(&options)
    return options
  }

  private func stream(
    _ model: any CausalModel, _ ids: [Int], _ options: Decoding<GenerationRequest>, _ drafter: (any Drafter)? = nil
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
        #expect(try TokenStream.run([guessed])[0].news == expected.news)
        #expect(guessed.sequence.ids == Array(plain.ids.prefix(guessed.sequence.ids.count)))
        tally.guessed += guessed.tally.guessed
        tally.right += guessed.tally.right
      }
    }
    #expect(tally.right > 1000 && tally.guessed > tally.right)
  }

  /// Switches a stage on, strongly enough to change what is drawn.
  private func switchOn(_ stage: SamplerStage, in settings: inout SamplingSettings) {
    switch stage {
    case .temperature:
      settings.dynatempRange = 0.8
      settings.dynatempExponent = 1.5
    case .dry:
      settings.dryMultiplier = 2
      settings.dryAllowedLength = 1
    case .xtc:
      settings.xtcProbability = 0.5
      settings.xtcThreshold = 0.02
    case .topNSigma: settings.topNSigma = 1
    case .topH: settings.topH = 0.6
    case .epsilonCutoff: settings.epsilonCutoff = 0.02
    case .etaCutoff: settings.etaCutoff = 0.05
    case .mirostat:
      settings.mirostatTau = 2
      settings.mirostatEta = 0.3
    default: Issue.record("the stage has no settings here")
    }
    settings.includeSwitchedOn()
  }

  @Test(
    "a draft changes no byte, whichever stage acts",
    arguments: [SamplerStage.temperature, .dry, .xtc, .topNSigma, .topH, .epsilonCutoff, .etaCutoff, .mirostat])
  func draftsChangeNoByteUnderAStage(_ stage: SamplerStage) throws {
    let model = try GenerationFixture.causal()
    var tally = GuessTally()
    var changed = 0
    for (number, prompt) in prompts(12).enumerated() {
      var options = options(UInt64(number)) {
        $0.request.settings.temperature = 1.2
        $0.sequenceBreakers = SequenceBreakers([[5], [9, 30]])
      }
      let without = try stream(model, prompt, options)
      _ = try TokenStream.run([without])
      switchOn(stage, in: &options.request.settings)
      let plain = try stream(model, prompt, options)
      let expected = try TokenStream.run([plain])[0].news
      if plain.ids != without.ids { changed += 1 }
      let drafters: [any Drafter] = [
        PromptLookup(shortest: 1), ModelDrafter(model, options: options), Oracle(plain.ids, rightFor: number % 5),
      ]
      for drafter in drafters {
        let guessed = try stream(model, prompt, options, drafter)
        #expect(try TokenStream.run([guessed])[0].news == expected, "prompt \(number)")
        tally.guessed += guessed.tally.guessed
        tally.right += guessed.tally.right
      }
    }
    #expect(changed > 0 && tally.right > 100 && tally.guessed > tally.right)
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
    let plain = try stream(model, [4, 8], options(2) { $0.request.maxTokens = 40 })
    _ = try TokenStream.run([plain])
    let oracle = Oracle(plain.ids, rightFor: 0)
    let guessed = try stream(model, [4, 8], options(2) { $0.request.maxTokens = 40 }, oracle)
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
          if ends { $0.endOfTextIDs = [id] } else { $0.request.stopStrings = [" \(id) "] }
        }
        let expected = try stream(model, [4, 8], options)
        let events = try TokenStream.run([expected])[0]
        let guessed = try stream(model, [4, 8], options, Oracle(plain.ids, rightFor: 99))
        #expect(try TokenStream.run([guessed])[0].news == events.news)
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
    let options = options(4) { $0.request.maxTokens = 100 }
    let plain = try stream(model, prompt, options)
    let guessed = try stream(
      model, prompt, options, DrafterList([PromptLookup(), ModelDrafter(model, options: options)]))
    #expect(try TokenStream.run([guessed])[0].news == TokenStream.run([plain])[0].news)
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

extension [TokenEvent] {
  /// The events without progress, which depends on the passes, and without times.
  fileprivate var news: [TokenEvent] {
    filter { if case .prompt = $0 { false } else { true } }.map(\.untimed)
  }
}
