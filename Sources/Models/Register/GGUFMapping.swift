import Checkpoints
import JSONText
import Tensors

/// How a GGUF file of an architecture is read: which of its keys stand for those of the configuration, and what its
/// tensors are called. Each stands beside the architecture's definition.
struct GGUFMapping: Sendable {
  /// One key of the configuration.
  struct Key: Sendable {
    /// The key as `config.json` has it.
    let name: String
    /// The key in the file's metadata, without the architecture's name before it.
    let own: String
    /// Whether a file without it is refused.
    let isRequired: Bool

    static func required(_ name: String, _ own: String) -> Key { Key(name: name, own: own, isRequired: true) }
    static func optional(_ name: String, _ own: String) -> Key { Key(name: name, own: own, isRequired: false) }
  }

  /// Tensors of one stem, their `.weight` and `.bias`.
  struct Stem: Sendable {
    /// The stem as the architecture's own files have it.
    let name: String
    /// The key of the configuration that says how many heads its rows belong to, where they lie in rotary pairs.
    let heads: String?
  }

  /// `general.architecture`.
  let architecture: String
  let keys: [Key]
  /// Keys of the file that change no number.
  let withoutEffect: Set<String>
  /// GGUF's stem → the architecture's own. `*` stands for a layer's number.
  let stems: [String: Stem]
  /// Stems that take the place of others where the layers have no gate, `ffn_gate`.
  let stemsWithoutGate: [String: Stem]
  /// Tensors that are part of the configuration.
  let configurationTensors: Set<String>
  /// Whether the file's norms hold what is applied, where the architecture's own files hold 1 less.
  let holdsWholeNorms: Bool
  /// Completes the configuration: what the file says in another way, or what it cannot say.
  let complete: @Sendable (_ file: GGUFConfiguration, _ members: inout JSONObject) throws(ModelError) -> Void

  /// - Parameters:
  ///   - stems: pairs of stems, GGUF's first.
  ///   - stemsWithoutGate: pairs that take the place of others where the layers have no gate.
  ///   - rotaryPairs: the stems whose rows lie in rotary pairs, and the keys that count their heads.
  ///   - configurationTensors: tensors that `complete` reads.
  init(
    _ architecture: String, keys: [Key], withoutEffect: [String] = [], stems: [String: String],
    stemsWithoutGate: [String: String] = [:], rotaryPairs: [String: String] = [:],
    configurationTensors: [String] = [], holdsWholeNorms: Bool = false,
    complete: @escaping @Sendable (GGUFConfiguration, inout JSONObject) throws(ModelError) -> Void = { _, _ in }
  ) {
    self.architecture = architecture
    self.keys = keys
    self.withoutEffect = Set(withoutEffect + Self.keysOfAll)
    self.stems = Dictionary(
      uniqueKeysWithValues: stems.map { ($0.key, Stem(name: $0.value, heads: rotaryPairs[$0.key])) })
    self.stemsWithoutGate = stemsWithoutGate.mapValues { Stem(name: $0, heads: nil) }
    self.configurationTensors = Set(configurationTensors)
    self.holdsWholeNorms = holdsWholeNorms
    self.complete = complete
  }

  /// Keys of every architecture that change no number. The number of ids is that of the embedding's rows.
  private static let keysOfAll = ["vocab_size", "tensor_data_layout", "pooling_type"]

  /// The architecture's own name of a tensor, and how its rows lie; `nil` where the architecture reads no such tensor.
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
    return (own + name[dot...], stem.heads.map { .rotaryPairs(heads: heads($0) ?? 0) } ?? .plain)
  }
}

/// A GGUF file as the source of a configuration.
struct GGUFConfiguration: Sendable {
  let file: GGUFFile
  let architecture: String

  /// A value of the metadata; `nil` where there is none.
  func value(_ key: String) throws(ModelError) -> JSONValue? {
    try mapErrors { () throws(CheckpointError) in try file.metadata(key)?.json() }
  }

  /// A value of the architecture's keys.
  func own(_ key: String) throws(ModelError) -> JSONValue? { try value("\(architecture).\(key)") }

  /// The rows of a matrix, as many as a vocabulary or table has.
  func rows(_ tensor: String) throws(ModelError) -> JSONValue {
    guard let entry = file.entry(tensor), entry.shape.count == 2 else {
      throw .invalidConfiguration(
        path: file.location, key: "tensor \(tensor)", expected: "a matrix",
        found: file.entry(tensor).map { "\($0.shape)" } ?? "none")
    }
    return .integer(entry.shape[0])
  }

  /// Refuses a key that has another value than the one that the architecture computes with.
  func require(_ key: String, equals expected: Int) throws(ModelError) {
    guard let found = try own(key), found.int != expected else { return }
    throw failure(key, "\(expected), for no other is supported yet", found.serialized())
  }

  func failure(_ key: String, _ expected: String, _ found: String) -> ModelError {
    .invalidConfiguration(path: file.location, key: "\(architecture).\(key)", expected: expected, found: found)
  }
}

/// The tensors of a GGUF file under the names that the architecture's own files have.
struct GGUFTensors: TensorStore {
  private let file: GGUFFile
  /// Own name → the file's name, and how the rows lie.
  private let places: [String: (name: String, rows: RowOrder)]
  let holdsWholeNorms: Bool

  /// - Parameter heads: a number of heads by its key of the configuration.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)`` for a tensor that the architecture does
  ///   not read, which might change the numbers, or one whose rows cannot lie as they should.
  init(_ file: GGUFFile, _ mapping: GGUFMapping, heads: (String) -> Int?) throws(ModelError) {
    var places: [String: (name: String, rows: RowOrder)] = [:]
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
      guard own.rows.fits(rows) else { throw failure("an even number of rows for each head", "\(rows) rows") }
      places[own.name] = (name, own.rows)
    }
    self.file = file
    self.places = places
    holdsWholeNorms = mapping.holdsWholeNorms
  }

  var location: String { file.location }

  var names: [String] { places.keys.sorted() }

  var byteCount: Int { file.byteCount }

  var matrixLayout: WeightLayout? { file.matrixLayout }

  func entry(_ name: String) -> TensorEntry? {
    guard let place = places[name], var entry = file.entry(place.name) else { return nil }
    entry.rowOrder = place.rows
    return entry
  }

  func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    places[name].flatMap { file.bytes(of: $0.name, range) }
  }

  func checkUnchanged() throws(CheckpointError) { try file.checkUnchanged() }
}
