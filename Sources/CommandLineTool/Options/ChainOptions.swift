import ArgumentParser
import Sampling

/// The sampler chain: how a token is drawn from the model's logits. The options are the rows of the table of stages.
///
/// What is not given comes from the model's `generation_config.json`, then from the neutral settings.
struct ChainOptions: ParsableArguments, Sendable {
  /// The numbers that were given, by the name of their option.
  private var numbers: [String: Double] = [:]
  /// The texts that were given, by the name of their option.
  private var texts: [String: [String]] = [:]
  /// The biases that were given.
  private(set) var logitBias: [LogitBias] = []
  /// The order of the chain, where one was given.
  private(set) var samplers: [SamplerStage]?

  init() {}

  init(from decoder: any Decoder) throws {
    let options = try decoder.container(keyedBy: Key.self)
    for setting in StageTable.settings {
      switch setting.storage {
      case .number, .count:
        numbers[setting.name] = try options.decode(Option<Double?>.self, forKey: Key(setting.key)).wrappedValue
      case .texts:
        texts[setting.name] = try options.decode(Option<[String]>.self, forKey: Key(setting.key)).wrappedValue
      case .biases:
        logitBias = try options.decode(Option<[LogitBias]>.self, forKey: Key(setting.key)).wrappedValue
      }
    }
    samplers = try options.decode(Option<[SamplerStage]?>.self, forKey: Key(Self.samplersKey)).wrappedValue
  }

  /// The temperature, where one was given.
  var temperature: Double? { numbers[SamplerStage.temperature.row.settings[0].name] }

  /// The settings: what was given, over the model's own.
  func settings(over defaults: SamplingSettings) -> SamplingSettings {
    var settings = defaults
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
    // A stage that is left out is off, and temperature 0 is more than a stage: it would still mean greedy.
    if !samplers.contains(.temperature) { settings.temperature = 1 }
    return settings
  }

  /// A temperature, or 1 where the chain leaves temperature out.
  func temperature(_ value: Double) -> Double { samplers?.contains(.temperature) ?? true ? value : 1 }

  /// The sampling options that were given, which plain beam search has no use for. Penalties and biases are not among
  /// them, nor is temperature 0, which draws nothing.
  var givenSamplingOptions: [String] {
    let given = StageTable.rows.filter { !$0.isProcessor }.flatMap(\.settings).filter { setting in
      guard let number = numbers[setting.name] else { return false }
      return number != 0 || setting.name != SamplerStage.temperature.row.settings[0].name
    }
    let choosesOrder = samplers?.contains { !$0.isProcessor } ?? false
    return given.map { "--" + $0.name } + (choosesOrder ? ["--samplers"] : [])
  }
}

/// The argument parser finds options by looking at a value's properties; here it is shown the table's rows instead.
extension ChainOptions: CustomReflectable {
  /// The name of an option among the parsed ones.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private static let samplersKey = "samplers"
  /// Stands for an empty list of texts, as in llama.cpp.
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
    return Mirror(self, children: options)
  }

  private static func option(_ setting: StageSetting) -> Any {
    let name = NameSpecification(([setting.name] + setting.aliases).map { .customLong($0) })
    let help = ArgumentHelp(stringLiteral: setting.help).named(setting.placeholder)
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

extension ArgumentHelp {
  /// The help with a name for the value.
  fileprivate func named(_ value: String) -> ArgumentHelp {
    var help = self
    help.valueName = value
    return help
  }
}

/// `--sample`.
struct SampleOption: ParsableArguments, Sendable {
  @Flag(help: "Draw tokens where the model's file says otherwise; with beams, draw their continuations.")
  var sample = false
}

/// The seed of random draws.
struct SeedOption: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the draws (default: random, and always reported).", valueName: "n"),
    transform: OptionValue.seed)
  var seed: UInt64?
}
