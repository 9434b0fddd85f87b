import Checkpoints
import JSONText
import Tensors

/// Reads values out of a configuration file. The file is untrusted: each value is checked for its type and range, and
/// errors name the key.
struct ConfigurationReader: Sendable {
  /// The file's path, for error messages.
  let path: String
  let members: JSONObject
  /// The file's own names of keys, where they differ from those of `config.json`; for messages.
  let names: [String: String]

  /// The largest size that a configuration may name. Products of two sizes fit an `Int`.
  static let largestSize = 1 << 28

  /// The most layers of a stack: several times as many as any known model has.
  static let mostLayers = 1000

  /// Reads a required file.
  /// - Throws: ``ModelError/unreadableConfiguration(_:path:)`` or, if it is not a JSON object,
  ///   ``ModelError/invalidConfiguration(path:key:expected:found:)``.
  init(path: String) throws(ModelError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(contentsOfFile: path, limits: JSONLimits(depth: 64, bytes: 64 << 20))
    } catch {
      throw .unreadableConfiguration(error, path: path)
    }
    try self.init(value, path: path)
  }

  /// Reads the members of a JSON object.
  /// - Parameter names: the file's own names of keys, where they differ from those of `config.json`; for messages.
  init(_ value: JSONValue, path: String, names: [String: String] = [:]) throws(ModelError) {
    guard let object = value.object else {
      throw .invalidConfiguration(path: path, key: "the file", expected: "an object", found: value.kind)
    }
    self.path = path
    self.names = names
    members = object
  }

  /// The value of the last of these keys that is present and not `null`. Aliases come last, so they override the main
  /// name, as in transformers.
  ///
  func value(_ keys: [String]) -> (key: String, value: JSONValue)? {
    for key in keys.reversed() {
      if let value = members[key], !value.isNull { return (key, value) }
    }
    return nil
  }

  /// Whether a key is present, even if its value is `null`.
  func has(_ key: String) -> Bool { members[key] != nil }

  /// A size: an integer of at least 1.
  /// - Parameters:
  ///   - keys: the key and its aliases in transformers.
  ///   - fallback: the value for a missing key, as in transformers; `nil` makes a missing key an error.
  func size(_ keys: String..., default fallback: Int?, atMost: Int = largestSize) throws(ModelError) -> Int {
    try integer(keys, in: 1...atMost, default: fallback)
  }

  /// A size; `nil` if the key is missing or `null`.
  func optionalSize(_ key: String) throws(ModelError) -> Int? {
    guard value([key]) != nil else { return nil }
    return try integer([key], in: 1...Self.largestSize, default: nil)
  }

  /// An integer in a range.
  /// - Parameter fallback: the value for a missing key.
  func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) throws(ModelError) -> Int {
    try integer([key], in: range, default: fallback)
  }

  /// A size that has a default: `nil` only if the value is `null`.
  func optionalSize(_ key: String, default fallback: Int) throws(ModelError) -> Int? {
    has(key) ? try optionalSize(key) : fallback
  }

  /// A count: an integer of at least 0.
  func count(_ key: String, default fallback: Int) throws(ModelError) -> Int {
    try integer([key], in: 0...Self.largestSize, default: fallback)
  }

  /// `pad_token_id`; `nil` if the key is missing or `null`.
  func padding() throws(ModelError) -> Int? {
    guard let (key, found) = value(["pad_token_id"]) else { return nil }
    guard let id = found.int else { throw failure(key, "a whole number", found) }
    return id
  }

  private func integer(_ keys: [String], in range: ClosedRange<Int>, default fallback: Int?) throws(ModelError) -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let (key, value) = value(keys) else {
      // transformers uses the default only if the key is missing; an explicit null is an error.
      if let nulled = keys.first(where: has) { throw failure(nulled, expected, "null") }
      guard let fallback else { throw failure(keys[0], expected, "none") }
      return fallback
    }
    guard let integer = value.int, range.contains(integer) else { throw failure(key, expected, value) }
    return integer
  }

  /// A small number added to the variance of a norm, such as `layer_norm_epsilon`.
  func epsilon(_ key: String, default fallback: Double) throws(ModelError) -> Float {
    guard let found = members[key] else { return Float(fallback) }
    guard let number = found.double, number >= 0, number <= 1 else { throw failure(key, "a number from 0 to 1", found) }
    return Float(number)
  }

  /// A finite number greater than a bound.
  func number(_ key: String, above bound: Double, default fallback: Double) throws(ModelError) -> Double {
    guard let (_, found) = value([key]) else { return fallback }
    guard let number = found.double, number > bound, number.isFinite else {
      throw failure(key, "a number above \(bound)", found)
    }
    return number
  }

  /// A Boolean; `null` counts as missing.
  func boolean(_ key: String, default fallback: Bool) throws(ModelError) -> Bool {
    guard let found = members[key], !found.isNull else { return fallback }
    guard let boolean = found.bool else { throw failure(key, "true or false", found) }
    return boolean
  }

  /// A Boolean; `nil` if the key is missing or `null`.
  func optionalBoolean(_ key: String) throws(ModelError) -> Bool? {
    guard let (_, found) = value([key]) else { return nil }
    guard let boolean = found.bool else { throw failure(key, "true or false", found) }
    return boolean
  }

  /// A string; `nil` if the key is missing or `null`.
  func word(_ key: String) throws(ModelError) -> String? {
    guard let (_, found) = value([key]) else { return nil }
    guard let word = found.string else { throw failure(key, "a string", found) }
    return word
  }

  /// An activation function, named by the value of a key.
  func activation(_ key: String, default fallback: String) throws(ModelError) -> Activation {
    try activation(named: try word(key) ?? fallback, key: key)
  }

  /// An activation function by its name.
  func activation(named name: String, key: String) throws(ModelError) -> Activation {
    guard let activation = Activation(name: name) else {
      throw failure(key, "the name of a known activation function", .string(ByteString(name)))
    }
    return activation
  }

  /// The error for a value of the wrong type or range.
  func failure(_ key: String, _ expected: String, _ found: JSONValue) -> ModelError {
    let text = found.serialized()
    return failure(key, expected, text.utf8.count > 80 ? String(text.prefix(80)) + "…" : text)
  }

  /// The error for a value of the wrong type or range.
  func failure(_ key: String, _ expected: String, _ found: String) -> ModelError {
    .invalidConfiguration(path: path, key: names[key] ?? key, expected: expected, found: found)
  }
}
