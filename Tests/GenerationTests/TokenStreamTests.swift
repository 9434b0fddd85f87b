import EngineAPI
import Generation
import Models
import Sampling
import Testing

@Suite struct TokenStreamTests {
  private let prompt = [5, 9, 30, 2, 44, 17, 8]

  private func sampling(_ change: (inout Decoding<GenerationRequest>) -> Void = { _ in }) -> Decoding<GenerationRequest>
  {
    var settings = SamplingSettings()
    settings.temperature = 1.3
    settings.topP = 0.95
    settings.repetitionPenalty = 1.1
    var options = Decoding<GenerationRequest>.stream(settings, maxTokens: 12, seed: 4, topCount: 3)
    change(&options)
    return options
  }

  private func stream(
    _ model: any CausalModel, _ options: Decoding<GenerationRequest>, ids: [Int]? = nil, promptCount: Int? = nil,
    decoder: any TokenTextDecoder = WordDecoder(), sequence: ReadSequence? = nil
  ) throws -> TokenStream {
    let ids = ids ?? prompt
    return try TokenStream(
      sequence: sequence ?? ReadSequence(model), ids: ids, promptCount: promptCount ?? ids.count, decoder: decoder,
      options: options)
  }

  private func tokens(_ events: [TokenEvent]) -> [ScoredID] {
    events.compactMap { if case .token(let token, _) = $0 { token.map(\.id) } else { nil } }
  }

  private func text(_ events: [TokenEvent]) -> String {
    events.map {
      switch $0 {
      case .prompt: ""
      case .token(_, let text), .finished(_, let text, _): text
      }
    }.joined()
  }

  @Test func eventsAreInOrderAndEndWithAReason() throws {
    let model = try GenerationFixture.causal()
    let stream = try stream(model, sampling { $0.request.promptChunk = 3 })
    let events = try TokenStream.run([stream])[0]
    #expect(events.prefix(3) == [.prompt(done: 3, total: 7), .prompt(done: 6, total: 7), .prompt(done: 7, total: 7)])
    #expect(tokens(events) == stream.tokens && stream.tokens.count == 12)
    #expect(events.last?.untimed == .finished(.length, text: ""))
    #expect(events.count == 3 + 12 + 1)
    #expect(text(events) == stream.tokens.map { " \($0.id)" }.joined())
    #expect(stream.tokens.allSatisfy { $0.top.count == 3 })
    #expect(try TokenStream.step([stream]) == [[]])
  }

  @Test func chunksBatchesAndCachedPrefixesChangeNoBit() throws {
    let model = try GenerationFixture.causal()
    let alone = try TokenStream.run([stream(model, sampling())])[0]
    for chunk in 1...7 {
      let chunked = try TokenStream.run([stream(model, sampling { $0.request.promptChunk = chunk })])[0]
      #expect(tokens(chunked) == tokens(alone))
    }
    let company = try [
      stream(model, sampling { $0.request.seed = 99 }, ids: [1, 2]),
      stream(model, sampling { $0.request.promptChunk = 2 }),
      stream(model, sampling { $0.request.maxTokens = 3 }, ids: Array(repeating: 6, count: 20)),
      stream(model, sampling()),
    ]
    let together = try TokenStream.run(company)
    #expect(tokens(together[1]) == tokens(alone))
    #expect(tokens(together[3]) == tokens(alone))
    #expect(tokens(together[0]) != tokens(alone))
    for other in [prompt, Array(prompt.prefix(3)), prompt + [1, 2, 3], [60, 59], Array(prompt.prefix(2)) + [33, 33]] {
      let read = ReadSequence(model)
      try read.read(other)
      let fork = read.fork()
      #expect(tokens(try TokenStream.run([stream(model, sampling(), sequence: fork)])[0]) == tokens(alone))
      #expect(read.ids == other)
    }
  }

  @Test func continuingFromTheMiddleUsesTheSameCoins() throws {
    let model = try GenerationFixture.causal()
    let whole = try stream(model, sampling())
    _ = try TokenStream.run([whole])
    let ids = whole.tokens.map(\.id)
    for made in 1..<12 {
      let rest = try stream(
        model, sampling { $0.request.maxTokens = 12 - made }, ids: prompt + ids.prefix(made), promptCount: prompt.count,
        sequence: whole.sequence.fork())
      _ = try TokenStream.run([rest])
      #expect(rest.tokens == Array(whole.tokens[made...]))
    }
  }

  /// Switches on stages that depend on earlier draws or use a coin of their own.
  private func ownStages(_ options: inout Decoding<GenerationRequest>) {
    options.request.settings.xtcProbability = 0.5
    options.request.settings.xtcThreshold = 0.02
    options.request.settings.mirostatTau = 2
    options.request.settings.mirostatEta = 0.3
    options.request.settings.dryMultiplier = 0.8
    options.request.settings.dryAllowedLength = 1
    options.request.settings.includeSwitchedOn()
    options.sequenceBreakers = SequenceBreakers([[5], [9, 30]])
  }

  @Test func statefulStagesDependOnlyOnTheText() throws {
    let model = try GenerationFixture.causal()
    let whole = try stream(model, sampling(ownStages))
    _ = try TokenStream.run([whole])
    #expect(whole.tokens.count == 12)
    let plain = try stream(model, sampling())
    _ = try TokenStream.run([plain])
    #expect(plain.tokens.map(\.id) != whole.tokens.map(\.id))
    let company = try [
      stream(model, sampling { $0.request.seed = 3 }, ids: [1, 2]), stream(model, sampling(ownStages)),
    ]
    _ = try TokenStream.run(company)
    #expect(company[1].tokens == whole.tokens)
    let ids = whole.tokens.map(\.id)
    for made in 1..<12 {
      for sequence in [whole.sequence.fork(), ReadSequence(model)] {
        let rest = try stream(
          model,
          sampling {
            ownStages(&$0)
            $0.request.maxTokens = 12 - made
          }, ids: prompt + ids.prefix(made), promptCount: prompt.count, sequence: sequence)
        _ = try TokenStream.run([rest])
        #expect(rest.tokens == Array(whole.tokens[made...]), "resumed after \(made)")
      }
    }
  }

  @Test func sequencesOfOneSeedDiffer() throws {
    let model = try GenerationFixture.causal()
    let streams = try (0..<4).map { number in try stream(model, sampling { $0.request.sequence = number }) }
    _ = try TokenStream.run(streams)
    #expect(Set(streams.map { $0.tokens.map(\.id) }).count == 4)
  }

  @Test func keptRowsGiveTheDistributionsOfTheTokens() throws {
    let model = try GenerationFixture.causal()
    let stream = try stream(model, sampling())
    _ = try TokenStream.run([stream])
    for (index, token) in stream.tokens.enumerated() {
      let before = Array(stream.ids.prefix(prompt.count + index))
      let kept = try stream.sequence.logits(after: before)
      #expect(kept == (try ReadSequence(model).logits(after: before)))
      let own = Distribution(logits: kept)
      #expect(own.logprob(of: token.id) == token.logprob && own.entropy == token.entropy && own.top(3) == token.top)
    }
  }

  @Test func theEndOfTextTokenAddsNoText() throws {
    let model = try GenerationFixture.causal()
    let free = try stream(model, sampling())
    _ = try TokenStream.run([free])
    let end = free.tokens[4].id
    let first = free.tokens.firstIndex { $0.id == end } ?? 0
    let stream = try stream(model, sampling { $0.endOfTextIDs = [end] })
    let events = try TokenStream.run([stream])[0]
    #expect(stream.tokens == Array(free.tokens.prefix(first + 1)))
    #expect(events.last?.untimed == .finished(.endOfText, text: ""))
    #expect(text(events) == free.tokens.prefix(first).map { " \($0.id)" }.joined())
  }

  @Test func stopStringsMaySpanTokens() throws {
    let model = try GenerationFixture.causal()
    let free = try stream(model, sampling())
    _ = try TokenStream.run([free])
    let before = free.ids.dropLast(free.tokens.count).map { " \($0)" }.joined()
    let whole = free.tokens.map { " \($0.id)" }.joined()
    for start in 0..<(whole.count - 1) {
      for length in 1...min(6, whole.count - start) {
        let stop = String(Array(whole)[start..<(start + length)])
        let stream = try stream(model, sampling { $0.request.stopStrings = ["unheard", stop] })
        let events = try TokenStream.run([stream])[0]
        // As in transformers, a stop string may begin in the prompt, but must end in the output.
        let beginning = String(before.suffix(length - 1))
        let found = (beginning + whole).firstRange(of: stop)
        let expected = found.map { String((beginning + whole)[..<$0.lowerBound].dropFirst(beginning.count)) }
        #expect(text(events) == expected)
        #expect(events.last?.untimed == .finished(.stop, text: ""))
        let made = beginning + stream.tokens.map { " \($0.id)" }.joined()
        #expect(made.contains(stop) && !made.dropLast(String(" \(stream.tokens.last?.id ?? 0)").count).contains(stop))
      }
    }
  }

  @Test func theTimeLimitEndsAStream() throws {
    let model = try GenerationFixture.causal()
    for wanted in 1...4 {
      let clock = CountingClock()
      let stream = try stream(
        model,
        sampling {
          $0.request.maxSeconds = Double(wanted) + 0.5
          $0.clock = clock.next
        })
      let events = try TokenStream.run([stream])[0]
      #expect(stream.tokens.count == wanted && stream.end == .time)
      #expect(events.last?.untimed == .finished(.time, text: ""))
    }
  }

  @Test func stopStringsAreAlsoFoundInTheBytesOfTokens() throws {
    let model = try GenerationFixture.causal()
    let decoder = PieceDecoder(pieces: Array(repeating: "ab", count: 61), last: "?", name: "<s>")
    let stream = try stream(model, sampling { $0.request.stopStrings = ["b<s>ab"] }, decoder: decoder)
    let events = try TokenStream.run([stream])[0]
    // The stop string is not in the decoded text, so the whole text is returned.
    #expect(stream.tokens.count == 1 && text(events) == "ab?" && events.last?.untimed == .finished(.stop, text: "b?"))
  }

  @Test func theLastEventContainsHeldBackText() throws {
    let model = try GenerationFixture.causal()
    let decoder = PieceDecoder(pieces: Array(repeating: "ab", count: 61), last: "?")
    let stream = try stream(
      model,
      sampling {
        $0.request.stopStrings = ["abx", "b?!"]; $0.request.maxTokens = 2
      }, decoder: decoder)
    let events = try TokenStream.run([stream])[0]
    #expect(events.suffix(3).map { text([$0]) } == ["", "ab", "ab?"])
  }

  @Test func interruptionKeepsTheText() throws {
    let model = try GenerationFixture.causal()
    let decoder = PieceDecoder(pieces: Array(repeating: "ab", count: 61), last: "")
    let stream = try stream(model, sampling { $0.request.stopStrings = ["bab!"] }, decoder: decoder)
    let events = try TokenStream.step([stream])[0] + TokenStream.step([stream])[0]
    #expect(text(events) == "a")
    #expect(stream.interrupt()?.untimed == .finished(.interrupted, text: "bab"))
    #expect(stream.interrupt() == nil && stream.isFinished)
    #expect(try TokenStream.step([stream]) == [[]])
  }

  @Test func theContextBoundsTheLength() throws {
    let model = try GenerationFixture.causal()
    for (count, expected) in [(38, 2), (39, 1), (40, 0)] {
      let stream = try stream(model, sampling(), ids: Array(repeating: 7, count: count))
      let events = try TokenStream.run([stream])[0]
      #expect(stream.tokens.count == expected)
      #expect(events.last?.untimed == .finished(.length, text: ""))
    }
    #expect(throws: GenerationError.promptTooLong(limit: 40, found: 41)) {
      try stream(model, sampling(), ids: Array(repeating: 7, count: 41))
    }
    #expect(throws: GenerationError.emptyPrompt) { try stream(model, sampling(), ids: []) }
    let none = try stream(model, sampling { $0.request.maxTokens = -3 })
    #expect(try TokenStream.run([none])[0].map(\.untimed) == [.finished(.length, text: "")])
  }

  @Test func errorsOfTheModelAreThrownAndChangeNothing() throws {
    let model = try GenerationFixture.causal()
    let bad = try stream(model, sampling(), ids: [4, 61])
    #expect(throws: GenerationError.model(.tokenOutOfRange(id: 61, vocabulary: 61))) { try TokenStream.step([bad]) }
    #expect(bad.sequence.ids.isEmpty && bad.tokens.isEmpty)
    #expect(throws: GenerationError.cancelled) {
      try TokenStream.run([stream(model, sampling())], Cancellation { true })
    }
  }
}
