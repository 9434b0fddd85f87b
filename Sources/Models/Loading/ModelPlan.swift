import Checkpoints
import JSONText
import Tensors
import Terms

/// A source's configuration as read: the architecture and its sizes.
struct ModelPlan {
  let source: ModelSource
  let architecture: ArchitectureDefinition
  private let reading: ArchitectureDefinition.Reading

  /// Reads a source's configuration.
  /// - Throws: ``ModelError/unsupportedArchitecture(_:path:supported:)`` and
  ///   ``ModelError/invalidConfiguration(path:key:expected:found:)``.
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

  /// The value of `model_type`. The oldest files only have class names in `architectures`.
  static func architectureName(_ file: ConfigurationReader) throws(ModelError) -> String {
    if let name = try file.word("model_type") { return name }
    let className = file.members["architectures"]?[0]?.string ?? ""
    if let known = Architectures.ofClass(className) { return known.name }
    throw file.failure("model_type", "the name of an architecture", className.isEmpty ? "none" : className)
  }

  /// The family of the model.
  var family: ModelFamily { reading.family }

  /// The maximum number of tokens of a sequence; `nil` if there is no limit.
  var contextLength: Int? { reading.contextLength }

  /// The source's decoding defaults.
  func generation() throws(ModelError) -> GenerationConfiguration {
    try GenerationConfiguration(
      own: source.generation, configuration: source.configuration, family: architecture.family,
      tokens: architecture.tokens)
  }

  /// The key of a configuration for quantized weights, and its `quant_method` for weights packed by this program.
  static let quantizationKey = "quantization_config"
  static let quantizationMethod = "triptych"

  /// The format to open the weights in: the requested one, otherwise the file's own.
  /// - Throws: ``ModelError/packedInAnotherFormat(folder:stored:asked:)``, or
  ///   ``ModelError/invalidConfiguration(path:key:expected:found:)`` if the weights do not match `config.json`.
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
    guard let stored else { return asked ?? store.ownFormat }
    if let asked, asked != stored {
      throw .packedInAnotherFormat(folder: source.path, stored: stored, asked: asked)
    }
    return stored
  }

  /// Checks that every tensor of the model is present, without reading weights.
  /// - Returns: the reader, with the number of elements and bytes.
  /// - Throws: one error with all missing and misshapen tensors.
  func check(_ store: any TensorStore) throws(ModelError) -> TensorReader { try checkWithMemory(store).reader }

  /// The tensors that do not fit the model.
  func problems(_ store: any TensorStore) -> [TensorProblem] {
    let reader = TensorReader(store, onlyChecks: true)
    _ = build(reader, format: .f32, LoadTally(totalBytes: 0))
    return reader.problems
  }

  /// The same, with the memory that the model needs.
  func checkWithMemory(
    _ store: any TensorStore
  ) throws(ModelError) -> (reader: TensorReader, memory: MemoryEstimate) {
    let reader = TensorReader(store, onlyChecks: true)
    let model = build(reader, format: .f32, LoadTally(totalBytes: 0))
    try mapErrors { () throws(CheckpointError) in try reader.throwProblems() }
    return (reader, memory(reader, model))
  }

  /// Reads and packs the weights.
  func load(
    _ store: any TensorStore, format: NumberFormat, cache: CacheFormat = .f32, totalBytes: Int,
    recorder: WeightRecorder? = nil, parameters: ParameterSet? = nil, formats: MatrixFormats? = nil,
    dropout: DropoutRates = DropoutRates(), progress: @escaping (Double) -> Void = { _ in }
  ) throws(ModelError) -> AnyLanguageModel {
    let reader = TensorReader(store, onlyChecks: false)
    let tally = LoadTally(totalBytes: totalBytes, progress: progress)
    let model = build(reader, format: format, cache: cache, tally, recorder, parameters, formats, dropout)
    try mapErrors { () throws(CheckpointError) in try reader.throwProblems() }
    return model
  }

  private func build(
    _ reader: TensorReader, format: NumberFormat, cache: CacheFormat = .f32, _ tally: LoadTally,
    _ recorder: WeightRecorder? = nil, _ parameters: ParameterSet? = nil, _ formats: MatrixFormats? = nil,
    _ dropout: DropoutRates = DropoutRates()
  ) -> AnyLanguageModel {
    reading.build(
      WeightLoader(
        scope: reader.root(prefixes: architecture.prefixes), format: format, cacheFormat: cache, tally: tally,
        recorder: recorder, parameters: parameters, formats: formats, dropout: dropout))
  }

  /// What the configuration drops in training.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)``
  func dropout() throws(ModelError) -> DropoutRates { try architecture.keys.dropout.rates(source.configuration) }

  /// The keys of the configuration that set dropout.
  var dropoutKeys: [String] { architecture.keys.dropout.keys.map(\.name) }
}
