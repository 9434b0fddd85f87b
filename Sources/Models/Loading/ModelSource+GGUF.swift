import Checkpoints
import JSONText
import Tensors

extension ModelSource {
  /// A folder in Hugging Face layout, a GGUF file, or a model with adapters (``AdaptedPath``).
  /// - Throws: ``ModelError`` where there is no model at the path, or its configuration cannot be read.
  public init(path: String) throws(ModelError) {
    if let adapted = try AdaptedPath(path) {
      try self.init(adapted: adapted, path: path)
      return
    }
    if Self.isFile(path) { try self.init(gguf: path) } else { try self.init(folder: path) }
  }

  /// Whether there is a file, not a folder, at a path.
  public static func isFile(_ path: String) -> Bool {
    do throws(CheckpointError) {
      try checkFolder(path)
      return false
    } catch {
      return error == .notAFolder(path: path)
    }
  }

  /// A GGUF file: its metadata is the configuration, the tokenizer and the chat template.
  ///
  /// An unsupported architecture is reported only when the model is opened.
  /// - Throws: ``ModelError`` if the file is not a GGUF file or has invalid metadata.
  public init(gguf path: String) throws(ModelError) {
    let file = try mapErrors { () throws(CheckpointError) in try GGUFFile(path: path) }
    let name = try mapErrors { () throws(CheckpointError) in
      try file.metadata("general.architecture")?.json().string ?? ""
    }
    guard let definition = Architectures.ofGGUF(name, file), let mapping = definition.gguf else {
      // The name must not be mistaken for a supported `model_type` that has no GGUF mapping.
      let type = JSONValue(Architectures.named(name) == nil ? name : "\(name) (GGUF)")
      let configuration = try ConfigurationReader(["model_type": type], path: path)
      self.init(file, configuration) { () throws(CheckpointError) in file }
      return
    }
    let source = GGUFConfiguration(file: file, architecture: name)
    var members: JSONObject = ["model_type": JSONValue(definition.name)]
    var names: [String: String] = [:]
    for key in mapping.keys {
      names[key.name] = "\(name).\(key.own)"
      if let value = try source.own(key.own) {
        members[key.name] = value
      } else if key.isRequired {
        throw source.failure(key.own, "a value", "none")
      }
    }
    try Self.refuseUnknownKeys(source, mapping)
    members["tie_word_embeddings"] = .bool(!file.contains("output.weight"))
    members["vocab_size"] = try source.rows("token_embd.weight")
    try Self.addTokens(source, to: &members)
    try mapping.complete(source, &members)
    let configuration = try ConfigurationReader(.object(members), path: path, names: names)
    // Report configuration errors before mismatched tensors, which may be consequences of them.
    _ = try definition.reading(configuration)
    let tensors = try GGUFTensors(file, mapping) { key in members[key]?.int }
    self.init(file, configuration) { () throws(CheckpointError) in tensors }
  }

  /// Throws if a key that the mapping does not read has a value other than 0 or false, because it may change the
  /// result.
  private static func refuseUnknownKeys(_ source: GGUFConfiguration, _ mapping: GGUFMapping) throws(ModelError) {
    let known = mapping.withoutEffect.union(mapping.keys.map(\.own))
    for key in source.file.keys {
      let parts = key.split(separator: ".", maxSplits: 1)
      guard parts.count == 2, parts[0] == source.architecture, !known.contains(String(parts[1])) else { continue }
      guard let value = try source.value(key), value.double != 0, value.bool != false else { continue }
      let text = value.serialized()
      throw source.failure(
        String(parts[1].prefix(80)), "no such key, because it is not supported",
        text.utf8.count > 80 ? String(text.prefix(80)) + "…" : text)
    }
  }

  /// Adds the beginning-of-text, end-of-text and padding ids. As in llama.cpp, ids outside the vocabulary are ignored.
  private static func addTokens(_ source: GGUFConfiguration, to members: inout JSONObject) throws(ModelError) {
    let count = members["vocab_size"]?.int ?? 0
    func id(_ name: String) throws(ModelError) -> JSONValue? {
      let value = try source.value("tokenizer.ggml.\(name)_token_id")
      return value?.int.flatMap { 0..<count ~= $0 ? .integer($0) : nil }
    }
    var ends: [JSONValue] = []
    for name in ["eos", "eot", "eom"] {
      if let id = try id(name), !ends.contains(id) { ends.append(id) }
    }
    if !ends.isEmpty { members["eos_token_id"] = .array(ends) }
    members["bos_token_id"] = try id("bos") ?? .null
    members["pad_token_id"] = try id("padding") ?? .null
  }

  /// The tokenizer's metadata of a GGUF file, with the model's name; `nil` for other sources.
  public func tokenizerMetadata() throws(ModelError) -> JSONValue? {
    guard let gguf else { return nil }
    return try mapErrors { () throws(CheckpointError) in
      .object(try gguf.metadata { $0.hasPrefix("tokenizer.") || $0 == "general.name" })
    }
  }
}
