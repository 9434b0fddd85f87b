import ArgumentParser
import EngineAPI
import LocalFiles
import Sampling

/// The sampler chain, which draws a token from the model's logits. The options are the rows of `StageTable`.
///
/// Missing options come from the model's `generation_config.json`, then from the neutral settings.
struct ChainOptions: ParsableArguments, Sendable {
  /// The given numbers, by option name.
  private var numbers: [String: Double] = [:]
  /// The given texts, by option name.
  private var texts: [String: [String]] = [:]
  /// The given biases.
  private(set) var logitBias: [LogitBias] = []
  /// The order of the chain, if given.
  private(set) var samplers: [SamplerStage]?
  /// The name of settings in the configuration file, if given.
  private(set) var preset: String?
  /// These settings, once they are read.
  private var presetSettings: SamplingSettings?

  init() {}

  init(from decoder: any Decoder) throws {
    let options = try decoder.container(keyedBy: OptionKey.self)
    for setting in StageTable.settings {
      switch setting.storage {
      case .number, .count:
        numbers[setting.name] = try options.decode(Option<Double?>.self, forKey: OptionKey(setting.key)).wrappedValue
      case .texts:
        texts[setting.name] = try options.decode(Option<[String]>.self, forKey: OptionKey(setting.key)).wrappedValue
      case .biases:
        logitBias = try options.decode(Option<[LogitBias]>.self, forKey: OptionKey(setting.key)).wrappedValue
      }
    }
    samplers = try options.decode(Option<[SamplerStage]?>.self, forKey: OptionKey(Self.samplersKey)).wrappedValue
    preset = try options.decode(Option<String?>.self, forKey: OptionKey(Self.presetKey)).wrappedValue
  }

  /// The options of a list of settings, such as `temperature=0.7,top-p=0.9`.
  /// - Parameter place: where the list is, for errors.
  init(_ list: [(name: String, value: String)], of place: String) throws(CommandError) {
    for (written, value) in list {
      let name = String(written.map { $0 == "_" ? "-" : $0 })
      if name == Self.samplersKey {
        samplers = try OptionValue.samplers(value)
        continue
      }
      guard let setting = StageTable.settings.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
        let names = StageTable.settings.map(\.name) + [Self.samplersKey]
        throw .badValue(
          option: place, expected: "settings of the sampler chain", found: "'\(written)'",
          hint: Spelling.nearest(to: name, among: names, count: 1).first.map { "did you mean '\($0)'?" }
            ?? "the settings are " + names.joined(separator: ", "))
      }
      switch setting.storage {
      case .number, .count: numbers[setting.name] = try OptionValue.stage(setting)(value)
      case .texts: texts[setting.name, default: []].append(value)
      case .biases: logitBias.append(try OptionValue.bias(value))
      }
    }
  }

  /// The temperature, if given.
  var temperature: Double? { numbers[SamplerStage.temperature.row.settings[0].name] }

  /// Reads the settings that `--preset` names from the configuration file.
  mutating func readPreset(in run: CommandRun) throws(CommandError) {
    guard let preset else { return }
    let environment = ProcessEnvironment(variables: run.context.environment)
    guard let file = UserFolders(environment).configurationFile else {
      throw .engine(EngineError(LocalFilesError.noHome(purpose: "the configuration")))
    }
    let found: SamplerPreset?
    let known: [String]
    do {
      (found, known) = try ConfigurationFile.preset(named: preset, in: file)
    } catch {
      // The command line is right; the file is not.
      var problem = EngineError(error)
      problem.kind = .input
      throw .engine(problem)
    }
    guard let found else {
      let near = Spelling.nearest(to: preset, among: known, count: 1).first
      throw .badValue(
        option: "--preset", expected: "a name of 'presets' in \(file)", found: "'\(preset)'",
        hint: near.map { "did you mean '\($0)'?" }
          ?? (known.isEmpty
            ? "save settings in the playground, or write them into the file"
            : "there are \(known.joined(separator: ", "))"))
    }
    presetSettings = found.settings
  }

  /// The settings of the preset, if one is given, else the model's, overridden by the given options.
  func settings(over defaults: SamplingSettings) -> SamplingSettings {
    var settings = presetSettings ?? defaults
    settings.rules = defaults.rules
    for setting in StageTable.settings {
      if let number = numbers[setting.name] { setting.set(number, &settings) }
      if case .texts(let path) = setting.storage, let given = texts[setting.name], !given.isEmpty {
        settings[keyPath: path] = given == [Self.noText] ? [] : given
      }
    }
    for entry in logitBias { settings.logitBias[entry.id] = entry.bias }
    guard let samplers else {
      settings.includeSwitchedOn()
      return settings
    }
    settings.order = samplers
    // A stage that is left out is off. Temperature 0 would still mean greedy decoding, so reset it.
    if !samplers.contains(.temperature) { settings.temperature = 1 }
    return settings
  }

  /// The value, or 1 if the chain has no temperature stage.
  func temperature(_ value: Double) -> Double { samplers?.contains(.temperature) ?? true ? value : 1 }

  /// The given sampling options, which plain beam search cannot use. Penalties, biases and temperature 0 are not among
  /// them, because they do not sample.
  var givenSamplingOptions: [String] {
    let given = StageTable.rows.filter { !$0.isProcessor }.flatMap(\.settings).filter { setting in
      guard let number = numbers[setting.name] else { return false }
      return number != 0 || setting.name != SamplerStage.temperature.row.settings[0].name
    }
    let choosesOrder = samplers?.contains { !$0.isProcessor } ?? false
    let draws = presetSettings.map { !$0.isGreedy } ?? false
    return given.map { "--" + $0.name } + (choosesOrder ? ["--samplers"] : []) + (draws ? ["--preset"] : [])
  }
}

/// The name of an option of a table among the parsed ones.
struct OptionKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// ArgumentParser finds options by reflection. The mirror presents the rows of the table as properties.
extension ChainOptions: CustomReflectable {
  private static let (samplersKey, presetKey) = ("samplers", "preset")
  /// Means an empty list of texts, as in llama.cpp.
  private static let noText = "none"

  var customMirror: Mirror {
    var options = StageTable.settings.map { (label: Optional($0.key), value: Self.option($0)) }
    let order = SamplerStage.defaultOrder.map(\.rawValue).joined(separator: ", ")
    let samplers: Option<[SamplerStage]?> = Option(
      wrappedValue: nil, parsing: .unconditional,
      help: ArgumentHelp(
        "The stages of the chain in their order; one left out is off (default: \(order)).", valueName: "a,b,…"),
      transform: OptionValue.samplers)
    options.append((label: Self.samplersKey, value: samplers))
    let preset: Option<String?> = Option(
      wrappedValue: nil, parsing: .unconditional,
      help: ArgumentHelp(
        "Settings with this name in the configuration file, in place of the model's.", valueName: "name"),
      transform: OptionValue.text("--preset"))
    options.append((label: Self.presetKey, value: preset))
    return Mirror(self, children: options)
  }

  private static func option(_ setting: StageSetting) -> Any {
    let name = NameSpecification(([setting.name] + setting.aliases).map { .customLong($0) })
    let help = ArgumentHelp(setting.help, valueName: setting.placeholder)
    switch setting.storage {
    case .number, .count:
      return Option<Double?>(
        wrappedValue: nil, name: name, parsing: .unconditional, help: help, transform: OptionValue.stage(setting))
    case .texts:
      return Option<[String]>(
        wrappedValue: [], name: name, parsing: .unconditionalSingleValue, help: help,
        transform: OptionValue.text("--" + setting.name))
    case .biases:
      return Option<[LogitBias]>(
        wrappedValue: [], name: name, parsing: .unconditionalSingleValue, help: help, transform: OptionValue.bias)
    }
  }
}

/// `--sample`.
struct SampleOption: ParsableArguments, Sendable {
  @Flag(help: "Sample even if the model's file says otherwise; with beams, sample their continuations.")
  var sample = false
}

/// The seed of random draws.
struct SeedOption: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the draws (default: random, and always reported).", valueName: "n"),
    transform: OptionValue.seed)
  var seed: UInt64?

  /// The seed of draws, the given one or a random one. Reports it.
  func drawn(in run: CommandRun) -> UInt64 {
    let seed = seed ?? run.context.randomSeed()
    run.console.note("seed \(seed)")
    return seed
  }
}
