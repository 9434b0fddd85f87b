import JSONText
import TestSupport

/// Mutates a JSON text as a value. The result is valid JSON, so it reaches the code after the parser.
struct JSONMutation {
  var random: SplitMix64

  /// The text with one value changed; `nil` if it is not a JSON array or object. An eight-byte length prefix, as in a
  /// safetensors file, is updated to the new length.
  mutating func changed(_ bytes: [UInt8]) -> [UInt8]? {
    if let value = Self.container(bytes[...]) { return Array(change(value).serialized().utf8) }
    guard bytes.count > 8 else { return nil }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8), let value = Self.container(bytes[8..<8 + Int(length)]) else { return nil }
    let text = Array(change(value).serialized().utf8)
    let field = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    return field + text + bytes[(8 + Int(length))...]
  }

  private static func container(_ bytes: ArraySlice<UInt8>) -> JSONValue? {
    guard let value = try? JSONValue(parsing: Array(bytes)), value.object != nil || value.array != nil else {
      return nil
    }
    return value
  }

  private mutating func change(_ root: JSONValue) -> JSONValue {
    var path: [Int] = []
    var value = root
    // Choose a random path to a value; short paths are more likely.
    while let count = value.object?.count ?? value.array?.count, count > 0, path.isEmpty || random.below(4) > 0 {
      path.append(random.below(count))
      value = value.object?.members[path[path.count - 1]].value ?? value.array?[path[path.count - 1]] ?? .null
    }
    return change(root, path[...], whole: root)
  }

  private mutating func change(_ value: JSONValue, _ path: ArraySlice<Int>, whole: JSONValue) -> JSONValue {
    guard let index = path.first else { return changedValue(value, whole) }
    let rest = path.dropFirst()
    if let object = value.object {
      var members = object.members
      if rest.isEmpty {
        switch random.below(8) {
        case 0:
          members.remove(at: index)
          return .object(JSONObject(members))
        case 1:
          members[index].key = members[random.below(members.count)].key
          return .object(JSONObject(members))
        case 2:
          members.append((ByteString(strings[random.below(strings.count)]), members[index].value))
          return .object(JSONObject(members))
        default: break
        }
      }
      members[index].value = change(members[index].value, rest, whole: whole)
      return .object(JSONObject(members))
    }
    guard var elements = value.array else { return value }
    if rest.isEmpty {
      switch random.below(6) {
      case 0:
        elements.remove(at: index)
        return .array(elements)
      case 1:
        elements.append(elements[index])
        return .array(elements)
      default: break
      }
    }
    elements[index] = change(elements[index], rest, whole: whole)
    return .array(elements)
  }

  private mutating func changedValue(_ value: JSONValue, _ whole: JSONValue) -> JSONValue {
    switch random.below(6) {
    case 0: return strange[random.below(strange.count)]
    case 1: return .string(ByteString(strings[random.below(strings.count)]))
    case 2: return someValue(whole)
    case 3: return random.below(2) == 0 ? .array([value, value]) : .object(JSONObject([(ByteString("type"), value)]))
    default: break
    }
    switch value {
    case .bool(let flag): return .bool(!flag)
    case .integer(let number): return .integer(number &+ [1, -1, 255, 0 &- number &* 2][random.below(4)])
    case .double(let number): return .double([-number, number * 1e30, number.nextUp][random.below(3)])
    case .string(let string):
      var bytes = string.bytes
      if bytes.isEmpty || random.below(2) == 0 {
        bytes.insert(contentsOf: Array(strings[random.below(strings.count)].utf8), at: random.below(bytes.count + 1))
      } else {
        bytes.remove(at: random.below(bytes.count))
      }
      return .string(ByteString(bytes))
    default: return strange[random.below(strange.count)]
    }
  }

  /// A random value from the same text.
  private mutating func someValue(_ whole: JSONValue) -> JSONValue {
    var value = whole
    for _ in 0...random.below(4) {
      if let object = value.object, object.count > 0 {
        value = object.members[random.below(object.count)].value
      } else if let array = value.array, !array.isEmpty {
        value = array[random.below(array.count)]
      }
    }
    return value
  }

  private var strange: [JSONValue] {
    [
      .null, true, false, 0, 1, -1, 2, 16, 2_147_483_648, .integer(.max), .integer(.min), 0.5, -0.0, 1e300,
      .double(.nan),
      .double(.infinity), "", [], [[]], [:], ["type": "ByteLevel"], [0, 8],
    ]
  }

  private var strings: [String] {
    [
      "", " ", "a", "é", "e\u{301}", "\u{0}", "\u{1B}[2J", "▁", "##", "(", "[^a]*+", "(?=a|b)*", "\\p{L}{2,}", "<0x41>",
      "../x",
      "type", "id", "content", "BPE", "Unigram", "WordPiece", "Replace", "Removed", "MergedWithNext", "F32", "q8",
      String(repeating: "a", count: 300),
    ]
  }
}
