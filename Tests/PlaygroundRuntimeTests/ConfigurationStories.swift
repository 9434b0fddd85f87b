import EngineAPI
import LocalFiles
import PlaygroundApp
import ScriptedSupport
import TerminalUI
import TestSupport
import Testing

@testable import PlaygroundRuntime

/// The effects of the configuration file and the command line on a session.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct ConfigurationStories {
  @Test func problemsAreShownWithTheirLineAndTheSessionContinues() async throws {
    let world = try World()
    try world.configure("color: auto\nthemes: nord\nmouse: perhaps\n")
    let session = world.open(size: Size(120, 36))
    let lines = await session.see("unknown setting")
    let text = lines.joined(separator: " ")
    #expect(text.contains("config.yaml:2:1"))
    #expect(text.contains("did you mean theme?"))
    #expect(text.contains("mouse"))
    session.press("esc")
    session.terminal.type("goes on")
    await session.see("goes on")
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  @Test func keysCanBeRebound() async throws {
    let world = try World()
    try world.configure("keys:\n  app.quit: [f12]\n")
    let session = world.open()
    session.terminal.type("hello")
    await session.see("hello")
    session.press("f12")
    #expect(await session.code == 0)
  }

  @Test func unknownActionsAndKeysAreReported() throws {
    let world = try World()
    try world.configure("keys:\n  app.quit: [f99]\n  app.fly: [x]\n")
    let setup = PlaygroundSetup(PlaygroundOptions(environment: world.environment))
    let failure = try #require(setup.failure)
    #expect(failure.place?.hasSuffix("config.yaml:2:13") == true)
    #expect(failure.hint?.contains("app.fly") == true)
  }

  @Test func settingsAreReadFromTheFile() throws {
    let world = try World()
    try world.configure(
      """
      heat: rank
      heat-scale: diverging
      mouse: true
      max-tokens: 99
      beams: 2
      seed: 5
      models: {translate: ./mine}
      sampling: {temperature: 0.5}
      """)
    let setup = PlaygroundSetup(PlaygroundOptions(environment: world.environment))
    #expect(setup.failure == nil)
    #expect(setup.settings.heat == .rank)
    #expect(setup.settings.heatKind == .diverging)
    #expect(setup.settings.mouse)
    #expect(setup.settings.maxTokens == 99)
    #expect(setup.settings.beams == 2)
    #expect(setup.settings.seed == 5)
    #expect(setup.settings.sampling?.temperature == 0.5)
    #expect(setup.models == [.translate: [ModelReference("./mine")]])
    #expect(setup.task == .generate)
  }

  @Test func theExampleInTheReadmeIsValid() throws {
    let readme = try TextFile.read(Fixtures.folder + "/../../README.md", limit: 1 << 20)
    let section = try #require(readme.range(of: "config.yaml"))
    let block = try #require(readme[section.upperBound...].firstMatch(of: /```yaml\n((?:.|\n)*?)```/))
    let world = try World()
    world.variables["TRIPTYCH_HOME"] = Fixtures.folder + "/../.."
    try world.configure(String(block.1))
    let setup = PlaygroundSetup(PlaygroundOptions(environment: world.environment))
    #expect(setup.failure == nil)
  }

  @Test func theCommandLineOverridesTheFile() throws {
    let world = try World()
    try world.configure("models: {generate: configured, fill-mask: other}\n")
    var options = PlaygroundOptions(
      PlayRequest(models: [ModelReference("a"), ModelReference("b"), ModelReference("c")]),
      family: { ["a": .masked, "b": .causal, "c": .causal][$0.name] }, environment: world.environment)
    let setup = PlaygroundSetup(options)
    let (masked, causal) = ([ModelReference("a")], [ModelReference("b"), ModelReference("c")])
    #expect(
      setup.models == [
        .fillMask: masked, .generate: causal, .chat: causal, .tree: masked + causal, .compare: causal,
        .inside: masked + causal, .train: masked + causal,
      ])
    #expect(setup.task == .fillMask)
    options.task = .translate
    #expect(PlaygroundSetup(options).task == .translate)
  }

  @Test func settingsAreSavedByNameInTheFileAndReadAgain() async throws {
    let world = try World()
    try world.configure("# mine\nsampling: {temperature: 0}\nseed: 4\n")
    let session = world.open(size: Size(120, 36))
    await session.see("ready")
    session.press("alt-s")
    await session.see("Save the sampler settings")
    session.terminal.type("exact")
    session.press("enter")
    await session.see("the settings are saved as exact")
    session.press("ctrl-q")
    #expect(await session.code == 0)
    let text = try TextFile.read(world.root + "/.config/triptych/config.yaml", limit: 1 << 20)
    #expect(text == "# mine\nsampling: {temperature: 0}\nseed: 4\npresets:\n  exact:\n    temperature: 0.0\n")
    let setup = PlaygroundSetup(PlaygroundOptions(environment: world.environment))
    #expect(setup.failure == nil && setup.settings.presets.map(\.name) == ["exact"])
    #expect(setup.settings.presets.first?.settings.isGreedy == true)
  }

  @Test func aThemeFileThatIsNoYAMLNamesItsLine() async throws {
    let world = try World()
    let path = world.root + "/.config/triptych/themes/mine.yaml"
    try TextFile.write("system: base16\nname: Mine\npalette: {base00: \"101010\",\n  base01: ]\n", to: path)
    let failure = PlaygroundSetup(PlaygroundOptions(environment: world.environment)).failure
    #expect(failure?.what.contains("the theme is not YAML, \(path):4: ") == true, "\(String(describing: failure))")
    #expect(failure?.hint?.contains("correct line 4 of \(path)") == true, "\(String(describing: failure))")
    let session = world.open(size: Size(120, 36))
    let lines = await session.see("the theme is not YAML")
    #expect(lines.joined().contains("mine.yaml:4"))
    session.press("esc")
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  @Test func everyProblemOfTheConfigurationHasAHint() throws {
    let world = try World()
    for text in ["theme: [", "mouse: perhaps\n", "keys: {app.nothing: f5}\n", "keys: {app.help: f99}\n", "zzz: 1\n"] {
      try world.configure(text)
      let failure = PlaygroundSetup(PlaygroundOptions(environment: world.environment)).failure
      #expect(failure?.hint?.isEmpty == false, "\(text): \(String(describing: failure))")
      #expect(failure?.place?.contains("config.yaml:") == true, "\(text): \(String(describing: failure))")
    }
  }

  @Test func themesAreFoundByNameAndWithoutFilesTheStandardThemeIsUsed() throws {
    let world = try World()
    let plain = PlaygroundSetup(PlaygroundOptions(environment: world.environment))
    #expect(plain.settings.themes.map(\.name) == [Theme.standard.name])
    let colors = (0..<16).map { "  base0\(String($0, radix: 16, uppercase: true)): \"1020\($0 + 10)\"\n" }.joined()
    for (name, text) in [("mine", "palette:\n" + colors), ("broken", "palette: {}")] {
      try TextFile.write(text, to: world.root + "/.config/triptych/themes/\(name).yaml")
    }
    let setup = PlaygroundSetup(PlaygroundOptions(PlayRequest(theme: "Mine"), environment: world.environment))
    #expect(setup.settings.theme == "mine")
    #expect(setup.settings.themes.map(\.name) == ["mine"])
    #expect(setup.failure?.what.contains("the theme lacks a key") == true)
    let unknown = PlaygroundSetup(PlaygroundOptions(PlayRequest(theme: "mime"), environment: world.environment))
    #expect(unknown.failure?.what == "no such theme")
  }

  @Test func withoutAHomeFolderTheSessionRunsAndStoresNothing() async throws {
    let world = try World()
    world.variables = [:]
    let session = world.open()
    session.terminal.type("Once upon a time\n")
    await session.see("done")
    session.terminal.send(.signal(.terminate))
    #expect(await session.code == 143)
  }
}
