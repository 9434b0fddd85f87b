import JSONText

/// Reads the decoding values of one configuration file, each with its range.
struct GenerationReader {
  let file: ConfigurationReader

  /// The most ids of a list, and the most tasks.
  private static let longestList = 1 << 20

  func sampling() throws(ModelError) -> SamplingDefaults {
    var sampling = SamplingDefaults()
    if file.has("do_sample") { sampling.doSample = try file.boolean("do_sample", default: false) }
    sampling.temperature = try number("temperature", "a number of 0 or more") { $0 >= 0 }
    sampling.topK = try count("top_k")
    sampling.topP = try number("top_p", "a number from 0 to 1") { 0 <= $0 && $0 <= 1 }
    sampling.minP = try number("min_p", "a number from 0 to 1") { 0 <= $0 && $0 <= 1 }
    sampling.typicalP = try number("typical_p", "a number above 0 and up to 1") { 0 < $0 && $0 <= 1 }
    sampling.repetitionPenalty = try number("repetition_penalty", "a number above 0") { $0 > 0 }
    sampling.noRepeatNgramSize = try count("no_repeat_ngram_size")
    return sampling
  }

  func length() throws(ModelError) -> LengthDefaults {
    LengthDefaults(
      maxLength: try count("max_length"), maxNewTokens: try count("max_new_tokens"), minLength: try count("min_length"),
      minNewTokens: try count("min_new_tokens"))
  }

  func beams() throws(ModelError) -> BeamDefaults {
    var beams = BeamDefaults()
    beams.count = try count("num_beams", from: 1)
    beams.lengthPenalty = try number("length_penalty", "a number") { _ in true }
    beams.returned = try count("num_return_sequences", from: 1)
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
    constraints.forcedBosTokenID = try ids("forced_bos_token_id")?.first
    constraints.forcedEosTokenIDs = try ids("forced_eos_token_id") ?? []
    constraints.suppressed = try ids("suppress_tokens") ?? []
    constraints.suppressedAtBeginning = try ids("begin_suppress_tokens") ?? []
    if let (key, value) = file.value(["bad_words_ids"]) {
      guard let runs = value.array, runs.count <= Self.longestList else {
        throw file.failure(key, "a list of lists of ids", value)
      }
      for run in runs {
        guard let run = run.array, let ids = Self.ids(run) else {
          throw file.failure(key, "a list of lists of ids", value)
        }
        constraints.badWords.append(ids)
      }
    }
    return constraints
  }

  func tasks() throws(ModelError) -> [TaskDefaults] {
    guard let (key, value) = file.value(["task_specific_params"]) else { return [] }
    guard let object = value.object, object.count <= Self.longestList else {
      throw file.failure(key, "an object of tasks", value)
    }
    var tasks: [TaskDefaults] = []
    for (name, value) in object.members {
      let task = GenerationReader(file: try ConfigurationReader(value, path: "\(file.path), \(key).\(name)"))
      tasks.append(
        TaskDefaults(
          name: name.description, prefix: try task.file.word("prefix"), beams: try task.count("num_beams", from: 1),
          maxLength: try task.count("max_length")))
    }
    return tasks
  }

  /// One id or a list of them; `nil` where there is no such key or it is `null`.
  func ids(_ key: String) throws(ModelError) -> [Int]? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let ids = Self.ids(value.array ?? [value]) else { throw file.failure(key, "an id or a list of ids", value) }
    return ids
  }

  private static func ids(_ values: [JSONValue]) -> [Int]? {
    guard values.count <= longestList else { return nil }
    var ids: [Int] = []
    for value in values {
      guard let id = value.int, 0...ConfigurationReader.largestSize ~= id else { return nil }
      ids.append(id)
    }
    return ids
  }

  private func count(_ key: String, from least: Int = 0) throws(ModelError) -> Int? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let count = value.int, count >= least else {
      throw file.failure(key, "a whole number of \(least) or more", value)
    }
    return count
  }

  private func number(
    _ key: String, _ expected: String, _ isValid: (Double) -> Bool
  ) throws(ModelError) -> Double? {
    guard let (_, value) = file.value([key]) else { return nil }
    guard let number = value.double, number.isFinite, isValid(number) else { throw file.failure(key, expected, value) }
    return number
  }
}
