import EngineAPI
import PlaygroundApp
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// The playground with an engine that generates and knows 20 candidates per position. The screen marks unknown values.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct PartialEngineStories {
  private func open(
    _ world: World, model: String, size: Size = Size(120, 36), task: TabID = .generate
  ) -> Session {
    let router = EngineRouter(ScriptedEngine()).registering(TopTwentyEngine(), for: "top20")
    return world.open(router, size: size) { options in
      options.models = [ModelReference("top20:" + model)]
      options.task = task
    }
  }

  private func leave(_ session: Session) async {
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  /// The text `≥ 93.1 %` for the 20 most probable tokens after a prompt, from the scripted model's numbers.
  private func mass(after prompt: String) async throws -> String {
    let engine = ScriptedEngine()
    let model = ModelReference("storyteller")
    let ids = try await engine.tokenize(prompt, model: model).map(\.token.id)
    let answer = try await engine.distribution(
      DistributionRequest(context: ModelContext(model: model, ids: ids), position: ids.count, window: 0..<20))
    let tenths = Int((answer.candidates.last?.cumulative ?? 0) * 1000)
    return "≥ \(tenths / 10).\(tenths % 10) %"
  }

  @Test func theCandidatesShowHowMuchIsKnown() async throws {
    let session = open(try World(), model: "storyteller")
    session.terminal.type("Once upon a time")
    let lines = await session.see("\(try await mass(after: "Once upon a time")) covered by 20")
    #expect(lines.contains { $0.contains("entropy not known") })
    #expect(lines.contains { $0.contains("of 20 known") })
    #expect(lines.contains { $0.contains("tokens, context not known") })
    #expect(!lines.contains { $0.contains("0.00 bits") || $0.contains("f32") })
    await leave(session)
  }

  @Test func aTokenOutsideTheKnownOnesHasNoRankAndNoProbability() async throws {
    let session = open(try World(), model: "storyteller")
    session.terminal.type("Once upon q")
    session.press("left")
    let lines = await session.see(">20")
    let row = try #require(lines.first { $0.contains(">20") })
    #expect(row.contains("q") && row.contains("not known") && !row.contains("0.00"))
    await leave(session)
  }

  @Test func aStreamRunsAndItsTokensShowUnknownValues() async throws {
    let session = open(try World(), model: "storyteller")
    session.terminal.type("Once upon a time\n")
    await session.see("little girl, who had no father")
    session.press("tab", "tab", "left", "left")
    let lines = await session.see("rank 1")
    let legend = try #require(lines.first { $0.contains("rank 1") })
    #expect(legend.contains("entropy not known"))
    await leave(session)
  }

  @Test func theChainIsRefusedAndTheSamplerShowsTheReason() async throws {
    let session = open(try World(), model: "storyteller")
    session.terminal.type("Once upon a time")
    await session.see("entropy not known")
    session.press("tab", "d")
    await session.see("the effect of the chain is not known: the engine of top20:storyteller does not report it")
    session.press("s")
    await session.see("what the chain keeps is not known")
    session.press("esc")
    await leave(session)
  }

  @Test func theModelListShowsUnknownValues() async throws {
    let session = open(try World(), model: "storyteller")
    await session.see("nothing to go on from")
    session.press("f2")
    session.terminal.type("top20:cl")
    let lines = await session.see("size not known")
    #expect(lines.contains { $0.contains("context not known") })
    session.press("esc")
    await leave(session)
  }

  @Test func masksAreShownSeparatelyAndFillingThemIsRefused() async throws {
    let session = open(try World(), model: "cloze", task: .fillMask)
    session.terminal.type("[MASK] is [MASK]")
    await session.see("no mask filling")
    let lines = await session.see("france")
    #expect(lines.contains { $0.contains("not known") })
    await leave(session)
  }

  @Test func aTranslationIsRefusedWithTheMissingCapability() async throws {
    let session = open(try World(), model: "interpreter", task: .translate)
    await session.see("no translation prefixes")
    session.terminal.type("How are you?\n")
    await session.see("no beam search")
    session.press("esc")
    await leave(session)
  }

  @Test(arguments: [Size(80, 24), Size(40, 12)]) func smallerScreensShowUnknownValuesToo(size: Size) async throws {
    let session = open(try World(), model: "storyteller", size: size)
    session.terminal.type("Once upon a time")
    if size.width < 60 { session.press("tab") }
    await session.see("not known")
    await leave(session)
  }

  @Test func aModelWithAnUnknownSchemeGivesAnErrorBox() async throws {
    let session = try World().open(EngineRouter(ScriptedEngine()), size: Size(120, 36)) { options in
      options.models = [ModelReference("nothing:x")]
    }
    await session.see("unknown scheme")
    session.press("esc")
    await leave(session)
  }
}
