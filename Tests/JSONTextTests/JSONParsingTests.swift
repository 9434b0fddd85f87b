import Foundation
import JSONText
import TestSupport
import Testing

@Suite("JSON parsing")
struct JSONParsingTests {
  func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test("every kind of value is parsed")
  func values() throws {
    #expect(try parse(" null ") == nil)
    #expect(try parse("true") == true)
    #expect(try parse("[1, -2, 3.5, \"x\", {}, []]") == [1, -2, 3.5, "x", [:], []])
    #expect(try parse("{\"b\": 1, \"a\": {\"c\": [null]}}") == ["b": 1, "a": ["c": [nil]]])
    #expect(try parse("\u{FEFF}1") == 1)
  }

  @Test(
    "numbers become integers if they fit, else the nearest double",
    arguments: [
      ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("12", .integer(12)), ("-7", .integer(-7)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .double(9223372036854775808)), ("18446744073709551616", .double(18446744073709551616)),
      ("1.5", .double(1.5)), ("1e3", .double(1000)), ("-1E-2", .double(-0.01)), ("1.0", .double(1)),
      ("0.1", .double(0.1)), ("-12.345678901234567", .double(-12.345678901234567)),
      ("1000000000000000019884624838656", .double(1000000000000000019884624838656)),
      ("2.2250738585072011e-308", .double(Double.leastNormalMagnitude.nextDown)),
      ("5e-324", .double(Double.leastNonzeroMagnitude)),
      ("1e400", .double(.infinity)), ("1e-400", .double(0)), ("0e99999999999999999999", .double(0)),
      ("123456789012345678e-17", .double(1.23456789012345678)), ("Infinity", .double(.infinity)),
      ("-Infinity", .double(-.infinity)),
    ])
  func numbers(text: String, expected: JSONValue) throws {
    #expect(try parse(text) == expected)
  }

  @Test("NaN is accepted, as in Python")
  func notANumber() throws {
    #expect(try parse("NaN").double?.isNaN == true)
  }

  @Test("doubles parse back bit for bit from their shortest text")
  func doublesRoundTrip() throws {
    var random = SplitMix64(seed: 1)
    for _ in 0..<5000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      #expect(try parse(number.description).double?.bitPattern == number.bitPattern)
    }
    for _ in 0..<5000 {
      let number = Double(Int64(truncatingIfNeeded: random.next()) >> 24) / 1e6
      #expect(try parse("[\(number)]")[0]?.double == number)
    }
  }

  @Test("decimal fractions of up to 20 digits are the nearest doubles")
  func decimalFractions() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<20_000 {
      let digits = String(
        UInt64.random(in: 1...UInt64.max >> UInt64.random(in: 0..<64, using: &random), using: &random))
      let places = Int.random(in: 1...30, using: &random)
      let whole = digits.count > places ? String(digits.dropLast(places)) : "0"
      let text = whole + "." + String(repeating: "0", count: max(0, places - digits.count)) + digits.suffix(places)
      let expected = try #require(Double(text))
      #expect(try parse("-" + text).double?.bitPattern == (-expected).bitPattern, "\(text)")
    }
    // Halfway between two doubles, and one digit beside it.
    for text in [
      "4503599627370497.5", "4503599627370496.5", "9007199254740993.0", "0.50000000000000005551115123125783",
    ] {
      #expect(try parse(text).double == Double(text), "\(text)")
    }
  }

  @Test("strings keep their exact bytes")
  func strings() throws {
    #expect(try parse(#""a\n\t\r\b\f\/\\\"é""#).bytes == Array("a\n\t\r\u{8}\u{C}/\\\"é".utf8))
    #expect(try parse(#""\u00e9\u20ac\ud83d\ude00\u0000""#).bytes == Array("é€😀\0".utf8))
    #expect(try parse(#""\ud800""#).bytes == [0xED, 0xA0, 0x80])
    #expect(try parse(#""\ud800\u0041""#).bytes == [0xED, 0xA0, 0x80, 0x41])
    #expect(try parse(#""\ud800\ud83d\ude00""#).bytes == [0xED, 0xA0, 0x80] + Array("😀".utf8))
    #expect(try parse(#""\udc00x""#).bytes == [0xED, 0xB0, 0x80, 0x78])
    #expect(try JSONValue(parsing: [0x22, 0xFF, 0xC3, 0x22]).bytes == [0xFF, 0xC3])
  }

  @Test("canonically equivalent keys are different keys")
  func canonicalEquivalence() throws {
    let value = try parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
    #expect(value.object?.count == 2)
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
  }

  @Test("a duplicate key keeps its first position and last value", arguments: [2, 5, 50])
  func duplicateKeys(count: Int) throws {
    let members = (0..<count).map { "\"k\($0)\": \($0)" }.joined(separator: ",")
    let object = try #require(try parse("{\(members), \"k1\": \"last\"}").object)
    #expect(object.count == count)
    #expect(object.members[1].key == "k1")
    #expect(object["k1"] == "last")
    #expect(object["k0"] == 0)
  }

  @Test(
    "syntax errors have their offset, line and column",
    arguments: [
      ("", 0, 1, 1), ("[1,\n 2", 6, 2, 3), ("{\"a\" 1}", 5, 1, 6), ("[1]]", 3, 1, 4), ("[01]", 2, 1, 3),
      ("[1,]", 3, 1, 4), ("{,}", 1, 1, 2), ("\"\\x\"", 2, 1, 3), ("\"a\nb\"", 2, 1, 3), ("\"\\u12G4\"", 5, 1, 6),
      ("1.", 2, 1, 3), ("1e", 2, 1, 3), ("-", 1, 1, 2), ("tru", 0, 1, 1), ("\"abc", 4, 1, 5), ("{\"a\":1,}", 7, 1, 8),
      ("nan", 0, 1, 1), ("'a'", 0, 1, 1), ("\"\\", 2, 1, 3), ("[1 2]", 3, 1, 4), ("\u{0}", 0, 1, 1), (".5", 0, 1, 1),
    ])
  func mistakes(text: String, offset: Int, line: Int, column: Int) {
    #expect {
      try parse(text)
    } throws: { error in
      guard case .malformed(let position, _, _)? = error as? JSONError else { return false }
      return position.offset == offset && position.line == line && position.column == column
    }
  }

  @Test("truncated text throws")
  func truncation() throws {
    let text = Array(#"{"model": {"vocab": {"a\u00e9": 0, "b": -1.5e3}, "merges": [["a", "b"], null, true]}} "#.utf8)
    for end in 0..<(text.count - 1) {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<end])) }
    }
  }

  @Test("random bytes never trap")
  func randomBytes() {
    var random = SplitMix64(seed: 2)
    let alphabet = Array("{}[]:,\"\\u0123456789eE+-.tfnNI \n\u{1}é".utf8)
    var read = 0
    for _ in 0..<20_000 {
      let bytes = (0..<Int(random.next() % 24)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      if (try? JSONValue(parsing: bytes)) != nil { read += 1 }
    }
    #expect(read > 0)
  }

  @Test("text beyond the limits of nesting and size throws")
  func limits() throws {
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { try parse(nested(128)) }
    #expect {
      try parse(nested(129))
    } throws: { error in
      guard case .tooDeep(let position, 128)? = error as? JSONError else { return false }
      return position.offset == 128
    }
    #expect(throws: JSONError.self) {
      try JSONValue(
        parsing: Array(String(repeating: "[", count: 3_000_000).utf8), limits: JSONLimits(depth: .max))
    }
    #expect(throws: JSONError.tooLarge(path: nil, bytes: 4, limit: 3)) {
      try JSONValue(parsing: Array("1234".utf8), limits: JSONLimits(bytes: 3))
    }
  }

  @Test("errors name the unreadable file")
  func files() throws {
    try Fixtures.withScratchFolder { folder in
      #expect(throws: JSONError.unreadable(path: folder, reason: "a folder")) {
        try JSONValue(contentsOfFile: folder)
      }
      #expect(throws: JSONError.unreadable(path: "\(folder)/none", reason: SystemReason(code: ENOENT))) {
        try JSONValue(contentsOfFile: "\(folder)/none")
      }
    }
  }

  @Test("accessors return nil for other kinds")
  func accessors() throws {
    let value: JSONValue = ["int": 3, "whole": 3.0, "half": 0.5, "text": "x", "list": [1], "none": nil]
    #expect(value["int"]?.int == 3 && value["whole"]?.int == 3 && value["half"]?.int == nil)
    #expect(value["int"]?.double == 3 && value["half"]?.double == 0.5)
    #expect(value["text"]?.string == "x" && value["text"]?.int == nil && value["missing"] == nil)
    #expect(value["list"]?[0] == 1 && value["list"]?[1] == nil && value["list"]?[-1] == nil)
    #expect(value["none"]?.isNull == true && value["list"]?["x"] == nil)
    #expect(JSONValue.double(1e300).int == nil && JSONValue.double(.nan).int == nil)
  }
}
