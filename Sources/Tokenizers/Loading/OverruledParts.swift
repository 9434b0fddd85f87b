import JSONText

/// Finds the parts of a tokenizer.json that have no effect because a class of transformers 5 builds its own pipeline.
enum OverruledParts {
  /// The names of the parts that differ from what the class builds, in the order of the file.
  ///
  /// - Parameters:
  ///   - kind: a class that builds its own pipeline.
  ///   - json: the tokenizer.json.
  ///   - settings: the tokenizer_config.json, from which the class takes its options.
  static func names(_ kind: TokenizerKind, _ json: Field, _ settings: Field) -> [String] {
    var names: [String] = []
    if differs(json["normalizer"], from: normalizer(kind, settings, json)) { names.append("normalizer") }
    if differs(json["pre_tokenizer"], from: preTokenizers(kind, settings)) { names.append("pre_tokenizer") }
    if kind == .bert || kind == .t5, frameDiffers(kind, json["post_processor"], settings) {
      names.append("post_processor")
    }
    if differs(json["decoder"], from: decoders(kind, settings)) { names.append("decoder") }
    return names + modelKeys(kind, json["model"]).map { "model.\($0)" }
  }

  /// A description that is equivalent to what the class builds. `nil` stands for an absent part.
  private typealias Form = JSONObject?

  /// Whether a part matches none of the descriptions. Only keys that both the part and the description contain are
  /// compared.
  private static func differs(_ part: Field, from forms: [Form]) -> Bool {
    guard part.exists, let object = part.value?.object else { return !forms.contains { $0 == nil } }
    return !forms.contains { form in form.map { matches(object, $0) } ?? false }
  }

  private static func matches(_ object: JSONObject, _ form: JSONObject) -> Bool {
    form.members.allSatisfy { key, wanted in
      guard let found = object[key.description] else { return key != "type" }
      if let parts = wanted.array {
        guard let others = found.array, others.count == parts.count else { return false }
        return zip(others, parts).allSatisfy { other, part in
          guard let other = other.object, let part = part.object else { return other == part }
          return matches(other, part)
        }
      }
      return found == wanted
    }
  }

  private static func normalizer(_ kind: TokenizerKind, _ settings: Field, _ json: Field) -> [Form] {
    switch kind {
    case .bert:
      let strips = settings["strip_accents"].value ?? .null
      return [
        [
          "type": "BertNormalizer", "clean_text": true,
          "handle_chinese_chars": flag(settings["tokenize_chinese_chars"], true), "strip_accents": strips,
          "lowercase": flag(settings["do_lower_case"], true),
        ]
      ]
    // T5's class keeps only the first character map of the file.
    case .t5: return [nil, ["type": "Precompiled"], ["type": "Sequence", "normalizers": [["type": "Precompiled"]]]]
    case .gpt2, .roberta, .llama, .generic: return [nil]
    }
  }

  private static func preTokenizers(_ kind: TokenizerKind, _ settings: Field) -> [Form] {
    switch kind {
    case .bert: return [["type": "BertPreTokenizer"]]
    case .gpt2, .roberta:
      return [
        ["type": "ByteLevel", "add_prefix_space": flag(settings["add_prefix_space"], false), "use_regex": true]
      ]
    case .t5:
      let pieces: JSONObject = [
        "type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "prepend_scheme": "always", "split": true,
      ]
      return [["type": "Sequence", "pretokenizers": [["type": "WhitespaceSplit"], .object(pieces)]]]
    case .llama, .generic:
      let adds = flag(settings["add_prefix_space"], true) == true
      let scheme: JSONValue = !adds ? "never" : flag(settings["legacy"], false) == true ? "always" : "first"
      return [["type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": false]]
    }
  }

  private static func decoders(_ kind: TokenizerKind, _ settings: Field) -> [Form] {
    switch kind {
    case .bert: return [["type": "WordPiece", "prefix": "##", "cleanup": true]]
    case .gpt2, .roberta: return [["type": "ByteLevel"]]
    case .t5:
      return [["type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "prepend_scheme": "always"]]
    case .llama, .generic:
      let strip: JSONValue = ["type": "Strip", "content": " ", "start": 1, "stop": 0]
      let stages: [JSONValue] = [
        ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"], ["type": "Fuse"],
      ]
      let adds = flag(settings["add_prefix_space"], true) == true
      return [["type": "Sequence", "decoders": .array(stages + (adds ? [strip] : []))]]
    }
  }

  /// Whether the post-processor adds other tokens than the class does.
  private static func frameDiffers(_ kind: TokenizerKind, _ part: Field, _ settings: Field) -> Bool {
    guard part.exists else { return true }
    let token = { (name: String, fallback: String) -> String in
      settings[name].value?.string ?? settings[name].value?["content"]?.string ?? fallback
    }
    if kind == .bert, part.value?["type"] == "BertProcessing" { return false }
    guard part.value?["type"] == "TemplateProcessing", let single = part.value?["single"]?.array else { return true }
    let found = single.map { $0["SpecialToken"]?["id"]?.string ?? "" }
    return found
      != (kind == .bert
        ? [token("cls_token", "[CLS]"), "", token("sep_token", "[SEP]")] : ["", token("eos_token", "</s>")])
  }

  /// The keys of the model section whose values have no effect.
  private static func modelKeys(_ kind: TokenizerKind, _ model: Field) -> [String] {
    let expected: [(key: String, values: [JSONValue])] =
      switch kind {
      case .bert: [("continuing_subword_prefix", ["##"]), ("max_input_chars_per_word", [100])]
      case .gpt2, .roberta:
        [
          ("continuing_subword_prefix", ["", .null]), ("end_of_word_suffix", ["", .null]), ("fuse_unk", [false]),
          ("byte_fallback", [false]), ("ignore_merges", [false]),
        ]
      case .t5: [("unk_id", [2]), ("byte_fallback", [false])]
      case .llama, .generic: [("fuse_unk", [true]), ("byte_fallback", [true]), ("ignore_merges", [false])]
      }
    return expected.filter { key, values in model[key].value.map { !values.contains($0) } ?? false }.map(\.key)
  }

  private static func flag(_ field: Field, _ standard: Bool) -> JSONValue {
    .bool(field.value?.bool ?? standard)
  }
}
