import JSONText

/// Reads the decoding values of one configuration file, each with its range.
struct GenerationReader {
  let file: ConfigurationReader

  /// The most ids of a list, and the most tasks.
  private static let longestList = 1 << 20

  /// How tokens are drawn. Of a file that says `do_sample: false` a value that could not be used is left out, for the
  /// reference does not look at it; see ``ignoredKeys()``.
  func sampling() throws(ModelError) -> SamplingDefaults {
    var sampling = SamplingDefaults()
    if file.has("do_sample") { sampling.doSample = try file.optionalBoolean("do_sample") ?? false }
    let isStrict = sampling.doSample != false
    func used<Value>(_ read: () throws(ModelError) -> Value?) throws(ModelError) -> Value? {
      do throws(ModelError) { return try read() } catch { if isStrict { throw error } else { return nil } }
    }
    sampling.temperature = try used { () throws(ModelError) in
      try number("temperature", "a number of 0 or more") { $0 >= 0 }
    }
    sampling.topK = try used { () throws(ModelError) in try count("top_k") }
    sampling.topP = try used { () throws(ModelError) in try share("top_p") }
    sampling.minP = try used { () throws(ModelError) in
      try number("min_p", "a number from 0 to 1") { 0 <= $0 && $0 <= 1 }
    }
    sampling.typicalP = try used { () throws(ModelError) in
      try number("typical_p", "a number above 0") { 0 < $0 }.map { min($0, 1) }
    }
    sampling.repetitionPenalty = try number("repetition_penalty", "a number above 0") { $0 > 0 }
    sampling.noRepeatNgramSize = try switchedCount("no_repeat_ngram_size")
    return sampling
  }

  /// Keys of sampling that ``sampling()`` leaves out.
  func ignoredKeys() -> [String] {
    guard (try? file.optionalBoolean("do_sample")) == false, let used = try? sampling() else { return [] }
    let keys: [(String, Bool)] = [
      ("temperature", used.temperature != nil), ("top_k", used.topK != nil), ("top_p", used.topP != nil),
      ("min_p", used.minP != nil), ("typical_p", used.typicalP != nil),
    ]
    return keys.filter { file.value([$0.0]) != nil && !$0.1 }.map(\.0)
  }

  func length() throws(ModelError) -> LengthDefaults {
    var length = LengthDefaults(
      maxLength: try count("max_length"), maxNewTokens: try count("max_new_tokens", from: 1),
      minLength: try switchedCount("min_length"), minNewTokens: try switchedCount("min_new_tokens"))
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

  func beams() throws(ModelError) -> BeamDefaults {
    var beams = BeamDefaults()
    beams.count = try count("num_beams", from: 1)
    beams.lengthPenalty = try number("length_penalty", "a number") { _ in true }
    beams.returned = try switchedCount("num_return_sequences").map { max($0, 1) }
    beams.groups = try switchedCount("num_beam_groups").map { max($0, 1) }
    beams.diversityPenalty = try number("diversity_penalty", "a number") { _ in true }
    if let (key, value) = file.value(["early_stopping"]) {
      switch value {
      case .bool(let always): beams.earlyStopping = always ? .always : .whenUnlikely
      case .string("never"): beams.earlyStopping = .never
      default: throw file.failure(key, "true, false or \"never\"", value)
      }
    }
    return beams
  }

  func constraints() throws(ModelError) -> TokenConstraints {
    var constraints = TokenConstraints()
    constraints.forcedBosTokenIDs = try ids("forced_bos_token_id") ?? []
    for key in ["forced_bos_token_id", "forced_eos_token_id"] {
      // The reference forbids every token then.
      if let (key, value) = file.value([key]), value.array?.isEmpty == true { throw file.failure(key, "an id", value) }
    }
    // As an index true is a mask in the reference, which forces nothing.
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
      // The reference has no use for an empty run.
      if !ids.isEmpty { constraints.badWords.append(ids) }
      return true
    }
    return constraints
  }

  func processors() throws(ModelError) -> ProcessorDefaults {
    var processors = ProcessorDefaults()
    try forEachRun("sequence_bias", "a list of pairs, each of a list of ids and a number") { value in
      guard let pair = value.array, pair.count >= 2, let run = pair[0].array, let ids = Self.ids(run, from: 0),
        let bias = Self.bias(pair[1])
      else { return false }
      if !ids.isEmpty { processors.sequenceBias.append((ids, bias)) }
      return true
    }
    processors.encoderRepetitionPenalty = try number("encoder_repetition_penalty", "a number above 0") { $0 > 0 }
    processors.encoderNoRepeatNgramSize = try switchedCount("encoder_no_repeat_ngram_size")
    if let (key, value) = file.value(["exponential_decay_length_penalty"]) {
      guard let pair = value.array, pair.count >= 2, let start = pair[0].int,
        (-ConfigurationReader.largestSize...ConfigurationReader.largestSize).contains(start),
        let factor = pair[1].double, factor.isFinite
      else { throw file.failure(key, "a list of a whole number and a number", value) }
      processors.lengthDecay = (start, factor)
    }
    // The reference asks whether it is `true`, so that another value switches nothing on.
    processors.renormalizes = file.value(["renormalize_logits"])?.value.bool
    return processors
  }

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

  /// One id or a list of them; `nil` where there is no such key or it is `null`. A truth value and a fraction are ids
  /// too, as the reference reads them.
  /// - Parameter least: the least id. The reference takes negative ones wherever they only never occur.
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

  /// A bias, which may be -infinity.
  private static func bias(_ value: JSONValue) -> Double? { value.double.flatMap { $0 < .infinity ? $0 : nil } }

  private func count(_ key: String, from least: Int = 0) throws(ModelError) -> Int? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let count = value.int, count >= least else {
      throw file.failure(key, "a whole number of \(least) or more", value)
    }
    return count
  }

  /// A count that 0 and negative numbers switch off.
  private func switchedCount(_ key: String) throws(ModelError) -> Int? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let count = value.int else { throw file.failure(key, "a whole number", value) }
    return max(count, 0)
  }

  /// A mass of probability; above 1 it is all of it.
  private func share(_ key: String) throws(ModelError) -> Double? {
    try number(key, "a number of 0 or more") { $0 >= 0 }.map { min($0, 1) }
  }

  private func number(
    _ key: String, _ expected: String, _ isValid: (Double) -> Bool
  ) throws(ModelError) -> Double? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let number = value.double, number.isFinite, isValid(number) else { throw file.failure(key, expected, value) }
    return number
  }
}
