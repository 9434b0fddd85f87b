import EngineAPI
import Sampling
import Testing

@testable import Engines

/// Streams end with a reason, and give the same bytes whatever else the engine runs.
@Suite struct StreamTests {
  let engine = BundledEngine.make()
  let prompt = "Once upon a time there was"

  @Test func theFinishReasonIsTheLastEvent() async throws {
    let heard = await Heard(engine.generate(try await engine.request(prompt)))
    #expect(heard.reason == .length)
    #expect(heard.tokens.count == 24)
    #expect(heard.late == 0)
    #expect(
      heard.text == (try await engine.detokenize(heard.ids, model: BundledEngine.mini, skippingSpecialTokens: true)))
  }

  @Test func aSeedGivesTheSameTokensAloneAndInABatch() async throws {
    let request = try await engine.request(prompt)
    let alone = await Heard(engine.generate(request))
    let other = try await engine.request("It was a dark and stormy night, and", maxTokens: 40, seed: 9)
    async let first = Heard(engine.generate(request))
    async let second = Heard(engine.generate(other))
    async let third = Heard(engine.generate(request))
    let together = await [first, second, third]
    #expect(together[0].tokens == alone.tokens)
    #expect(together[2].tokens == alone.tokens)
    #expect(together[1].tokens != alone.tokens)
  }

  @Test func beamSamplingGivesTheSameBeamsAloneAndInABatch() async throws {
    let stream = try await engine.request("It was a dark and stormy night, and", maxTokens: 40, seed: 9)
    let context = try await engine.request(prompt).context
    func beams(seed: UInt64) -> BeamRequest {
      var request = BeamRequest(context: context, beams: 3, returned: 3, maxTokens: 12)
      request.seed = seed
      return request
    }
    let request = beams(seed: 5)
    let alone = try await BundledEngine.make().beamSearch(request, progress: { _ in })
    async let first = engine.beamSearch(request, progress: { _ in })
    async let second = Heard(engine.generate(stream))
    async let third = engine.beamSearch(request, progress: { _ in })
    let (one, heard, two) = (try await first, await second, try await third)
    #expect(one.completions == alone.completions && two.completions == alone.completions)
    #expect(heard.tokens.count == 40 && alone.completions.count == 3)
    #expect(try await engine.beamSearch(beams(seed: 6), progress: { _ in }).completions != alone.completions)
  }

  @Test(arguments: [1, 2, 7, 64]) func thePromptChunkChangesNoToken(chunk: Int) async throws {
    let whole = await Heard(engine.generate(try await engine.request(prompt)))
    let fresh = BundledEngine.make()
    let pieces = await Heard(fresh.generate(try await fresh.request(prompt) { $0.promptChunk = chunk }))
    #expect(pieces.tokens == whole.tokens)
    #expect(pieces.text == whole.text)
  }

  @Test func theNumberOfThreadsChangesNoToken() async throws {
    let request = try await engine.request(prompt)
    var all: [[ScoredToken]] = []
    for threads in [1, 2, 3] {
      try await engine.setThreads(threads)
      // Use a new engine, so that the prompt is computed with these threads too.
      all.append(await Heard(BundledEngine.make().generate(request)).tokens)
    }
    try await engine.setThreads(0)
    #expect(all[0] == all[1] && all[1] == all[2])
    #expect(all[0].count == 24)
  }

  @Test func continuingFromAPrefixGivesTheSameTokens() async throws {
    let request = try await engine.request(prompt)
    let whole = await Heard(engine.generate(request))
    var later = request
    later.context.ids += whole.ids.prefix(10)
    later.maxTokens = 14
    let rest = await Heard(engine.generate(later))
    #expect(rest.ids == Array(whole.ids.dropFirst(10)))
  }

  @Test func leavingAStreamStopsItsWork() async throws {
    let request = try await engine.request(prompt, maxTokens: 400)
    for await event in engine.generate(request) {
      if case .token = event { break }
    }
    // The engine serves the next request although the first stream was far from its end.
    let next = await Heard(engine.generate(try await engine.request("And then", maxTokens: 2)))
    #expect(next.reason == .length)
    #expect(await engine.runningStreams == 0)
  }

  @Test func sequencesOfOneSeedDiffer() async throws {
    let first = await Heard(engine.generate(try await engine.request(prompt)))
    let second = await Heard(engine.generate(try await engine.request(prompt) { $0.sequence = 1 }))
    #expect(first.ids != second.ids)
  }

  @Test func stopStringsEndTheText() async throws {
    let whole = await Heard(engine.generate(try await engine.request(prompt, maxTokens: 40)))
    let characters = Array(whole.text)
    let stop = String(characters[12..<17])
    let heard = await Heard(
      engine.generate(try await engine.request(prompt, maxTokens: 40) { $0.stopStrings = [stop] }))
    #expect(heard.reason == .stop)
    #expect(whole.text.hasPrefix(heard.text + stop))
    #expect(!heard.text.contains(stop))
  }

  @Test func aTooLongPromptIsRefused() async throws {
    var request = try await engine.request(prompt)
    request.context.ids = Array(repeating: 65, count: 1025)
    let heard = await Heard(engine.generate(request))
    guard case .failed(let error) = heard.reason else { Issue.record("no failure"); return }
    #expect(error.kind == .input)
    #expect(error.expected?.contains("1024") == true && error.found == "1025")
  }

  @Test func aMaskedModelDoesNotGenerate() async throws {
    let request = GenerationRequest(context: ModelContext(model: BundledEngine.cloze, ids: [2, 3]))
    let heard = await Heard(engine.generate(request))
    guard case .failed(let error) = heard.reason else { Issue.record("no failure"); return }
    #expect(error.kind == .usage)
  }
}

extension LocalEngine {
  /// The number of running streams.
  fileprivate var runningStreams: Int { streams.count }
}
