import JSONText
import TestSupport
import Testing

@Suite("JSON writing")
struct JSONWritingTests {
  @Test("the compact and the indented layout have the expected text")
  func layout() {
    let value: JSONValue = ["schema": 1, "list": [1.5, true, nil], "empty": [], "none": [:]]
    #expect(value.serialized() == #"{"schema":1,"list":[1.5,true,null],"empty":[],"none":{}}"#)
    #expect(
      value.serialized(pretty: true) == """
        {
          "schema": 1,
          "list": [
            1.5,
            true,
            null
          ],
          "empty": [],
          "none": {}
        }
        """)
  }

  @Test("numbers have the fewest digits that parse to the same value, and NaN becomes null")
  func numbers() {
    let value: JSONValue = [0.1, 1e300, -0.0, 1e-7, 3.0, .double(.nan), .double(.infinity), .integer(.min)]
    #expect(value.serialized() == "[0.1,1e+300,-0.0,1e-07,3.0,null,null,-9223372036854775808]")
  }

  @Test("control characters are always escaped, and invalid UTF-8 is replaced")
  func escapes() {
    #expect(JSONValue("\"\\\n\r\t\u{0}\u{1B}\u{7F}\u{9B}é").serialized() == #""\"\\\n\r\t\u0000\u001b\u007f\u009bé""#)
    #expect(JSONValue.string(ByteString([0x61, 0xFF, 0xED, 0xA0, 0x80])).serialized().first == "\"")
    #expect(JSONValue.string(ByteString([0x61, 0xFF])).serialized() == "\"a\u{FFFD}\"")
  }

  @Test("members are replaced in place, appended and removed", arguments: [3, 40])
  func members(count: Int) {
    var object = JSONObject()
    for number in 0..<count { object["k\(number)"] = .integer(number) }
    object["k1"] = "new"
    object["k0"] = nil
    object["last"] = true
    #expect(object.members.map(\.key.description) == (1..<count).map { "k\($0)" } + ["last"])
    #expect(object["k1"] == "new" && object["k0"] == nil && object["k\(count - 1)"] == .integer(count - 1))
  }

  @Test("random values parse back equal")
  func roundTrip() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<500 {
      let value = randomValue(&random, depth: 4)
      for pretty in [false, true] {
        #expect(try JSONValue(parsing: Array(value.serialized(pretty: pretty).utf8)) == value)
      }
    }
  }

  func randomValue(_ random: inout SplitMix64, depth: Int) -> JSONValue {
    switch random.next() % (depth > 0 ? 7 : 5) {
    case 0: return nil
    case 1: return .bool(random.next() % 2 == 0)
    case 2: return .integer(Int(truncatingIfNeeded: random.next()))
    case 3: return .double(Double(random.next() % 1_000_000) / 7 + 0.1)
    case 4:
      let scalars = (0..<random.next() % 8).compactMap { _ in Unicode.Scalar(UInt32(random.next() % 0x11000)) }
      return JSONValue(String(String.UnicodeScalarView(scalars)))
    case 5: return .array((0..<random.next() % 5).map { _ in randomValue(&random, depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<random.next() % 20 { object["\(random.next() % 50)"] = randomValue(&random, depth: depth - 1) }
      return .object(object)
    }
  }
}
