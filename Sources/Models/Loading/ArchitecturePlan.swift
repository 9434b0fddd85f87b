import Checkpoints
import JSONText
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What `config.json` asks for: an architecture with its sizes. The one place that knows all architectures.
struct ArchitecturePlan {
  private enum Sizes {
    case bert(BERTConfiguration)
    case gpt2(GPT2Configuration)
    case t5(T5Configuration)
  }

  let folder: String
  let architecture: Architecture
  private let file: ConfigurationReader
  private let sizes: Sizes

  /// Reads a folder's `config.json`.
  init(folder: String) throws(ModelError) {
    self.folder = folder
    file = try Self.configuration(folder: folder)
    architecture = try Self.architecture(file)
    switch architecture {
    case .bert: sizes = .bert(try BERTConfiguration(file))
    case .gpt2: sizes = .gpt2(try GPT2Configuration(file))
    case .t5: sizes = .t5(try T5Configuration(file))
    }
  }

  static func configuration(folder: String) throws(ModelError) -> ConfigurationReader {
    let path = folder + "/config.json"
    guard fileExists(path) else {
      // A path that is no folder at all has an error that says so.
      try mapErrors { () throws(CheckpointError) in try checkFolder(folder) }
      throw .configurationNotFound(folder: folder)
    }
    return try ConfigurationReader(path: path)
  }

  /// `model_type`; the oldest files have only the names of classes.
  static func architectureName(_ file: ConfigurationReader) throws(ModelError) -> String {
    if let name = try file.word("model_type") { return name }
    let className = file.members["architectures"]?[0]?.string ?? ""
    for known in Architecture.allCases where className.lowercased().hasPrefix(known.rawValue) { return known.rawValue }
    throw file.failure("model_type", "the name of an architecture", className.isEmpty ? "none" : className)
  }

  private static func architecture(_ file: ConfigurationReader) throws(ModelError) -> Architecture {
    let name = try architectureName(file)
    guard let architecture = Architecture(rawValue: name) else {
      let shown = name.utf8.count > 80 ? String(name.prefix(80)) + "…" : name
      throw .unsupportedArchitecture(shown, path: file.path, supported: Architecture.allCases.map(\.rawValue))
    }
    return architecture
  }

  /// The longest sequence, where there is a limit.
  var contextLength: Int? {
    switch sizes {
    case .bert(let sizes): sizes.max_position_embeddings
    case .gpt2(let sizes): sizes.n_positions
    case .t5: nil
    }
  }

  func store() throws(ModelError) -> any TensorStore {
    try mapErrors { () throws(CheckpointError) in try WeightContainer.open(folder: folder) }
  }

  func generation() throws(ModelError) -> GenerationConfiguration {
    try GenerationConfiguration(folder: folder, architecture: architecture, configuration: file)
  }

  /// All members of the configuration.
  var configuration: JSONObject { file.members }

  /// Where a configuration says that its weights are not ordinary ones, and the word for those that are packed here.
  static let quantizationKey = "quantization_config"
  static let quantizationMethod = "triptych"

  /// The format that the weights are opened in: the one that is asked for, else the file's own, else f32.
  /// - Throws: ``ModelError/packedInAnotherFormat(folder:stored:asked:)``, or
  ///   ``ModelError/invalidConfiguration(path:key:expected:found:)`` where the weights are not what `config.json` says.
  func format(_ asked: NumberFormat?, of store: any TensorStore) throws(ModelError) -> NumberFormat {
    let stored = store.packedFormat
    if let quantization = file.members[Self.quantizationKey], !quantization.isNull {
      guard quantization["quant_method"]?.string == Self.quantizationMethod else {
        throw file.failure(Self.quantizationKey, "none, or one by triptych quantize", quantization)
      }
      guard stored != nil else {
        throw file.failure(Self.quantizationKey, "packed weights in the folder", "ordinary tensors")
      }
    }
    guard let stored else { return asked ?? .f32 }
    if let asked, asked != stored { throw .packedInAnotherFormat(folder: folder, stored: stored, asked: asked) }
    return stored
  }

  /// Looks for every tensor of the model, reading none.
  /// - Returns: the reader, which has counted them.
  /// - Throws: all that is missing or misshapen at once.
  func check(_ store: any TensorStore) throws(ModelError) -> TensorReader {
    let reader = TensorReader(store, onlyChecks: true)
    _ = build(reader, format: .f32, LoadTally(totalBytes: 0))
    try mapErrors { () throws(CheckpointError) in try reader.throwProblems() }
    return reader
  }

  /// Reads and packs the weights.
  func load(
    _ store: any TensorStore, format: NumberFormat, cache: KeyValueFormat = .f32, totalBytes: Int,
    recorder: WeightRecorder? = nil, progress: @escaping (Double) -> Void
  ) throws(ModelError) -> AnyLanguageModel {
    let reader = TensorReader(store, onlyChecks: false)
    let tally = LoadTally(totalBytes: totalBytes, progress: progress)
    let model = build(reader, format: format, cache: cache, tally, recorder)
    try mapErrors { () throws(CheckpointError) in try reader.throwProblems() }
    return model
  }

  private func build(
    _ reader: TensorReader, format: NumberFormat, cache: KeyValueFormat = .f32, _ tally: LoadTally,
    _ recorder: WeightRecorder? = nil
  ) -> AnyLanguageModel {
    func weights(_ prefixes: [String]) -> WeightLoader {
      WeightLoader(
        scope: reader.root(prefixes: prefixes), format: format, cacheFormat: cache, tally: tally, recorder: recorder)
    }
    switch sizes {
    case .bert(let sizes): return .masked(BERT(weights(BERT.prefixes), sizes))
    case .gpt2(let sizes): return .causal(GPT2(weights(GPT2.prefixes), sizes))
    case .t5(let sizes): return .seq2seq(T5(weights(T5.prefixes), sizes))
    }
  }
}

/// Whether there is something at this path.
func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }
