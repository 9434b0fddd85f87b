import JSONText

extension ChatTemplate {
  /// The file with a model's template, in the folder of its tokenizer.
  public static let fileName = "chat_template.jinja"
  /// The folder with further templates; `NAME.jinja` holds the template NAME.
  public static let folderName = "additional_chat_templates"

  /// The templates of a model, read from the files beside its tokenizer; `nil` if there are none.
  ///
  /// Files take precedence over `chat_template` in the configuration, as in transformers. `chat_template` is a string,
  /// an object from names to templates, or an array of objects with `name` and `template`.
  /// - Parameters:
  ///   - file: the contents of ``fileName``.
  ///   - named: the contents of the files in ``folderName``, with their names without extension.
  ///   - configuration: `tokenizer_config.json`.
  /// - Throws: if `chat_template` has another form, or is the only template and does not parse.
  public init?(
    file: String?, named: [(name: String, source: String)] = [], configuration: JSONValue?
  ) throws(TemplateError) {
    var sources = file.map { [(name: Self.defaultName, source: $0)] } ?? []
    sources += named
    if sources.isEmpty, let member = configuration?["chat_template"], !member.isNull {
      sources = try Self.sources(in: member)
    }
    guard !sources.isEmpty else { return nil }
    self.init(sources, specialTokens: Self.specialTokens(in: configuration))
    if sources.count == 1, sources[0].name == Self.defaultName { try check() }
  }

  private static func sources(in member: JSONValue) throws(TemplateError) -> [(name: String, source: String)] {
    if let text = member.string { return [(defaultName, text)] }
    if let object = member.object {
      var sources: [(name: String, source: String)] = []
      for (key, value) in object.members {
        guard let source = value.string else { throw wrongForm("a text for '\(key)'", value.kind) }
        sources.append((key.description, source))
      }
      return sources
    }
    guard let array = member.array else { throw wrongForm("a text or an array", member.kind) }
    var sources: [(name: String, source: String)] = []
    for element in array {
      guard let name = element["name"]?.string, let source = element["template"]?.string else {
        throw wrongForm("'name' and 'template' in each element", element.kind)
      }
      sources.append((name, source))
    }
    return sources
  }

  private static func wrongForm(_ expected: String, _ found: String) -> TemplateError {
    TemplateError(.request, "'chat_template' has another form", expected: expected, found: found)
  }

  /// The names of the special tokens that templates can use.
  private static let tokenNames = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// The special tokens of `tokenizer_config.json`. A value is a string, or an object with the string in `content`.
  public static func specialTokens(in configuration: JSONValue?) -> JSONObject {
    var tokens = JSONObject()
    for name in tokenNames {
      guard let member = configuration?[name] else { continue }
      if case .string = member {
        tokens[name] = member
      } else if let content = member["content"] {
        tokens[name] = content
      }
    }
    return tokens
  }
}
