import JSONText
import Layers
import Tensors

/// The rotary position settings of a configuration: `rope_parameters`, or in older files `rope_scaling`, `rope_theta`
/// and `partial_rotary_factor`.
struct RotaryParameters: Sendable {
  /// The base of the frequencies.
  let base: Double
  /// Numbers in a head.
  let headWidth: Int
  /// The number of dimensions of a head that are rotated.
  let rotaryWidth: Int
  /// How the frequencies are scaled.
  let scaling: RotaryScaling
  /// The factor of the cosines and sines.
  let attentionFactor: Double
  /// LongRoPE: the maximum length of a text with ``scaling``, and the frequency divisors for longer texts.
  private(set) var long: (length: Int, divisors: [Float])?

  /// An architecture's own sizes and its defaults for missing settings.
  struct Model {
    /// Numbers in a head.
    var headWidth: Int
    /// The maximum number of positions of a text.
    var contextLength: Int
    /// The base where the file has none.
    var base = 10_000.0
    /// The default fraction of a head that is rotated; `nil` if the architecture always rotates whole heads.
    var rotaryShare: Double?
    /// `original_max_position_embeddings` from outside the rotary settings, which overrides the value inside them.
    var originalLength: Int?
    /// Whether the settings are nested in an object per layer type. transformers then ignores `truncate`.
    var isNested = false
    /// Alternative names of scaling types, with the name that each one stands for.
    var otherNames: [String: String] = [:]
  }

  /// Reads the settings with the precedence of transformers: `rope_scaling` overrides `rope_parameters`, and
  /// what is inside the object overrides the configuration's own `rope_theta` and `partial_rotary_factor`.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)``, also for a kind of scaling that
  ///   transformers does not have.
  init(_ file: ConfigurationReader, _ model: Model) throws(ModelError) {
    var parameters: (key: String, members: JSONObject)?
    for key in ["rope_scaling", "rope_parameters"] where parameters == nil {
      guard let (_, value) = file.value([key]) else { continue }
      guard let object = value.object else { throw file.failure(key, "an object", value) }
      // transformers treats an empty object as missing.
      if object.count > 0 { parameters = (key, object) }
    }
    var model = model
    model.base = try file.number("rope_theta", above: 0, default: model.base)
    if model.originalLength == nil { model.originalLength = try file.optionalSize(Self.originalLengthKey) }
    let share = try file.number("partial_rotary_factor", above: 0, default: model.rotaryShare ?? 1)
    try self.init(file, parameters?.key ?? "rope_parameters", parameters?.members ?? [:], share: share, model)
  }

  static let originalLengthKey = "original_max_position_embeddings"

  /// Reads the settings of one layer type.
  /// - Parameters:
  ///   - key: the key of the settings, for messages.
  ///   - share: the rotated fraction of a head if `members` lacks it.
  init(
    _ file: ConfigurationReader, _ key: String, _ members: JSONObject, share: Double, _ model: Model
  ) throws(ModelError) {
    for nested in ["full_attention", "sliding_attention"] where members[nested]?.object != nil {
      throw file.failure(key, "the same positions in all layers", "\(nested) with its own")
    }
    let inner = try RotaryReader(file, key, members, model)
    headWidth = model.headWidth
    base = try inner.number("rope_theta", default: model.base)
    let (newer, older) = (try inner.reader.word("rope_type"), try inner.reader.word("type"))
    let kind = newer ?? older ?? "default"
    let share = try inner.number("partial_rotary_factor", default: share)
    let isWhole = model.rotaryShare == nil || share >= 1 || kind == "proportional"
    // An architecture that rotates whole heads ignores the fraction, except in scaling types that use it.
    guard model.rotaryShare != nil || share == 1 || ["default", "proportional"].contains(kind) else {
      throw inner.failure("partial_rotary_factor", "1, because the architecture rotates whole heads", "\(share)")
    }
    rotaryWidth = isWhole ? headWidth : Int(Double(headWidth) * share)
    let pairs = (rotaryWidth + 1) / 2
    guard 2 * pairs <= headWidth else {
      throw file.failure("head_dim", "an even number of numbers to rotate", "\(rotaryWidth)")
    }
    switch model.otherNames[kind] ?? kind {
    case "default", "dynamic":
      // `dynamic` changes the frequencies only beyond `max_position_embeddings`, which no text exceeds here.
      if kind == "dynamic" { _ = try inner.required("factor") }
      (scaling, attentionFactor) = (.none, 1)
    case "linear": (scaling, attentionFactor) = (.linear(factor: try inner.required("factor")), 1)
    case "proportional":
      let turning = Int(min(share, 1) * Double(headWidth) / 2)
      (scaling, attentionFactor) = (.proportional(turning: turning, factor: try inner.number("factor", default: 1)), 1)
    case "yarn":
      let (yarn, factor) = try inner.yarn()
      (scaling, attentionFactor) = (.yarn(yarn), factor)
    case "llama3": (scaling, attentionFactor) = (.llama3(try inner.llama3()), 1)
    case "longrope":
      let short = try inner.divisors("short_factor", count: pairs)
      let length = try inner.originalLength()
      (scaling, attentionFactor) = (.divisors(short), try inner.longAttentionFactor())
      // Long frequencies are needed only if texts can be longer than `length` and the divisors differ.
      let divisors = try inner.divisors("long_factor", count: pairs)
      if length < model.contextLength, divisors != short { long = (length, divisors) }
    default:
      throw inner.failure(
        "rope_type", "default, linear, dynamic, yarn, llama3, longrope or proportional", kind)
    }
  }

  /// The encoding of queries and keys. Nothing is rotated if the rotated fraction of a head is less than one number.
  func encoding(pairs: RotationPairs = .halves) -> PositionEncoding {
    rotaryWidth > 0 ? .rotary(embedding(scaling, pairs)) : .none
  }

  /// LongRoPE: the encoding of queries and keys in texts longer than `long.length`; `nil` without LongRoPE.
  func longEncoding(pairs: RotationPairs = .halves) -> PositionEncoding? {
    long.map { .rotary(embedding(.divisors($0.divisors), pairs)) }
  }

  private func embedding(_ scaling: RotaryScaling, _ pairs: RotationPairs) -> RotaryEmbedding {
    RotaryEmbedding(
      headWidth: headWidth, rotaryWidth: rotaryWidth, base: base, pairs: pairs, scaling: scaling,
      factor: Float(attentionFactor))
  }
}

/// Reads the members of `rope_parameters`.
private struct RotaryReader {
  let reader: ConfigurationReader
  private let model: RotaryParameters.Model

  init(
    _ file: ConfigurationReader, _ key: String, _ members: JSONObject, _ model: RotaryParameters.Model
  ) throws(ModelError) {
    let names = Self.members.map { ($0, "\(key), \($0)") }
    reader = try ConfigurationReader(
      .object(members), path: file.path, names: Dictionary(uniqueKeysWithValues: names))
    self.model = model
  }

  /// The members that are read.
  private static let members = [
    "rope_type", "type", "rope_theta", "factor", "partial_rotary_factor", "attention_factor", "beta_fast", "beta_slow",
    "mscale", "mscale_all_dim", "truncate", "low_freq_factor", "high_freq_factor", "short_factor", "long_factor",
    RotaryParameters.originalLengthKey,
  ]

  func failure(_ member: String, _ expected: String, _ found: String) -> ModelError {
    reader.failure(member, expected, found)
  }

  /// A number greater than 0 that is finite in single precision.
  private func number(_ member: String) throws(ModelError) -> Double? {
    guard let (_, found) = reader.value([member]) else { return nil }
    guard let number = found.double, number > 0, number < 1e30 else {
      throw reader.failure(member, "a number above 0", found)
    }
    return number
  }

  func number(_ member: String, default fallback: Double) throws(ModelError) -> Double {
    try number(member) ?? fallback
  }

  func required(_ member: String) throws(ModelError) -> Double {
    guard let number = try number(member) else { throw failure(member, "a number above 0", "none") }
    return number
  }

  /// `original_max_position_embeddings`: the context length before scaling.
  func originalLength() throws(ModelError) -> Int {
    if let length = model.originalLength { return length }
    return try reader.optionalSize(RotaryParameters.originalLengthKey) ?? model.contextLength
  }

  /// The scaling factor of YaRN and LongRoPE, also if the file has none or `null`.
  private func factor() throws(ModelError) -> Double {
    let original = try originalLength()
    return try number("factor", default: Double(model.contextLength) / Double(original))
  }

  func yarn() throws(ModelError) -> (YaRN, attentionFactor: Double) {
    let factor = try factor()
    /// A number that counts as missing where it is 0, as in transformers.
    func nonzero(_ member: String) throws(ModelError) -> Double? {
      if reader.members[member]?.double == 0 { return nil }
      return try number(member)
    }
    func attention(_ scale: Double) -> Double { factor <= 1 ? 1 : 0.1 * scale * logarithm(factor) + 1 }
    var attentionFactor = attention(1)
    if let own = try number("attention_factor") {
      attentionFactor = own
    } else if let scale = try nonzero("mscale"), let all = try nonzero("mscale_all_dim") {
      attentionFactor = attention(scale) / attention(all)
    }
    let isRounded = !model.isNested && reader.has("truncate") ? try reader.boolean("truncate", default: false) : true
    let yarn = YaRN(
      factor: factor, originalLength: try originalLength(), fastTurns: try nonzero("beta_fast") ?? 32,
      slowTurns: try nonzero("beta_slow") ?? 1, roundsBounds: isRounded)
    return (yarn, attentionFactor)
  }

  func llama3() throws(ModelError) -> Llama3Scaling {
    Llama3Scaling(
      factor: try required("factor"), slowTurns: try required("low_freq_factor"),
      fastTurns: try required("high_freq_factor"), originalLength: try originalLength())
  }

  func longAttentionFactor() throws(ModelError) -> Double {
    if let own = try number("attention_factor") { return own }
    let (factor, length) = (try factor(), try originalLength())
    guard factor > 1 else { return 1 }
    guard length > 1 else { throw failure(RotaryParameters.originalLengthKey, "more than 1", "\(length)") }
    return (1 + logarithm(factor) / logarithm(Double(length))).squareRoot()
  }

  /// A divisor for each pair.
  func divisors(_ member: String, count: Int) throws(ModelError) -> [Float] {
    let expected = "\(count) numbers above 0"
    guard let (_, found) = reader.value([member]) else { throw failure(member, expected, "none") }
    guard let elements = found.array else { throw reader.failure(member, expected, found) }
    let numbers = elements.compactMap(\.double).filter { $0 > 0 && $0 < 1e30 }
    guard numbers.count == elements.count, numbers.count == count else {
      throw failure(member, expected, "\(elements.count) elements, \(numbers.count) of them numbers above 0")
    }
    return numbers.map { Float($0) }
  }
}
