import Checkpoints
import JSONText
import Tensors

/// What a source's configuration asks for: an architecture with its sizes.
struct ModelPlan {
  let source: ModelSource
  let architecture: ArchitectureDefinition
  private let reading: ArchitectureDefinition.Reading

  /// Reads a source's configuration.
  /// - Throws: ``ModelError/unsupportedArchitecture(_:path:supported:)`` and what reading the configuration throws.
  init(_ source: ModelSource) throws(ModelError) {
    self.source = source
    let file = source.configuration
    let name = try Self.architectureName(file)
    guard let architecture = Architectures.named(name) else {
      let shown = name.utf8.count > 80 ? String(name.prefix(80)) + "…" : name
      throw .unsupportedArchitecture(shown, path: file.path, supported: Architectures.all.map(\.name))
    }
    self.architecture = architecture
    reading = try architecture.reading(file)
  }

  /// `model_type`; the oldest files have only the names of classes.
  static func architectureName(_ file: ConfigurationReader) throws(ModelError) -> String {
    if let name = try file.word("model_type") { return name }
    let className = file.members["architectures"]?[0]?.string ?? ""
    if let known = Architectures.ofClass(className) { return known.name }
    throw file.failure("model_type", "the name of an architecture", className.isEmpty ? "none" : className)
  }

  /// The longest sequence, where there is a limit.
  var contextLength: Int? { reading.contextLength }

  /// What the source says about decoding.
  func generation() throws(ModelError) -> GenerationConfiguration {
    try GenerationConfiguration(
      own: source.generation, configuration: source.configuration, architecture: architecture)
  }

  /// Where a configuration says that its weights are not ordinary ones, and the word for those that are packed here.
  static let quantizationKey = "quantization_config"
  static let quantizationMethod = "triptych"

  /// The format that the weights are opened in: the one that is asked for, else the file's own, else f32.
  /// - Throws: ``ModelError/packedInAnotherFormat(folder:stored:asked:)``, or
  ///   ``ModelError/invalidConfiguration(path:key:expected:found:)`` where the weights are not what `config.json` says.
  func format(_ asked: NumberFormat?, of store: any TensorStore) throws(ModelError) -> NumberFormat {
    let stored = store.packedFormat
    if let quantization = source.configuration.members[Self.quantizationKey], !quantization.isNull {
      guard quantization["quant_method"]?.string == Self.quantizationMethod else {
        throw source.configuration.failure(Self.quantizationKey, "none, or one by triptych quantize", quantization)
      }
      guard stored != nil else {
        throw source.configuration.failure(Self.quantizationKey, "packed weights in the folder", "ordinary tensors")
      }
    }
    guard let stored else { return asked ?? .f32 }
    if let asked, asked != stored {
      throw .packedInAnotherFormat(folder: source.identity.path, stored: stored, asked: asked)
    }
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
    reading.build(
      WeightLoader(
        scope: reader.root(prefixes: architecture.prefixes), format: format, cacheFormat: cache, tally: tally,
        recorder: recorder))
  }
}
