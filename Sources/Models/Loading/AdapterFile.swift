import Checkpoints
import JSONText
import Tensors
import Terms

/// A folder with an adapter in PEFT's format: `adapter_config.json` and `adapter_model.safetensors`.
struct AdapterFile: Sendable {
  /// The change of one matrix.
  struct Change: Sendable {
    /// A: `[rank, inputs]`
    let down: StoredTensor
    /// B: `[outputs, rank]`
    let up: StoredTensor
    /// `[outputs]`, of DoRA.
    let magnitude: StoredTensor?
    let scale: Float
  }

  /// The path of the tensors, for messages.
  let path: String
  /// Changes by the names of the weights.
  let changes: [String: Change]
  /// Whole tensors of the adapter: those of a head, and biases. By their names in the model.
  let replaced: [String: StoredTensor]
  /// Whether the base stores its matrices as `[inputs, outputs]`, as GPT-2 does.
  let isTurned: Bool
  private let configuration: ConfigurationReader
  /// `config.json` of the adapted model, if the folder has one.
  private let whole: ConfigurationReader?

  private static let tensorFile = "adapter_model.safetensors"
  private static let prefix = "base_model.model."

  /// Opens a folder.
  /// - Throws: ``ModelError`` if a file is missing or damaged, or the adapter is of another kind than LoRA and DoRA.
  init(folder: String) throws(ModelError) {
    path = "\(folder)/\(Self.tensorFile)"
    configuration = try ConfigurationReader(path: "\(folder)/\(AdaptedPath.configurationFile)")
    let own = "\(folder)/\(ModelSource.configurationFile)"
    whole = FileBytes.exists(own) ? try ConfigurationReader(path: own) : nil
    let members = configuration.members
    isTurned = members["fan_in_fan_out"]?.bool ?? false
    try Self.check(configuration)
    let file = try mapErrors { [path] () throws(CheckpointError) in try SafetensorsFile(path: path) }
    var (parts, replaced) = ([String: [String: StoredTensor]](), [String: StoredTensor]())
    for name in file.names {
      guard let tensor = file[name], name.hasPrefix(Self.prefix) else {
        throw Self.failure(path, name, expected: "numeric tensors with the prefix \(Self.prefix)", "another tensor")
      }
      let inner = name.dropFirst(Self.prefix.count).replacing(".modules_to_save.default", with: "")
        .replacing(".base_layer.", with: ".").replacing(".default", with: "")
      guard let place = inner.firstRange(of: ".lora_") else {
        replaced[String(inner)] = tensor
        continue
      }
      parts[String(inner[..<place.lowerBound]), default: [:]][String(inner[place.upperBound...])] = tensor
    }
    var changes: [String: Change] = [:]
    for (module, tensors) in parts {
      let known: Set<String> = ["A.weight", "B.weight", "magnitude_vector", "magnitude_vector.weight"]
      if let other = tensors.keys.sorted().first(where: { !known.contains($0) }) {
        throw Self.failure(path, "\(module).lora_\(other)", expected: "lora_A and lora_B of a matrix", "lora_\(other)")
      }
      guard let down = tensors["A.weight"], let up = tensors["B.weight"], down.shape.count == 2, up.shape.count == 2,
        down.shape[0] == up.shape[1], down.shape[0] > 0
      else {
        throw Self.failure(
          path, module, expected: "lora_A [rank, inputs] and lora_B [outputs, rank]",
          tensors.keys.sorted().map { "\($0) \(tensors[$0].map { Array($0.shape) } ?? [])" }.joined(separator: ", "))
      }
      let magnitude = tensors["magnitude_vector"] ?? tensors["magnitude_vector.weight"]
      if let magnitude, magnitude.shape.reduce(1, *) != up.shape[0] {
        throw Self.failure(path, module, expected: "\(up.shape[0]) magnitudes", "\(Array(magnitude.shape))")
      }
      changes[module + ".weight"] = Change(
        down: down, up: up, magnitude: magnitude,
        scale: try Self.scale(configuration, module, rank: down.shape[0]))
    }
    self.changes = changes
    self.replaced = replaced
  }

  private static func failure(_ path: String, _ key: String, expected: String, _ found: String) -> ModelError {
    .invalidConfiguration(path: path, key: key, expected: expected, found: found)
  }

  private static func check(_ configuration: ConfigurationReader) throws(ModelError) {
    let kind = configuration.members["peft_type"]?.string ?? "none"
    guard kind == "LORA" else {
      throw failure(configuration.path, "peft_type", expected: "LORA", kind)
    }
    // Kinds of LoRA that compute something else.
    for key in ["use_qalora", "lora_bias", "layer_replication", "target_parameters", "trainable_token_indices"] {
      guard let value = configuration.members[key], !value.isNull, value != .bool(false), value != .array([]) else {
        continue
      }
      throw failure(configuration.path, key, expected: "none", value.serialized())
    }
  }

  /// alpha / rank, or alpha / √rank with `use_rslora`; alpha may be another for some modules.
  private static func scale(
    _ configuration: ConfigurationReader, _ module: String, rank: Int
  ) throws(ModelError) -> Float {
    let members = configuration.members
    var alpha = members["lora_alpha"]?.double ?? 8
    for member in members["alpha_pattern"]?.object?.members ?? [] {
      let key = "\(member.key)"
      guard !key.contains(where: { "^$*+?()[]{}|\\".contains($0) }), let value = member.value.double else {
        throw failure(configuration.path, "alpha_pattern", expected: "module names (not patterns) with numbers", key)
      }
      if module == key || module.hasSuffix("." + key) {
        alpha = value
        break
      }
    }
    guard alpha.isFinite else { throw failure(configuration.path, "lora_alpha", expected: "a number", "\(alpha)") }
    let isRooted = members["use_rslora"]?.bool ?? false
    return Float(alpha / (isRooted ? Double(rank).squareRoot() : Double(rank)))
  }

  /// The configuration of the adapted model: that of the folder, or the base's with the head that the adapter is for.
  func configuration(over base: JSONObject) -> JSONObject {
    if let whole { return whole.members }
    let ending: String
    switch configuration.members["task_type"]?.string {
    case "SEQ_CLS": ending = "ForSequenceClassification"
    case "TOKEN_CLS": ending = "ForTokenClassification"
    default: return base
    }
    var made = base
    made["architectures"] = .array([JSONValue(ArchitectureNames.stem(base) + ending)])
    let heads = ["out_proj.weight", "classifier.weight", "score.weight"]
    let count = heads.lazy.compactMap { head in replaced.first { $0.key.hasSuffix(head) }?.value.shape.first }.first
    if let count, made["id2label"]?.object?.count != count {
      made["num_labels"] = nil
      made["id2label"] = .object(
        JSONObject((0..<count).map { (key: ByteString("\($0)"), value: JSONValue("LABEL_\($0)")) }))
      made["label2id"] = .object(
        JSONObject((0..<count).map { (key: ByteString("LABEL_\($0)"), value: .integer($0)) }))
    }
    return made
  }
}

/// The weights of a base with an adapter merged into them.
struct AdaptedStore: TensorStore {
  private let base: any TensorStore
  private let adapter: AdapterFile
  /// Changes by the names that the base has.
  private let changes: [String: AdapterFile.Change]
  private let isTurned: Bool

  /// Merges an adapter.
  /// - Throws: ``ModelError`` if the base lacks a matrix that the adapter changes, or has it in another shape.
  init(_ base: any TensorStore, _ adapter: AdapterFile) throws(ModelError) {
    if let stored = base.packedFormat {
      throw .packedForInference(folder: base.location, stored: stored)
    }
    self.base = base
    self.adapter = adapter
    var (found, isTurned) = ([String: AdapterFile.Change](), adapter.isTurned)
    for (name, change) in adapter.changes.sorted(by: { $0.key < $1.key }) {
      guard let own = Self.name(name, in: base), let entry = base.entry(own) else {
        throw .invalidConfiguration(
          path: adapter.path, key: name, expected: "a matrix of the base \(base.location)", found: "none of this name")
      }
      let shape = [change.up.shape[0], change.down.shape[1]]
      guard entry.shape == shape || entry.shape == shape.reversed() else {
        throw .invalidConfiguration(
          path: adapter.path, key: name, expected: "a change of a matrix \(entry.shape)", found: "one of \(shape)")
      }
      if shape[0] != shape[1] { isTurned = entry.shape != shape }
      found[own] = change
    }
    changes = found
    self.isTurned = isTurned
  }

  /// The name of a weight in the base's files, which may lack or add the model's prefix.
  private static func name(_ name: String, in base: any TensorStore) -> String? {
    let inner = name.split(separator: ".").dropFirst().joined(separator: ".")
    let prefixes = ["model.", "transformer.", "bert.", "roberta.", "distilbert.", "electra."]
    return ([name, inner] + prefixes.map { $0 + name }).first { base.entry($0) != nil }
  }

  var location: String { base.location }
  var names: [String] { Set(base.names).union(adapter.replaced.keys).sorted() }
  var byteCount: Int { base.byteCount }
  var matrixLayout: WeightLayout? { base.matrixLayout }
  var holdsWholeNorms: Bool { base.holdsWholeNorms }

  func entry(_ name: String) -> TensorEntry? {
    if let whole = adapter.replaced[name] {
      let shape = Array(whole.shape)
      return TensorEntry(
        shape: shape, layout: ElementType.f32.layout, byteCount: shape.reduce(1, *) * MemoryLayout<Float>.stride)
    }
    guard let entry = base.entry(name), changes[name] != nil else { return base.entry(name) }
    return TensorEntry(
      shape: entry.shape, layout: ElementType.f32.layout,
      byteCount: entry.shape.reduce(1, *) * MemoryLayout<Float>.stride)
  }

  func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    let value: Tensor
    if let whole = adapter.replaced[name] {
      value = whole.tensor()
    } else if let change = changes[name] {
      guard let merged = merged(name, change) else { return nil }
      value = merged
    } else {
      return base.bytes(of: name, range)
    }
    guard let stored = try? StoredTensor(value.detached()) else { return nil }
    return StoredBytes(stored.bytes, owner: stored.owner)[range]
  }

  private func merged(_ name: String, _ change: AdapterFile.Change) -> Tensor? {
    guard let stored = base[name]?.tensor() else { return nil }
    var value = LowRank.sum(
      isTurned ? LowRank.transposed(stored) : stored, down: change.down.tensor(), up: change.up.tensor(),
      scale: change.scale)
    if let magnitude = change.magnitude {
      value = LowRank.scaledRows(value, magnitude.tensor(), dividedBy: LowRank.norms(value))
    }
    return isTurned ? LowRank.transposed(value) : value
  }

  func checkUnchanged() throws(CheckpointError) { try base.checkUnchanged() }
}
