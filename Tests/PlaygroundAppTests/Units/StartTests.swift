import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The start of a session. Every changed field of the state is checked.
@Suite struct StartTests {
  private let storyteller = ModelReference("storyteller")
  private let size = Size(80, 24)

  @Test func theStartAsksForTheOpenTabsModelAlone() {
    let (state, effects) = PlaygroundState.initial(size: size)
    #expect(effects == [.listModels, .load(storyteller)])
    #expect(state.tab == .generate && state.focus == .prompt)
    #expect(state.opened == [storyteller: .loading(LoadProgress(fraction: 0, step: "opening"))])
  }

  @Test func otherModelsAndTabsCanBeWishedFor() {
    let own = ModelReference("/models/own")
    let (state, effects) = PlaygroundState.initial(
      models: [.generate: [own, storyteller]], tab: .translate, settings: PlaygroundSettings(mouse: true), size: size)
    #expect(effects == [.listModels, .captureMouse(true), .load(ModelReference("interpreter"))])
    #expect(state.generate.streams.map(\.model) == [own, storyteller])
  }

  @Test func atMostFourStreamsOpen() {
    let many = (0..<7).map { ModelReference("m\($0)") }
    let (state, _) = PlaygroundState.initial(models: [.generate: many], size: size)
    #expect(state.generate.streams.count == 4)
  }

  @Test func loadingIsShownUntilTheModelIsOpen() throws {
    var (state, _) = PlaygroundState.initial(size: size)
    let progress = LoadProgress(fraction: 0.4, step: "packing")
    expectUpdate(&state, .loading(storyteller, progress)) {
      $0.opened[ModelReference("storyteller")] = .loading(progress)
    }
    let information = try ScriptedEngine().model(storyteller).information(storyteller)
    let question = TokenQuestion(text: "", model: storyteller)
    expectUpdate(
      &state, .loaded(storyteller, .success(information)),
      effects: [.tokenize(Ticket(.tokens(.generate), version: 1), text: "", model: storyteller)]
    ) {
      $0.opened[ModelReference("storyteller")] = .ready(information)
      $0.generate.streams[0].settings = information.decoding.settings
      $0.generate.streams[0].maxTokens = 256
      $0.generate.prompt.asked = question
      $0.generate.prompt.awaited = 1
      $0.lastVersion = 1
    }
    // A late progress report changes nothing.
    expectUpdate(&state, .loading(storyteller, progress)) { _ in }
  }

  @Test func aModelThatCanNotBeOpenedIsToldInABox() {
    var (state, _) = PlaygroundState.initial(size: size)
    let error = EngineError(.model, "no such model", at: "storyteller")
    expectUpdate(&state, .loaded(storyteller, .failure(error))) {
      $0.opened[ModelReference("storyteller")] = .failed(error)
      $0.overlay = .failure(error)
      $0.shell.hasFailed = true
    }
    expectUpdate(&state, .key("x")) { $0.overlay = nil }
  }

  @Test func theModelsOwnSettingsAreTakenUnlessThePersonHasSome() {
    var information = ScriptedModel.bundled[0].information(storyteller)
    information.decoding.sampling.temperature = 0.3
    information.decoding.length.maxNewTokens = 40
    var (state, _) = PlaygroundState.initial(size: size)
    _ = update(&state, .loaded(storyteller, .success(information)))
    #expect(state.generate.leading.settings.temperature == 0.3 && state.generate.leading.maxTokens == 40)
    var (other, _) = PlaygroundState.initial(settings: .steady, size: size)
    _ = update(&other, .loaded(storyteller, .success(information)))
    #expect(other.generate.leading.settings.temperature == 0.8)
  }

  @Test func lengthsOfAModelsFilesCountThePrompt() {
    let tokens = { (ids: [Int]) in
      TokenizedText("abc", ids.map { TokenSpan(token: TokenValue(id: $0, bytes: []), range: 0..<0, isSpecial: false) })
    }
    var information = ScriptedModel.bundled[0].information(storyteller)
    (information.decoding.length.maxLength, information.decoding.length.minLength) = (12, 9)
    information.notices = ["a notice"]
    var (state, _) = PlaygroundState.initial(size: size)
    _ = update(&state, .loaded(storyteller, .success(information)))
    #expect(state.notice == "a notice")
    guard
      case .generate(_, let request)? = state.with(
        GenerateState.self, { $0.start(stream: 0, tokens([5, 6, 7]), of: "abc", &$1) }
      ).first
    else {
      Issue.record("no request")
      return
    }
    #expect(request.maxTokens == 9 && request.settings.minTokens == 6)
    #expect(state.generate.differences(stream: 0).settings.isEmpty)
    let effects = state.with(GenerateState.self) { $0.start(stream: 0, tokens(Array(0..<12)), of: "abc", &$1) }
    #expect(effects.isEmpty)
    guard case .failure(let error) = state.overlay else {
      Issue.record("no error")
      return
    }
    #expect(error.expected == "fewer than 12 tokens")
  }

  @Test func aModelOfAnotherFamilyIsRefused() {
    let cloze = ModelReference("cloze")
    var (state, _) = PlaygroundState.initial(models: [.generate: [cloze]], size: size)
    _ = update(&state, .loaded(cloze, .success(ScriptedModel.bundled[2].information(cloze))))
    guard case .failure(let error) = state.overlay else {
      Issue.record("no error")
      return
    }
    #expect(error.expected == "a causal model" && error.found == "a masked model")
    #expect(state.shell.information(cloze) == nil)
  }

  @Test func unknownGenerationKeysAreNamed() {
    var information = ScriptedModel.bundled[0].information(storyteller)
    information.unknownGenerationKeys = ["guidance_scale"]
    var (state, _) = PlaygroundState.initial(size: size)
    _ = update(&state, .loaded(storyteller, .success(information)))
    #expect(state.notice == "generation_config.json of storyteller: this key is unknown and not used: guidance_scale")
  }

  @Test(arguments: [TerminationSignal.interrupt, .terminate, .hangup])
  func signalsLeaveWithTheirCode(signal: TerminationSignal) {
    var (state, _) = PlaygroundState.initial(size: size)
    expectUpdate(&state, .input(.signal(signal)), effects: [.leave(code: 128 + signal.rawValue)]) { _ in }
  }

  @Test func anotherSizeChangesTheSizeAlone() {
    var (state, _) = PlaygroundState.initial(size: size)
    state.generate.candidates.window.update(height: 7)
    expectUpdate(&state, .input(.resize(Size(120, 36)))) {
      $0.size = Size(120, 36)
      $0.generate.candidates.window.update(height: 28)
    }
  }
}
