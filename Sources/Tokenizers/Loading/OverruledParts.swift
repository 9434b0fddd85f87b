import JSONText

/// Finds the parts of a tokenizer.json that have no effect because a class of transformers 5 builds its own pipeline.
enum OverruledParts {
  /// The names of the parts that differ from what the class builds, in the order of the file.
  ///
  /// - Parameters:
  ///   - pipeline: what the class builds.
  ///   - kind: the class.
  ///   - json: the tokenizer.json.
  ///   - settings: the tokenizer_config.json, which names tokens.
  static func names(_ pipeline: ClassPipeline, _ kind: TokenizerKind, _ json: Field, _ settings: Field) -> [String] {
    var names: [String] = []
    if differs(json["normalizer"], from: pipeline.normalizers) { names.append("normalizer") }
    if differs(json["pre_tokenizer"], from: [pipeline.preTokenizer]) { names.append("pre_tokenizer") }
    let hasFrame = pipeline.frame != nil && !pipeline.keepsFileFrame && kind != .roberta
    if hasFrame && frameDiffers(pipeline, kind, json["post_processor"], settings)
      || pipeline.ignoresFileFrame && addsTokens(json["post_processor"])
    {
      names.append("post_processor")
    }
    if differs(json["decoder"], from: [pipeline.decoder]) { names.append("decoder") }
    let model = json["model"]
    let keys = pipeline.model.filter { key, values in model[key].value.map { !values.contains($0) } ?? false }
    return names + keys.map { "model.\($0.key)" }
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

  /// Whether the post-processor adds tokens.
  private static func addsTokens(_ part: Field) -> Bool {
    let parts = [part] + ((try? part["processors"].array()) ?? [])
    return parts.contains { ["TemplateProcessing", "BertProcessing", "RobertaProcessing"].contains($0["type"].value) }
  }

  /// Whether the post-processor adds other tokens than the class does.
  private static func frameDiffers(
    _ pipeline: ClassPipeline, _ kind: TokenizerKind, _ part: Field, _ settings: Field
  ) -> Bool {
    guard part.exists else { return true }
    let token = { (name: String) -> String in
      settings[name].value?.string ?? settings[name].value?["content"]?.string ?? pipeline.tokens[name] ?? ""
    }
    if kind == .bert, part.value?["type"] == "BertProcessing" { return false }
    guard part.value?["type"] == "TemplateProcessing", let single = part.value?["single"]?.array else { return true }
    let frame = pipeline.frame
    let expected = [frame?.first.map(token), "", frame?.last.map(token)].compactMap(\.self)
    return single.map { $0["SpecialToken"]?["id"]?.string ?? "" } != expected
  }
}
