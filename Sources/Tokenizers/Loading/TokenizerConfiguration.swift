import JSONText

/// What lies beside a tokenizer: tokenizer_config.json and its older companions, and what config.json says of it.
struct TokenizerConfiguration {
  /// tokenizer_config.json; an empty object when there is none.
  var settings: Field
  /// special_tokens_map.json.
  var specialTokensMap: JSONObject?
  /// added_tokens.json.
  var addedTokens: JSONObject?
  /// The class of config.json, and its model type.
  var modelType: String?
  var configClass: String?

  init(settings: JSONValue?, name: String = "tokenizer_config.json") throws(TokenizerError) {
    self.settings = Field(settings ?? [:], name)
    _ = try self.settings.object()
  }

  /// Reads the files of a folder; those that are not there count as empty.
  init(folder: String) throws(TokenizerError) {
    let settings = try TokenizerFiles.json("\(folder)/tokenizer_config.json")
    try self.init(settings: settings, name: "\(folder)/tokenizer_config.json")
    specialTokensMap = try TokenizerFiles.json("\(folder)/special_tokens_map.json")?.object
    addedTokens = try TokenizerFiles.json("\(folder)/added_tokens.json")?.object
    // The model's reader complains about a broken config.json; here it only gives two names.
    let config = (try? JSONValue(contentsOfFile: "\(folder)/config.json")) ?? [:]
    modelType = config["model_type"]?.string
    configClass = config["tokenizer_class"]?.string
  }

  /// The class of the tokenizer.
  var kind: TokenizerKind {
    TokenizerKind(className: settings["tokenizer_class"].value?.string ?? configClass, modelType: modelType)
  }
}
