import EngineAPI
import JSONText
import Sampling

/// Settings and requests of origins in JSON, under the names of the command line's JSON. Sampler settings with their
/// initial values are left out.
extension SamplingSettings {
  /// The values that differ from neutral ones, the rules around the chain, and the order of the chain.
  var json: JSONObject {
    var object = JSONObject()
    let neutral = SamplingSettings()
    for setting in StageTable.settings where setting.value(in: self) != setting.value(in: neutral) {
      object[setting.key] = setting.value(in: self)
    }
    for setting in RuleTable.settings where setting.value(in: rules) != setting.value(in: neutral.rules) {
      object[setting.key] = setting.value(in: rules)
    }
    object["samplers"] = .array(order.map { JSONValue($0.rawValue) })
    return object
  }

  init(_ members: Members) throws(RecordProblem) {
    self.init()
    for setting in StageTable.settings {
      guard let value = members.optional(setting.key) else { continue }
      switch setting.storage {
      case .number(let path): self[keyPath: path] = try Members.double(value, setting.key)
      case .count(let path): self[keyPath: path] = try Members.int(value, setting.key)
      case .texts(let path): self[keyPath: path] = try Members.texts(value, setting.key)
      case .biases(let path):
        for (key, bias) in try Members(value).object.members {
          guard let id = Int(key.description) else {
            throw Members.problem(setting.key, "ids", JSONValue(key.description))
          }
          self[keyPath: path][id] = try Members.double(bias, setting.key)
        }
      }
    }
    for setting in RuleTable.settings {
      if let value = members.optional(setting.key) { try rules.set(setting, value) }
    }
    order = []
    for name in try members.array("samplers") { order.append(try Members.name(name, "samplers")) }
  }
}

extension StageSetting {
  /// The value in JSON. Biases are an object with the ids as keys.
  public func value(in settings: SamplingSettings) -> JSONValue {
    switch storage {
    case .number(let path): .exact(settings[keyPath: path])
    case .count(let path): .integer(settings[keyPath: path])
    case .texts(let path): .array(settings[keyPath: path].map { JSONValue($0) })
    case .biases(let path):
      .object(
        JSONObject(
          settings[keyPath: path].sorted { $0.key < $1.key }.map { (ByteString("\($0.key)"), .exact($0.value)) }))
    }
  }
}

extension RuleSetting {
  /// The value in JSON, in the form of transformers' `generation_config.json`.
  public func value(in rules: ContextRules) -> JSONValue {
    switch storage {
    case .biases(let path): .array(rules[keyPath: path].map { [.ints($0.ids), .exact($0.bias)] })
    case .decay(let path): rules[keyPath: path].map { [.integer($0.start), .exact($0.factor)] } ?? .null
    case .number(let path, _): .exact(rules[keyPath: path])
    case .count(let path): .integer(rules[keyPath: path])
    case .flag(let path): .bool(rules[keyPath: path])
    }
  }
}

extension ContextRules {
  fileprivate mutating func set(_ setting: RuleSetting, _ value: JSONValue) throws(RecordProblem) {
    let key = setting.key
    switch setting.storage {
    case .biases(let path):
      self[keyPath: path] = []
      for bias in try Members.array(value, key) {
        guard let ids = bias[0], let number = bias[1] else { throw Members.problem(key, "[ids, bias]", bias) }
        self[keyPath: path].append(SequenceBias(ids: try Members.ints(ids, key), bias: try Members.double(number, key)))
      }
    case .decay(let path):
      guard let start = value[0], let factor = value[1] else { throw Members.problem(key, "[start, factor]", value) }
      self[keyPath: path] = LengthDecay(start: try Members.int(start, key), factor: try Members.double(factor, key))
    case .number(let path, _): self[keyPath: path] = try Members.double(value, key)
    case .count(let path): self[keyPath: path] = try Members.int(value, key)
    case .flag(let path): self[keyPath: path] = try Members.flag(value, key)
    }
  }
}

extension TextRequest {
  /// Settings and limits; the context's model and ids are stored elsewhere.
  fileprivate var json: JSONObject {
    var object: JSONObject = [
      "max_tokens": .integer(maxTokens), "stop": .array(stopStrings.map { JSONValue($0) }),
      "ignore_eos": .bool(ignoresEndOfText), "top_logprobs": .integer(topCount), "settings": .object(settings.json),
    ]
    if let maxSeconds { object["max_time"] = .exact(maxSeconds) }
    if !endIDs.isEmpty { object["end_ids"] = .ints(endIDs) }
    return object
  }

  fileprivate init(_ members: Members, _ model: ModelReference) throws(RecordProblem) {
    self.init(
      context: ModelContext(model: model, ids: []), settings: try SamplingSettings(try members.members("settings")),
      maxTokens: try members.int("max_tokens"), stopStrings: try members.optional("stop", Members.texts) ?? [],
      ignoresEndOfText: try members.flag("ignore_eos"), topCount: try members.int("top_logprobs"),
      maxSeconds: try members.optional("max_time", Members.double))
    endIDs = try members.optional("end_ids", Members.ints) ?? []
  }
}

extension GenerationRequest {
  /// The request without its context.
  var json: JSONObject {
    var object = text.json
    object["prompt_count"] = .integer(promptCount)
    object["seed"] = .wide(seed)
    object["sequence"] = .integer(sequence)
    object["prompt_chunk"] = .integer(promptChunk)
    if speculation != .off {
      object["prompt_lookup"] = .bool(speculation.looksUpPrompt)
      object["draft"] = speculation.draft.map { .object($0.json) }
      object["draft_max"] = .integer(speculation.most)
    }
    return object
  }

  init(_ members: Members, _ model: ModelReference) throws(RecordProblem) {
    var speculation = Speculation.off
    if let looks = try members.optional("prompt_lookup", Members.flag) {
      speculation = Speculation(
        looksUpPrompt: looks, draft: try members.optional("draft", ModelReference.init(json:key:)),
        most: try members.int("draft_max"))
    }
    self.init(
      try TextRequest(members, model), promptCount: try members.int("prompt_count"),
      seed: try Members.wide(try members.value("seed"), "seed"), sequence: try members.int("sequence"),
      promptChunk: try members.int("prompt_chunk"), speculation: speculation)
  }
}

extension BeamRequest {
  /// The request without its context.
  var json: JSONObject {
    var object = text.json
    object["num_beams"] = .integer(search.beams)
    object["length_penalty"] = .exact(search.lengthPenalty)
    object["early_stopping"] = JSONValue(search.earlyStopping.rawValue)
    object["num_beam_groups"] = .integer(search.groups)
    object["diversity_penalty"] = .exact(search.diversityPenalty)
    object["num_return_sequences"] = .integer(returned)
    object["seed"] = seed.map { .wide($0) }
    return object
  }

  init(_ members: Members, _ model: ModelReference) throws(RecordProblem) {
    var search = BeamSearchSettings(
      beams: try members.int("num_beams"), lengthPenalty: try members.double("length_penalty"),
      earlyStopping: try Members.name(try members.value("early_stopping"), "early_stopping"))
    search.groups = try members.int("num_beam_groups")
    search.diversityPenalty = try members.double("diversity_penalty")
    self.init(
      try TextRequest(members, model), search: search, returned: try members.int("num_return_sequences"),
      seed: try members.optional("seed", Members.wide))
  }
}

extension FillMaskRequest {
  /// The request without its context.
  var json: JSONObject {
    ["top_k": .integer(topK), "targets": .ints(targets), "joint": .bool(joint)]
  }

  init(_ members: Members, _ model: ModelReference) throws(RecordProblem) {
    self.init(
      context: ModelContext(model: model, ids: []), topK: try members.int("top_k"),
      targets: try members.optional("targets", Members.ints) ?? [], joint: try members.flag("joint"))
  }
}

extension ModelReference {
  /// `{"name", "format", "changes"}`; the format only if it was given, and the changes only if there are some.
  var json: JSONObject {
    var object: JSONObject = ["name": JSONValue(name)]
    object["format"] = format.map { JSONValue($0.rawValue) }
    object["changes"] = changes.isEmpty ? nil : .array(changes.map { .object($0.json) })
    return object
  }

  init(json: JSONValue, key: String) throws(RecordProblem) {
    let members = try Members(json)
    self.init(
      try members.text("name"), format: try members.optional("format", Members.name),
      changes: try members.optional("changes", Members.changes) ?? [])
  }
}
