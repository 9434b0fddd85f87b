import Checkpoints
import JSONText
import Tensors

/// Reads values out of a configuration file. Everything in the file is hostile: each value is checked for its type and
/// range, and what is wrong is told with its key.
struct ConfigurationReader: Sendable {
  /// The file, for messages.
  let path: String
  let members: JSONObject

  /// The largest size that a configuration may name. Products of two sizes fit an `Int`.
  static let largestSize = 1 << 28

  /// The most layers of a stack: several times as many as any known model has.
  static let mostLayers = 1000

  /// Reads a file that must be there.
  /// - Throws: ``ModelError/unreadableConfiguration(_:path:)`` or, when it is not an object,
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

  /// Reads a value.
  init(_ value: JSONValue, path: String) throws(ModelError) {
    guard let object = value.object else {
      throw .invalidConfiguration(path: path, key: "the file", expected: "an object", found: value.kind)
    }
    self.path = path
    members = object
  }

  /// The value of the last of these keys that is there and not `null`: an alias overrules the name, as in the
  /// reference.
  ///
  func value(_ keys: [String]) -> (key: String, value: JSONValue)? {
    for key in keys.reversed() {
      if let value = members[key], !value.isNull { return (key, value) }
    }
    return nil
  }

  /// Whether a key is there, `null` or not.
  func has(_ key: String) -> Bool { members[key] != nil }

  /// A size: a whole number from 1 on.
  /// - Parameters:
  ///   - keys: the key and the other names that the reference takes for it.
  ///   - fallback: the reference's default where there is no such key; `nil` makes it an error.
  func size(_ keys: String..., default fallback: Int?, atMost: Int = largestSize) throws(ModelError) -> Int {
    try integer(keys, in: 1...atMost, default: fallback)
  }

  /// A size that may be missing.
  func optionalSize(_ key: String) throws(ModelError) -> Int? {
    guard value([key]) != nil else { return nil }
    return try integer([key], in: 1...Self.largestSize, default: nil)
  }

  private func integer(_ keys: [String], in range: ClosedRange<Int>, default fallback: Int?) throws(ModelError) -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let (key, value) = value(keys) else {
      // The reference takes a default for a missing key only; a key that says null is a mistake.
      if let nulled = keys.first(where: has) { throw failure(nulled, expected, "null") }
      guard let fallback else { throw failure(keys[0], expected, "none") }
      return fallback
    }
    guard let integer = value.int, range.contains(integer) else { throw failure(key, expected, value) }
    return integer
  }

  /// A small number that is added under a square root, `layer_norm_epsilon` for instance.
  func epsilon(_ key: String, default fallback: Double) throws(ModelError) -> Float {
    guard let found = members[key] else { return Float(fallback) }
    guard let number = found.double, number >= 0, number <= 1 else { throw failure(key, "a number from 0 to 1", found) }
    return Float(number)
  }

  /// A finite number above a bound.
  func number(_ key: String, above bound: Double, default fallback: Double) throws(ModelError) -> Double {
    guard let (_, found) = value([key]) else { return fallback }
    guard let number = found.double, number > bound, number.isFinite else {
      throw failure(key, "a number above \(bound)", found)
    }
    return number
  }

  /// A switch.
  func boolean(_ key: String, default fallback: Bool) throws(ModelError) -> Bool {
    guard let found = members[key], !found.isNull else { return fallback }
    guard let boolean = found.bool else { throw failure(key, "true or false", found) }
    return boolean
  }

  /// A switch that may be missing or `null`.
  func optionalBoolean(_ key: String) throws(ModelError) -> Bool? {
    guard let (_, found) = value([key]) else { return nil }
    guard let boolean = found.bool else { throw failure(key, "true or false", found) }
    return boolean
  }

  /// A word; `nil` where there is none.
  func word(_ key: String) throws(ModelError) -> String? {
    guard let (_, found) = value([key]) else { return nil }
    guard let word = found.string else { throw failure(key, "a string", found) }
    return word
  }

  /// The name of an activation function.
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

  /// The error that a value is not what it should be.
  func failure(_ key: String, _ expected: String, _ found: JSONValue) -> ModelError {
    let text = found.serialized()
    return failure(key, expected, text.utf8.count > 80 ? String(text.prefix(80)) + "…" : text)
  }

  /// The error that a value is not what it should be.
  func failure(_ key: String, _ expected: String, _ found: String) -> ModelError {
    .invalidConfiguration(path: path, key: key, expected: expected, found: found)
  }
}
