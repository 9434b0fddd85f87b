import Checkpoints
import JSONText
import Tensors

/// How a GGUF file of an architecture is read: the metadata keys that replace those of `config.json`, and the names of
/// its tensors. Each mapping is in the file of its architecture or in `DecoderGGUF.swift`.
struct GGUFMapping: Sendable {
  /// One key of the configuration.
  struct Key: Sendable {
    /// The key in `config.json`.
    let name: String
    /// The key in the file's metadata, without the architecture's name before it.
    let own: String
    /// Whether a file without the key is an error.
    let isRequired: Bool

    static func required(_ name: String, _ own: String) -> Key { Key(name: name, own: own, isRequired: true) }
    static func optional(_ name: String, _ own: String) -> Key { Key(name: name, own: own, isRequired: false) }
  }

  /// Tensors of one stem, their `.weight` and `.bias`.
  struct Stem: Sendable {
    /// The stem in the architecture's safetensors files.
    let name: String
    let rows: Rows
  }

  /// The order of the rows of a stem. `heads` is the configuration key with the number of heads.
  enum Rows: Sendable {
    case plain
    case rotaryPairs(heads: String)
    case projectionsApart(heads: String)

    /// The order for a number of heads.
    func order(_ count: (String) -> Int?) -> RowOrder {
      switch self {
      case .plain: .plain
      case .rotaryPairs(let heads): .rotaryPairs(heads: count(heads) ?? 0)
      case .projectionsApart(let heads): .projectionsApart(heads: count(heads) ?? 0)
      }
    }
  }

  /// `general.architecture`.
  let architecture: String
  /// Whether a file of this `general.architecture` contains this kind of model. llama.cpp uses some names for several
  /// kinds.
  let matches: @Sendable (GGUFFile) -> Bool
  let keys: [Key]
  /// The file's keys that have no effect on inference.
  let withoutEffect: Set<String>
  /// The safetensors stem for each GGUF stem. `*` stands for a layer's number.
  let stems: [String: Stem]
  /// Stems that override ``stems`` in files whose layers have no gate (`ffn_gate`).
  let stemsWithoutGate: [String: Stem]
  /// The GGUF stems of matrices that may have a single row. ggml writes such a matrix as a vector.
  let rowStems: Set<String>
  /// Tensors that are read as part of the configuration.
  let configurationTensors: Set<String>
  /// Whether the file's norm weights already include the 1 that the architecture adds to those of safetensors files.
  let holdsWholeNorms: Bool
  /// Adds configuration members that are encoded differently in GGUF or missing from it.
  let complete: @Sendable (_ file: GGUFConfiguration, _ members: inout JSONObject) throws(ModelError) -> Void

  /// - Parameters:
  ///   - matches: whether a file with this `general.architecture` contains this kind of model.
  ///   - stems: the safetensors stem for each GGUF stem.
  ///   - stemsWithoutGate: stems that override `stems` if the layers have no gate.
  ///   - rows: the order of the rows of the GGUF stems whose rows are permuted.
  ///   - rowStems: the GGUF stems of matrices that may have a single row.
  ///   - configurationTensors: the tensors that `complete` reads.
  init(
    _ architecture: String, matches: @escaping @Sendable (GGUFFile) -> Bool = { _ in true }, keys: [Key],
    withoutEffect: [String] = [], stems: [String: String],
    stemsWithoutGate: [String: String] = [:], rows: [String: Rows] = [:], rowStems: [String] = [],
    configurationTensors: [String] = [], holdsWholeNorms: Bool = false,
    complete: @escaping @Sendable (GGUFConfiguration, inout JSONObject) throws(ModelError) -> Void = { _, _ in }
  ) {
    self.architecture = architecture
    self.matches = matches
    self.keys = keys
    self.withoutEffect = Set(withoutEffect + Self.keysOfAll)
    self.stems = Dictionary(
      uniqueKeysWithValues: stems.map { ($0.key, Stem(name: $0.value, rows: rows[$0.key] ?? .plain)) })
    self.stemsWithoutGate = stemsWithoutGate.mapValues { Stem(name: $0, rows: .plain) }
    self.rowStems = Set(rowStems)
    self.configurationTensors = Set(configurationTensors)
    self.holdsWholeNorms = holdsWholeNorms
    self.complete = complete
  }

  /// Keys of all architectures without effect on inference. The vocabulary size is taken from the embedding's rows.
  private static let keysOfAll = ["vocab_size", "tensor_data_layout", "pooling_type"]

  /// The safetensors name of a tensor and the order of its rows; `nil` if the architecture has no such tensor.
  func own(_ name: String, hasGate: Bool, heads: (String) -> Int?) -> (name: String, rows: RowOrder)? {
    guard let dot = name.lastIndex(of: "."), [".weight", ".bias"].contains(name[dot...]) else { return nil }
    var number = ""
    let parts = name[..<dot].split(separator: ".", omittingEmptySubsequences: false).map { part -> Substring in
      guard number.isEmpty, part == "0" || !part.hasPrefix("0"), !part.isEmpty,
        part.utf8.allSatisfy({ 0x30...0x39 ~= $0 })
      else { return part }
      number = String(part)
      return "*"
    }
    let key = parts.joined(separator: ".")
    guard let stem = (hasGate ? nil : stemsWithoutGate[key]) ?? stems[key] else { return nil }
    let own = stem.name.split(separator: "*", omittingEmptySubsequences: false).joined(separator: number)
    return (own + name[dot...], stem.rows.order(heads))
  }
}

/// A GGUF file as the source of a configuration.
struct GGUFConfiguration: Sendable {
  let file: GGUFFile
  let architecture: String

  /// A value of the metadata; `nil` if there is none.
  func value(_ key: String) throws(ModelError) -> JSONValue? {
    try mapErrors { () throws(CheckpointError) in try file.metadata(key)?.json() }
  }

  /// A value of the architecture's keys.
  func own(_ key: String) throws(ModelError) -> JSONValue? { try value("\(architecture).\(key)") }

  /// The number of rows of a matrix, for example the vocabulary size.
  /// - Parameter isVectorToo: whether a vector is a matrix of one row.
  func rows(_ tensor: String, isVectorToo: Bool = false) throws(ModelError) -> JSONValue {
    if isVectorToo, file.entry(tensor)?.shape.count == 1 { return 1 }
    guard let entry = file.entry(tensor), entry.shape.count == 2 else {
      throw .invalidConfiguration(
        path: file.location, key: "tensor \(tensor)", expected: "a matrix",
        found: file.entry(tensor).map { "\($0.shape)" } ?? "none")
    }
    return .integer(entry.shape[0])
  }

  /// Throws if a key is present with a value other than the one supported.
  func require(_ key: String, equals expected: Int) throws(ModelError) {
    guard let found = try own(key), found.int != expected else { return }
    throw failure(key, "\(expected), because no other is supported yet", found.serialized())
  }

  func failure(_ key: String, _ expected: String, _ found: String) -> ModelError {
    .invalidConfiguration(path: file.location, key: "\(architecture).\(key)", expected: expected, found: found)
  }

  /// The key of the names of a classifier's labels. A mapping maps it to `id2label` and calls
  /// ``completeLabels(_:_:)``.
  static let labels = GGUFMapping.Key.optional("id2label", "classifier.output_labels")

  /// Completes the configuration of a classifier if the file contains its head, `cls.output`.
  /// - Parameter name: the class of the classifier.
  func completeLabels(_ name: String, _ members: inout JSONObject) throws(ModelError) {
    let value = members["id2label"]
    members["id2label"] = nil
    let head = "cls.output.weight"
    guard file.contains(head) else { return }
    members["architectures"] = .array([JSONValue(name)])
    let count = try rows(head, isVectorToo: true)
    members["num_labels"] = count
    guard let value else { return }
    guard let names = value.array, names.allSatisfy({ $0.string != nil }), .integer(names.count) == count else {
      throw failure(Self.labels.own, "the names of the \(count.serialized()) labels", value.kind)
    }
    var labels: JSONObject = [:]
    for (index, name) in names.enumerated() { labels["\(index)"] = name }
    members["id2label"] = .object(labels)
  }
}

extension RowOrder {
  /// The requirement on the number of rows.
  fileprivate var requirement: String {
    switch self {
    case .plain: "any number of rows"
    case .rotaryPairs: "an even number of rows for each head"
    case .projectionsApart: "three times the same number of rows for each head"
    }
  }
}

/// The tensors of a GGUF file under their safetensors names.
struct GGUFTensors: TensorStore {
  private let file: GGUFFile
  /// The GGUF name and row order for each safetensors name.
  private let places: [String: (name: String, rows: RowOrder)]
  /// The safetensors names of vectors that are matrices of one row.
  private let rowVectors: Set<String>
  let holdsWholeNorms: Bool

  /// - Parameter heads: returns the number of heads under a configuration key.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)`` for a tensor that the architecture does
  ///   not have, because it might change the result, or if the number of rows does not fit the row order.
  init(_ file: GGUFFile, _ mapping: GGUFMapping, heads: (String) -> Int?) throws(ModelError) {
    var places: [String: (name: String, rows: RowOrder)] = [:]
    var rowVectors: Set<String> = []
    let hasGate = file.names.contains { $0.contains(".ffn_gate.") }
    for name in file.names where !mapping.configurationTensors.contains(name) {
      func failure(_ expected: String, _ found: String) -> ModelError {
        .invalidConfiguration(
          path: file.location, key: "tensor \(name.prefix(80))", expected: expected, found: found)
      }
      guard let own = mapping.own(name, hasGate: hasGate, heads: heads) else {
        throw failure("tensors that \(mapping.architecture) has", "one that it does not read")
      }
      let rows = file.entry(name)?.shape.first ?? 0
      guard own.rows.fits(rows) else { throw failure(own.rows.requirement, "\(rows) rows") }
      places[own.name] = (name, own.rows)
      if name.hasSuffix(".weight"), mapping.rowStems.contains(String(name.dropLast(7))),
        file.entry(name)?.shape.count == 1
      {
        rowVectors.insert(own.name)
      }
    }
    self.file = file
    self.places = places
    self.rowVectors = rowVectors
    holdsWholeNorms = mapping.holdsWholeNorms
  }

  var location: String { file.location }

  var names: [String] { places.keys.sorted() }

  var byteCount: Int { file.byteCount }

  var matrixLayout: WeightLayout? { file.matrixLayout }

  var ownFormat: NumberFormat { file.ownFormat }

  func entry(_ name: String) -> TensorEntry? {
    guard let place = places[name], var entry = file.entry(place.name) else { return nil }
    if rowVectors.contains(name) {
      return TensorEntry(shape: [1] + entry.shape, layout: entry.layout, byteCount: entry.byteCount)
    }
    entry.rowOrder = place.rows
    return entry
  }

  func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    places[name].flatMap { file.bytes(of: $0.name, range) }
  }

  func checkUnchanged() throws(CheckpointError) { try file.checkUnchanged() }
}
