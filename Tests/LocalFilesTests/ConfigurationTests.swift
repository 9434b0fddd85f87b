import EngineAPI
import LocalFiles
import Sampling
import Testing

/// The names of the playground's tabs.
let tabNames = ["generate", "fill-mask", "translate"]

/// What a configuration file says.
@Suite struct ConfigurationTests {
  @Test func everySettingIsRead() {
    let (configuration, problems) = ConfigurationFile.parse(
      """
      # Comments & *signs* are fine.
      theme: solarized-dark
      color: never
      mouse: yes
      heat: surprise
      heat-scale: diverging
      keys:
        prompt.send: [ctrl-s, "alt-enter"]
        app.quit: "*"
        help.open: []
        app.suspend:
      models:
        generate: storyteller-mini@bf16
        fill-mask: ~/models/bert
      sampling:
        temperature: 0.8
        top-k: 40
        top-p: .95
        min-p: 5e-2
        typical-p: 1
        repeat-penalty: 1.1
        presence-penalty: -1
        frequency-penalty: 0.5
        no-repeat-ngram-size: 3
        min-tokens: 2
        logit-bias: {50256: -100, 7: 1.5}
        samplers: [temperature, top-k]
      max-tokens: 128
      beams: 6
      seed: 9223372036854775807
      threads: 2
      """, path: "config.yaml", tabs: tabNames)
    #expect(problems.isEmpty)
    var expected = Configuration()
    expected.theme = "solarized-dark"
    expected.color = .never
    expected.mouse = true
    expected.heat = .surprise
    expected.heatKind = .diverging
    expected.keys = [
      KeySetting(action: "prompt.send", keys: ["ctrl-s", "alt-enter"], place: place(8, 16)),
      KeySetting(action: "app.quit", keys: ["*"], place: place(9, 13)),
      KeySetting(action: "help.open", keys: [], place: place(10, 14)),
      KeySetting(action: "app.suspend", keys: [], place: place(11, 15)),
    ]
    expected.models = [
      "generate": ModelReference("storyteller-mini", format: .bf16), "fill-mask": ModelReference("~/models/bert"),
    ]
    var sampling = SamplingSettings()
    sampling.temperature = 0.8
    sampling.topK = 40
    sampling.topP = 0.95
    sampling.minP = 0.05
    sampling.repetitionPenalty = 1.1
    sampling.presencePenalty = -1
    sampling.frequencyPenalty = 0.5
    sampling.noRepeatNGramSize = 3
    sampling.minTokens = 2
    sampling.logitBias = [50256: -100, 7: 1.5]
    sampling.order = [.temperature, .topK]
    expected.sampling = sampling
    expected.maxTokens = 128
    expected.beams = 6
    expected.seed = UInt64(Int64.max)
    expected.threads = 2
    #expect(configuration == expected)
  }

  @Test(arguments: ["", "\n\n", "# nothing\n", "---\n", "theme:\nsampling:\nkeys: ~\n", "{}"])
  func aFileThatSaysNothingIsTheDefault(text: String) {
    let (configuration, problems) = ConfigurationFile.parse(text, path: "config.yaml", tabs: tabNames)
    #expect(configuration == Configuration())
    #expect(problems.isEmpty)
  }

  @Test func allProblemsAreToldAtOnceWithTheirPlaces() {
    let (configuration, problems) = ConfigurationFile.parse(
      """
      themes: nord
      color: sometimes
      mouse: maybe
      max-tokens: -1
      sampling:
        temprature: 0.5
        top-p: 1.5
        top-k: many
        samplers: [top-k, top-q]
        min-p: nan
      threads: [1, 2]
      keys: ctrl-q
      theme: light
      """, path: "config.yaml", tabs: tabNames)
    #expect(configuration.theme == "light")
    #expect(configuration.sampling == nil)
    let keys = StageTable.settings.map(\.name) + ["samplers"]
    let settings = keys.prefix(12).joined(separator: ", ") + " or \(keys.count - 12) others"
    let stages = SamplerStage.allCases.map(\.rawValue).joined(separator: ", ")
    #expect(
      problems.map(\.description) == [
        "unknown setting, config.yaml:1:1: expected theme, color, mouse, heat, heat-scale, keys, models, model-folders, "
          + "sampling, presets, max-tokens, beams, seed or threads, found \"themes\"",
        "wrong value of color, config.yaml:2:8: expected auto, always or never, found \"sometimes\"",
        "wrong value of mouse, config.yaml:3:8: expected true or false, found \"maybe\"",
        "wrong value of max-tokens, config.yaml:4:13: expected a whole number of at least 1, found \"-1\"",
        "unknown setting, config.yaml:6:3: expected \(settings), found \"sampling.temprature\"",
        "wrong value of sampling.top-p, config.yaml:7:10: expected a number from 0 to 1, found \"1.5\"",
        "wrong value of sampling.top-k, config.yaml:8:10: expected a whole number of at least 0, found \"many\"",
        "wrong value of sampling.samplers, config.yaml:9:13: expected each at most once of \(stages), "
          + "found \"top-q\"",
        "wrong value of sampling.min-p, config.yaml:10:10: expected a number from 0 to 1, found \"nan\"",
        "wrong value of threads, config.yaml:11:10: expected a whole number from 1 to 256, found a list",
        "wrong value of keys, config.yaml:12:7: expected settings as key: value, found \"ctrl-q\"",
      ])
    #expect(problems.first?.hint == "did you mean theme?")
    #expect(problems[4].hint == "did you mean temperature?")
  }

  @Test func problemsOfGrammarHaveTheirLine() throws {
    let cases: [(text: String, line: Int)] = [
      ("theme: [a, b\ncolor: x", 2), ("theme: \"open", 1), ("\ttheme: a", 1), ("theme: a\n  b: c", 2), ("a: b: c", 1),
      ("theme: a\n---\ntheme: b", 2), ("theme: \u{1}", 1), ("theme: %a", 1), ("x: !!binary %", 1),
    ]
    for (text, line) in cases {
      let (configuration, problems) = ConfigurationFile.parse(text, path: "c.yaml", tabs: tabNames)
      #expect(configuration == Configuration(), "\(text)")
      #expect(problems.count == 1, "\(text)")
      #expect(problems.first?.description.contains("c.yaml:\(line):") == true, "\(text): \(problems)")
    }
  }

  @Test func aKeyGivenTwiceIsTold() {
    let problems = ConfigurationFile.parse("theme: a\ncolor: auto\ntheme: b\n", path: "c.yaml", tabs: tabNames).problems
    #expect(problems == [.repeatedKey(ConfigurationPlace(path: "c.yaml", line: 1, column: 1), key: "theme")])
  }

  @Test(arguments: ["- a\n- b", "just words", "12", "[[], {}]", "? [a, b]\n: c", "{[a]: b}", "!!set {a, b}"])
  func anotherShapeIsAProblem(text: String) {
    let (configuration, problems) = ConfigurationFile.parse(text, path: "c.yaml", tabs: tabNames)
    #expect(configuration == Configuration())
    #expect(!problems.isEmpty)
  }

  @Test func stagesThatAreSwitchedOnJoinTheChain() {
    let text = """
      sampling:
        dry-multiplier: 0.8
        dry-penalty-last-n: -1
        dry-sequence-breaker: ["\\n", "*"]
        epsilon-cutoff: 3e-4
      """
    let (configuration, problems) = ConfigurationFile.parse(text, path: "c.yaml", tabs: tabNames)
    #expect(problems.isEmpty)
    var expected = SamplingSettings()
    expected.dryMultiplier = 0.8
    expected.drySequenceBreakers = ["\n", "*"]
    expected.epsilonCutoff = 3e-4
    expected.include(.dry)
    expected.include(.epsilonCutoff)
    #expect(configuration.sampling == expected)
  }

  private func place(_ line: Int, _ column: Int) -> ConfigurationPlace {
    ConfigurationPlace(path: "config.yaml", line: line, column: column)
  }
}
