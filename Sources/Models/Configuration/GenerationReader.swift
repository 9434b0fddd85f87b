import JSONText
import Sampling
import Terms

/// Reads the decoding settings of one configuration file and checks their ranges.
struct GenerationReader {
  let file: ConfigurationReader

  /// The maximum number of ids in a list, and of tasks.
  private static let longestList = 1 << 20

  /// What the file says about decoding.
  /// - Returns: the defaults, and the keys with values that were left out.
  func decoding() throws(ModelError) -> (DecodingDefaults, leftOut: [String]) {
    var decoding = DecodingDefaults()
    decoding.samples = try samples()
    let leftOut: [String]
    (decoding.sampling, leftOut) = try sampling(isDrawn: decoding.samples != false)
    decoding.sampling.rules = try rules()
    decoding.length = try length()
    decoding.beams = try beams()
    return (decoding, leftOut)
  }

  /// Whether tokens are sampled. `false` if `do_sample` is `null`; `nil` if the key is missing.
  func samples() throws(ModelError) -> Bool? {
    file.has("do_sample") ? try file.optionalBoolean("do_sample") ?? false : nil
  }

  /// The sampling settings: the neutral ones with the file's values applied.
  /// - Parameter isDrawn: whether tokens are sampled. If not, invalid values of settings that only act in sampling are
  ///   left out instead of failing, because transformers ignores them.
  /// - Returns: the settings, and the keys with values that were left out.
  func sampling(isDrawn: Bool) throws(ModelError) -> (SamplingSettings, leftOut: [String]) {
    var settings = SamplingSettings()
    var leftOut: [String] = []
    for setting in StageTable.settings {
      guard let key = setting.fileKey else { continue }
      do throws(ModelError) {
        if let value = try number(setting, key) { setting.set(value, &settings) }
      } catch {
        if isDrawn || key.actsWithoutDraws { throw error }
        leftOut.append(key.name)
      }
    }
    settings.includeSwitchedOn()
    return (settings, leftOut)
  }

  /// The value of a stage's setting; `nil` if the file has none. A count has no upper bound here; the engine applies
  /// its limits when it opens the model.
  private func number(_ setting: StageSetting, _ key: StageSetting.FileKey) throws(ModelError) -> Double? {
    guard let (_, value) = file.value([key.name]) else { return nil }
    guard case .count = setting.storage else {
      if key.outside == .ignored, let number = value.double {
        return setting.bounds.contains(number) ? number : setting.initial
      }
      let inside = key.bounds ?? setting.bounds
      let bounds = key.outside == .cutAbove ? inside.withoutUpperBound : inside
      guard let number = value.double, bounds.contains(number) else {
        throw file.failure(key.name, bounds.words, value)
      }
      return key.outside == .cutAbove ? setting.bounds.clamped(number, step: 0) : number
    }
    guard key.outside == .cutBelow else { return try count(key.name).map(Double.init) }
    return try switchedCount(key.name).map(Double.init)
  }

  /// Limits on the length of a text.
  func length() throws(ModelError) -> LengthDefaults {
    var length = LengthDefaults(
      maxLength: try count("max_length"), maxNewTokens: try count("max_new_tokens", from: 1),
      minLength: try switchedCount("min_length"))
    length.maxTime = try number("max_time", "a number of seconds") { _ in true }
    if let (key, value) = file.value(["stop_strings"]) {
      for item in value.array ?? [value] {
        guard let text = item.string, length.stopStrings.count < Self.longestList else {
          throw file.failure(key, "a string or a list of strings", value)
        }
        length.stopStrings.append(String(text))
      }
    }
    return length
  }

  /// Beam search settings.
  func beams() throws(ModelError) -> BeamDefaults {
    var beams = BeamDefaults()
    beams.count = try count("num_beams", from: 1)
    beams.lengthPenalty = try number("length_penalty", "a number") { _ in true }
    beams.returned = try switchedCount("num_return_sequences").map { max($0, 1) }
    beams.groups = try switchedCount("num_beam_groups").map { max($0, 1) }
    beams.diversityPenalty = try number("diversity_penalty", "a number") { _ in true }
    if let (key, value) = file.value(["early_stopping"]) {
      switch value {
      case .bool(let always): beams.earlyStopping = always ? .always : .heuristic
      case .string("never"): beams.earlyStopping = .never
      default: throw file.failure(key, "true, false or \"never\"", value)
      }
    }
    return beams
  }

  /// Forced and forbidden tokens.
  func constraints() throws(ModelError) -> TokenConstraints {
    var constraints = TokenConstraints()
    constraints.forcedBosTokenIDs = try ids("forced_bos_token_id") ?? []
    for key in ["forced_bos_token_id", "forced_eos_token_id"] {
      // With an empty list transformers would forbid every token.
      if let (key, value) = file.value([key]), value.array?.isEmpty == true { throw file.failure(key, "an id", value) }
    }
    // transformers would use `true` as an index mask, which forces nothing.
    if let (key, value) = file.value(["forced_bos_token_id"]), value.bool != nil {
      throw file.failure(key, "an id", value)
    }
    constraints.forcedEosTokenIDs = try ids("forced_eos_token_id", from: 0) ?? []
    constraints.suppressed = try ids("suppress_tokens") ?? []
    constraints.suppressedAtBeginning = try ids("begin_suppress_tokens") ?? []
    let suppressed = Set(constraints.suppressed)
    for (key, forced) in [
      ("forced_bos_token_id", constraints.forcedBosTokenIDs), ("forced_eos_token_id", constraints.forcedEosTokenIDs),
    ] where !forced.isEmpty && forced.allSatisfy(suppressed.contains) {
      throw file.failure(key, "an id that suppress_tokens does not forbid", .array(forced.map { .integer($0) }))
    }
    try forEachRun("bad_words_ids", "a list of lists of ids") { value in
      guard let run = value.array, let ids = Self.ids(run, from: 0) else { return false }
      // transformers ignores an empty run.
      if !ids.isEmpty { constraints.badWords.append(ids) }
      return true
    }
    return constraints
  }

  /// The rules that depend on the text or on the encoder's input.
  func rules() throws(ModelError) -> ContextRules {
    var rules = ContextRules()
    for setting in RuleTable.settings {
      let key = setting.key
      switch setting.storage {
      case .biases(let path): rules[keyPath: path] = try sequenceBiases(key)
      case .decay(let path): rules[keyPath: path] = try lengthDecay(key)
      case .number(let path, let bounds):
        if let value = try number(key, bounds.words, bounds.contains) { rules[keyPath: path] = value }
      case .count(let path): rules[keyPath: path] = try switchedCount(key) ?? 0
      // transformers tests for `true`, so other values do not enable the rule.
      case .flag(let path): rules[keyPath: path] = file.value([key])?.value.bool ?? false
      }
    }
    return rules
  }

  private func sequenceBiases(_ key: String) throws(ModelError) -> [ContextRules.SequenceBias] {
    var biases: [ContextRules.SequenceBias] = []
    try forEachRun(key, "a list of pairs, each of a list of ids and a number") { value in
      guard let pair = value.array, pair.count >= 2, let run = pair[0].array, let ids = Self.ids(run, from: 0),
        let bias = Self.bias(pair[1])
      else { return false }
      if !ids.isEmpty { biases.append(.init(ids: ids, bias: bias)) }
      return true
    }
    return biases
  }

  private func lengthDecay(_ key: String) throws(ModelError) -> ContextRules.LengthDecay? {
    guard let (key, value) = file.value([key]) else { return nil }
    guard let pair = value.array, pair.count >= 2, let start = pair[0].int,
      (-ConfigurationReader.largestSize...ConfigurationReader.largestSize).contains(start),
      let factor = pair[1].double, factor.isFinite
    else { throw file.failure(key, "a list of a whole number and a number", value) }
    return .init(start: start, factor: factor)
  }

  /// The entries of `task_specific_params`.
  func tasks() throws(ModelError) -> [TaskDefaults] {
    guard let (key, value) = file.value(["task_specific_params"]) else { return [] }
    guard let object = value.object, object.count <= Self.longestList else {
      throw file.failure(key, "an object of tasks", value)
    }
    var tasks: [TaskDefaults] = []
    for (name, value) in object.members {
      let task = try ConfigurationReader(value, path: "\(file.path), \(key).\(name)")
      let others = task.members.members.filter { $0.key != "prefix" && !$0.value.isNull && $0.value.bool != false }
      tasks.append(
        TaskDefaults(
          name: name.description, prefix: try task.word("prefix"), otherKeys: others.map(\.key.description)))
    }
    return tasks
  }

  /// One id or a list of ids; `nil` if the key is missing or `null`. Booleans and fractions are converted to ids, as in
  /// transformers.
  /// - Parameter least: the smallest allowed id. transformers allows negative ids where they merely match no token.
  func ids(_ key: String, from least: Int = -ConfigurationReader.largestSize) throws(ModelError) -> [Int]? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let ids = Self.ids(value.array ?? [value], from: least) else {
      throw file.failure(key, "an id or a list of ids", value)
    }
    return ids
  }

  private static func ids(_ values: [JSONValue], from least: Int) -> [Int]? {
    guard values.count <= longestList else { return nil }
    var ids: [Int] = []
    for value in values {
      guard let number = value.bool.map({ $0 ? 1 : 0 }) ?? value.double,
        abs(number) <= Double(ConfigurationReader.largestSize), Int(number) >= least
      else { return nil }
      ids.append(Int(number))
    }
    return ids
  }

  private func forEachRun(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Bool
  ) throws(ModelError) {
    guard let (_, value) = file.value([key]) else { return }
    guard let runs = value.array, runs.count <= Self.longestList, runs.allSatisfy(read) else {
      throw file.failure(key, expected, value)
    }
  }

  /// A bias; may be -infinity, but not NaN or +infinity.
  private static func bias(_ value: JSONValue) -> Double? { value.double.flatMap { $0 < .infinity ? $0 : nil } }

  private func count(_ key: String, from least: Int = 0) throws(ModelError) -> Int? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let count = value.int, count >= least else {
      throw file.failure(key, "a whole number of \(least) or more", value)
    }
    return count
  }

  /// A count; 0 and negative numbers mean off.
  private func switchedCount(_ key: String) throws(ModelError) -> Int? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let count = value.int else { throw file.failure(key, "a whole number", value) }
    return max(count, 0)
  }

  private func number(
    _ key: String, _ expected: String, _ isValid: (Double) -> Bool
  ) throws(ModelError) -> Double? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let number = value.double, number.isFinite, isValid(number) else { throw file.failure(key, expected, value) }
    return number
  }
}
