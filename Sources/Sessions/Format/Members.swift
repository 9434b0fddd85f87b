import EngineAPI
import JSONText

/// Reads the members of a JSON object. A problem names the member.
struct Members {
  let object: JSONObject

  init(_ value: JSONValue) throws(RecordProblem) {
    guard let object = value.object else { throw RecordProblem(expected: "an object", found: value.kind) }
    self.object = object
  }

  /// The value of a key; `null` counts as missing.
  func optional(_ key: String) -> JSONValue? {
    // `nil` in a closure could be JSON's null.
    guard let value = object[key], !value.isNull else { return JSONValue?.none }
    return value
  }

  func value(_ key: String) throws(RecordProblem) -> JSONValue {
    guard let value = optional(key) else { throw RecordProblem(expected: "a value for '\(key)'", found: "none") }
    return value
  }

  func int(_ key: String, from least: Int = .min) throws(RecordProblem) -> Int {
    try Members.int(try value(key), key, from: least)
  }

  func text(_ key: String) throws(RecordProblem) -> String { try Members.text(try value(key), key) }
  func double(_ key: String) throws(RecordProblem) -> Double { try Members.double(try value(key), key) }
  func flag(_ key: String) throws(RecordProblem) -> Bool { try Members.flag(try value(key), key) }
  func array(_ key: String) throws(RecordProblem) -> [JSONValue] { try Members.array(try value(key), key) }
  func members(_ key: String) throws(RecordProblem) -> Members { try Members(try value(key)) }

  /// A value that may be missing.
  func optional<Value>(
    _ key: String, _ read: (JSONValue, String) throws(RecordProblem) -> Value
  ) throws(RecordProblem) -> Value? {
    guard let value = optional(key) else { return nil }
    return try read(value, key)
  }

  static func int(_ value: JSONValue, _ key: String) throws(RecordProblem) -> Int { try int(value, key, from: .min) }

  static func int(_ value: JSONValue, _ key: String, from least: Int) throws(RecordProblem) -> Int {
    guard let number = value.int, number >= least else {
      let bound = least == .min ? "" : " of at least \(least)"
      throw problem(key, "a whole number\(bound)", value)
    }
    return number
  }

  static func text(_ value: JSONValue, _ key: String) throws(RecordProblem) -> String {
    guard let text = value.string else { throw problem(key, "a string", value) }
    return text
  }

  /// A number. Non-finite numbers are strings: `inf`, `-inf`, `nan`.
  static func double(_ value: JSONValue, _ key: String) throws(RecordProblem) -> Double {
    if let number = value.double { return number }
    switch value.string {
    case "inf": return .infinity
    case "-inf": return -.infinity
    case "nan": return .nan
    default: throw problem(key, "a number", value)
    }
  }

  static func flag(_ value: JSONValue, _ key: String) throws(RecordProblem) -> Bool {
    guard let flag = value.bool else { throw problem(key, "true or false", value) }
    return flag
  }

  static func array(_ value: JSONValue, _ key: String) throws(RecordProblem) -> [JSONValue] {
    guard let array = value.array else { throw problem(key, "an array", value) }
    return array
  }

  static func texts(_ value: JSONValue, _ key: String) throws(RecordProblem) -> [String] {
    var texts: [String] = []
    for element in try array(value, key) { texts.append(try text(element, key)) }
    return texts
  }

  static func ints(_ value: JSONValue, _ key: String) throws(RecordProblem) -> [Int] {
    var numbers: [Int] = []
    for element in try array(value, key) { numbers.append(try int(element, key)) }
    return numbers
  }

  static func bytes(_ value: JSONValue, _ key: String) throws(RecordProblem) -> [UInt8] {
    var bytes: [UInt8] = []
    for element in try array(value, key) {
      guard let byte = element.int.flatMap(UInt8.init(exactly:)) else { throw problem(key, "bytes", element) }
      bytes.append(byte)
    }
    return bytes
  }

  /// An unsigned 64-bit integer: a JSON number, or a string of digits if it exceeds a signed integer.
  static func wide(_ value: JSONValue, _ key: String) throws(RecordProblem) -> UInt64 {
    guard let number = value.int.flatMap(UInt64.init(exactly:)) ?? value.string.flatMap({ UInt64($0) }) else {
      throw problem(key, "a number from 0 to 2^64 - 1", value)
    }
    return number
  }

  /// A case of an enumeration by its name.
  static func name<Value: RawRepresentable & CaseIterable>(
    _ value: JSONValue, _ key: String
  ) throws(RecordProblem) -> Value where Value.RawValue == String {
    guard let known = value.string.flatMap(Value.init(rawValue:)) else {
      let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw problem(key, "one of \(names)", value)
    }
    return known
  }

  /// A place: `[node, count]`.
  static func place(_ value: JSONValue, _ key: String) throws(RecordProblem) -> Place {
    guard let node = value[0]?.int, let count = value[1]?.int, value.array?.count == 2 else {
      throw problem(key, "[node, count]", value)
    }
    return Place(NodeID(node), count)
  }

  static func problem(_ key: String, _ expected: String, _ value: JSONValue) -> RecordProblem {
    let found = value.string.map { "'\($0.prefix(40))'" } ?? value.double.map { "\($0)" } ?? value.kind
    return RecordProblem(expected: "\(expected) as '\(key)'", found: found)
  }
}

extension JSONValue {
  /// A number. Non-finite numbers are strings: `inf`, `-inf`, `nan`.
  static func exact(_ value: Double) -> JSONValue {
    if value.isFinite { return .double(value) }
    return JSONValue(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
  }

  /// A number or `null`.
  static func exact(_ value: Double?) -> JSONValue { value.map { exact($0) } ?? .null }

  /// An unsigned 64-bit integer.
  static func wide(_ value: UInt64) -> JSONValue { Int(exactly: value).map(JSONValue.integer) ?? JSONValue("\(value)") }

  /// `[node, count]`.
  static func place(_ place: Place) -> JSONValue { [.integer(place.node.number), .integer(place.count)] }

  static func ints(_ values: some Sequence<Int>) -> JSONValue { .array(values.map(JSONValue.integer)) }
}
