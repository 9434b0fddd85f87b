import JSONText

/// The configuration files next to the tokenizer: tokenizer_config.json, its older companions, and the two names that
/// config.json gives.
struct TokenizerConfiguration {
  /// tokenizer_config.json; an empty object if the file is missing.
  var settings: Field
  /// special_tokens_map.json.
  var specialTokensMap: JSONObject?
  /// added_tokens.json.
  var addedTokens: JSONObject?
  /// `model_type` and `tokenizer_class` of config.json.
  var modelType: String?
  var configClass: String?

  init(settings: JSONValue?, name: String = "tokenizer_config.json") throws(TokenizerError) {
    self.settings = Field(settings ?? [:], name)
    _ = try self.settings.object()
  }

  /// Reads the files in a folder. Missing files count as empty.
  init(folder: String) throws(TokenizerError) {
    let settings = try TokenizerFiles.json("\(folder)/tokenizer_config.json")
    try self.init(settings: settings, name: "\(folder)/tokenizer_config.json")
    specialTokensMap = try TokenizerFiles.json("\(folder)/special_tokens_map.json")?.object
    addedTokens = try TokenizerFiles.json("\(folder)/added_tokens.json")?.object
    // Errors in config.json are reported by the model's loader; the tokenizer only needs two names from it.
    let config = (try? JSONValue(contentsOfFile: "\(folder)/config.json")) ?? [:]
    modelType = config["model_type"]?.string
    configClass = config["tokenizer_class"]?.string
  }

  /// The tokenizer class that transformers would choose.
  var kind: TokenizerKind {
    TokenizerKind(className: settings["tokenizer_class"].value?.string ?? configClass, modelType: modelType)
  }

  /// Whether `model_input_names` has `token_type_ids`. Of the classes only BERT's has them by default.
  var givesTypes: Bool {
    get throws(TokenizerError) {
      let names = settings["model_input_names"]
      guard names.exists else { return kind == .bert }
      return try names.array().contains { $0.value?.string == "token_type_ids" }
    }
  }
}

/// The special and added tokens of the configuration, resolved as transformers 5 resolves them at load.
struct ConfiguredTokens {
  /// A token, and whether the configuration gave it as a plain string.
  struct Entry: Equatable {
    var token: AddedToken
    var isText: Bool

    init(text: String) {
      token = AddedToken(special: text)
      isText = true
    }

    init(_ token: AddedToken) {
      self.token = token
      isText = false
    }
  }

  /// The names of the seven standard special tokens, in the order in which they are added.
  static let names = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]

  /// Special tokens with a name; the seven standard ones come first.
  private(set) var named: [(name: String, entry: Entry)] = []
  /// Special tokens without a name.
  var extra: [Entry] = []
  /// Whether `extra` was set by the configuration.
  private(set) var hasExtra = false
  /// Tokens listed with an explicit id (`added_tokens_decoder`, added_tokens.json).
  private(set) var listed: [Int: AddedToken] = [:]

  /// - Parameters:
  ///   - defaults: the class's default special tokens, by name.
  ///   - file: the `added_tokens` of tokenizer.json.
  init(
    _ configuration: TokenizerConfiguration, defaults: [String: String], file: [(id: Int, token: AddedToken)]
  ) throws(TokenizerError) {
    let settings = configuration.settings
    var values = try settings.object()
    if settings["added_tokens_decoder"].exists {
      for (key, value) in try settings["added_tokens_decoder"].object().members {
        let field = Field(value, "\(settings.path).added_tokens_decoder.\(key)")
        guard let id = Int(key.description), 0...Vocabulary.largestID ~= id else {
          throw .invalid(path: field.path, expected: "an id", found: "\"\(key)\"")
        }
        listed[id] = try AddedToken(field)
      }
    } else {
      for (key, value) in configuration.specialTokensMap?.members ?? [] { values.setValue(value, forKey: key) }
      try listOlderTokens(configuration.addedTokens, values, settings.path)
      for entry in file { listed[entry.id] = entry.token }
    }
    try readNamed(values, defaults, settings.path)
    try readExtra(values, settings.path)
  }

  /// Reads added_tokens.json, a map from content to id. A token is special if it is also listed as a special token
  /// elsewhere.
  private mutating func listOlderTokens(
    _ object: JSONObject?, _ values: JSONObject, _ path: String
  ) throws(TokenizerError) {
    guard let object else { return }
    var special: Set<[UInt8]> = []
    for name in Self.names {
      if let value = values[name], let entry = try Self.entry(value, path) { special.insert(entry.token.content) }
    }
    for value in (values["extra_special_tokens"] ?? values["additional_special_tokens"])?.array ?? [] {
      if let entry = try Self.entry(value, path) { special.insert(entry.token.content) }
    }
    for (key, value) in object.members {
      guard isValidUTF8(key.bytes) else {
        throw .invalid(path: "added_tokens.json", expected: "Unicode text", found: "a lone surrogate in \"\(key)\"")
      }
      let id = try Field(value, "added_tokens.json[\"\(key)\"]").int(in: 0...Vocabulary.largestID)
      var token = AddedToken(special: "")
      token.content = key.bytes
      token.special = special.contains(key.bytes)
      token.normalized = !token.special
      listed[id] = token
    }
  }

  private mutating func readNamed(
    _ values: JSONObject, _ defaults: [String: String], _ path: String
  ) throws(TokenizerError) {
    let byContent = Dictionary(listed.values.map { ($0.content, $0) }) { $1 }
    for name in Self.names {
      if let value = values[name] {
        guard var entry = try Self.entry(value, "\(path).\(name)") else { continue }
        if let known = byContent[entry.token.content] { entry = Entry(known) }
        named.append((name, entry))
      } else if let text = defaults[name] {
        named.append((name, Entry(text: text)))
      }
    }
    for (key, value) in values.members {
      let name = key.description
      if name.hasSuffix("_token"), !Self.names.contains(name), let text = value.string {
        named.append((name, Entry(text: text)))
      }
    }
  }

  private mutating func readExtra(_ values: JSONObject, _ path: String) throws(TokenizerError) {
    let listed = values["extra_special_tokens"] ?? .null
    let hasNone = listed.isNull || listed.array?.isEmpty ?? listed.object.map { $0.count == 0 } ?? false
    let value = hasNone ? values["additional_special_tokens"] ?? .null : listed
    if let object = value.object {
      for (key, value) in object.members {
        if let entry = try Self.entry(value, "\(path).extra_special_tokens.\(key)") {
          named.append((key.description, entry))
        }
      }
    } else if !value.isNull {
      hasExtra = true
      for element in try Field(value, "\(path).extra_special_tokens").array() {
        if let entry = try Self.entry(element.value ?? .null, element.path) { extra.append(entry) }
      }
    }
  }

  /// A token given as a string or an object; `nil` for `null`.
  private static func entry(_ value: JSONValue, _ path: String) throws(TokenizerError) -> Entry? {
    if value.isNull { return nil }
    let field = Field(value, path)
    if value.object != nil { return Entry(try AddedToken(field, special: true)) }
    return Entry(text: try field.string())
  }

  /// Makes named tokens that are given as plain strings also match the white space around them.
  mutating func stripAround(_ names: [String]) {
    for index in named.indices where names.contains(named[index].name) && named[index].entry.isText {
      named[index].entry.token.stripsLeft = true
      named[index].entry.token.stripsRight = true
    }
  }

  /// The contents of the special tokens, named or not.
  var specialContents: Set<[UInt8]> { Set((named.map(\.entry) + extra).map(\.token.content)) }

  /// The content of a named token.
  func content(_ name: String) -> [UInt8]? { named.first { $0.name == name }?.entry.token.content }

  /// The tokens to add, in order, to a tokenizer that already has the tokens in `present`.
  func tokensToAdd(present: Set<[UInt8]>) -> [AddedToken] {
    var tokens = listed.sorted { $0.key < $1.key }.map(\.value)
    var known = present.union(tokens.map(\.content))
    let namedContents = Set(named.map(\.entry.token.content))
    for entry in named.map(\.entry) + extra where known.insert(entry.token.content).inserted {
      tokens.append(entry.token)
    }
    for index in tokens.indices where namedContents.contains(tokens[index].content) { tokens[index].special = true }
    return tokens
  }
}
