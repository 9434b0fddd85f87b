import EngineAPI
import Engines
import Sampling
import Testing

/// Speculative decoding through the engine: the same tokens, fewer passes, and errors for unfit models.
@Suite struct SpeculationTests {
  let engine = BundledEngine.make()
  private let story = ModelReference("storyteller")

  private func request(
    _ temperature: Double, _ speculation: Speculation, model: ModelReference? = nil
  ) async throws -> GenerationRequest {
    var settings = SamplingSettings()
    settings.temperature = temperature
    let model = model ?? story
    let ids = try await engine.ids("Once upon a time there was a king", story)
    return GenerationRequest(
      context: ModelContext(model: model, ids: ids), settings: settings, maxTokens: 40, seed: 5,
      ignoresEndOfText: true, topCount: 3, speculation: speculation)
  }

  private func timing(_ request: GenerationRequest) async -> GenerationTiming? {
    for await event in engine.generate(request) {
      if case .finished(_, _, let timing) = event { return timing }
    }
    return nil
  }

  @Test(arguments: [0, 0.8]) func tokensEqualThoseOfPlainDecoding(temperature: Double) async throws {
    let plain = await Heard(engine.generate(try await request(temperature, .off)))
    #expect(plain.tokens.count == 40)
    for draft in [nil, BundledEngine.mini, ModelReference("storyteller-mini", format: .q4)] {
      for looksUp in [false, true] {
        let speculation = Speculation(looksUpPrompt: looksUp, draft: draft)
        let heard = await Heard(engine.generate(try await request(temperature, speculation)))
        #expect(heard.tokens == plain.tokens)
        #expect(heard.text == plain.text)
        #expect(heard.late == 0)
      }
    }
  }

  @Test func guessesAreCounted() async throws {
    let same = await timing(try await request(0, Speculation(draft: story)))
    // A model as its own draft model is always right.
    #expect(same?.guessed == same?.guessedRight)
    #expect((same?.guessed ?? 0) > 20)
    let plain = await timing(try await request(0, .off))
    #expect(plain?.guessed == 0)
  }

  @Test(arguments: ["cloze", "interpreter"]) func aDraftMustBeCausal(name: String) async throws {
    let heard = await Heard(engine.generate(try await request(0, Speculation(draft: ModelReference(name)))))
    guard case .failed(let error) = heard.reason else { Issue.record("no failure"); return }
    #expect(error.kind == .usage)
    #expect(error.expected?.contains("causal") == true)
  }

  @Test func aMaskedOrTranslatingModelTakesNoDraft() async throws {
    var request = try await request(0, Speculation(draft: BundledEngine.mini), model: BundledEngine.interpreter)
    request.context = ModelContext(model: BundledEngine.interpreter, encoderIDs: [5, 1], ids: [])
    let heard = await Heard(engine.generate(request))
    guard case .failed(let error) = heard.reason else { Issue.record("no failure"); return }
    #expect(error.kind == .usage)
  }
}
