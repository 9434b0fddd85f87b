import JSONText
import Terms

/// Reads a JSON object on each line. Empty lines are left out.
struct JSONLinesReader {
  let path: String

  func read(_ bytes: [UInt8]) throws(CorpusError) -> [CorpusRecord] {
    var records: [CorpusRecord] = []
    try Self.forEachLine(bytes, path: path) { (value, line) throws(CorpusError) in
      guard case .object(let object) = value else {
        throw CorpusError(
          "malformed line", at: "\(path) line \(line)", expected: "a JSON object", found: "another value")
      }
      records.append(
        CorpusRecord(
          line: line, fields: object.members.map { (name: $0.key.description, value: .init($0.value)) }))
    }
    return records
  }

  /// Calls `body` with the value of each line that is not empty.
  static func forEachLine(
    _ bytes: [UInt8], path: String, _ body: (JSONValue, Int) throws(CorpusError) -> Void
  ) throws(CorpusError) {
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      let value: JSONValue
      do throws(JSONError) {
        value = try JSONValue(parsing: Array(line))
      } catch {
        var facts = error.explanation
        if case .malformed(let position, _, _) = error {
          facts.place = "\(path) line \(number + 1) column \(position.column)"
        } else {
          facts.place = "\(path) line \(number + 1)"
        }
        facts.hint = "each line holds one JSON value"
        throw CorpusError(facts)
      }
      try body(value, number + 1)
    }
  }
}

extension CorpusError {
  init(_ facts: ErrorFacts) { self.facts = facts }
}

/// Reads conversations. Each line is an object with `messages` (or ShareGPT's `conversations`), or a list of messages.
/// A file that begins with a list of conversations is one JSON text.
///
/// A message has a `role` and a `content`, a text. Other keys of messages and objects are kept.
struct ChatReader {
  let path: String

  func read(_ bytes: [UInt8]) throws(CorpusError) -> [CorpusRecord] {
    var records: [CorpusRecord] = []
    if let list = wholeList(bytes) {
      for (index, value) in list.enumerated() { records.append(try record(value, 1, "item \(index + 1)")) }
      return records
    }
    try JSONLinesReader.forEachLine(bytes, path: path) { (value, line) throws(CorpusError) in
      records.append(try record(value, line, "line \(line)"))
    }
    return records
  }

  /// The conversations of a file that is one JSON list of them, over several lines or one.
  private func wholeList(_ bytes: [UInt8]) -> [JSONValue]? {
    guard bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "["),
      let list = (try? JSONValue(parsing: bytes))?.array
    else { return nil }
    // A single line that is a list of messages is one conversation.
    return list.contains { $0["role"] != nil } ? [.array(list)] : list
  }

  private func record(_ value: JSONValue, _ line: Int, _ place: String) throws(CorpusError) -> CorpusRecord {
    let place = "\(path) \(place)"
    guard let messages = value["messages"]?.array ?? value["conversations"]?.array ?? value.array else {
      throw CorpusError("no conversation", at: place, expected: "an object with \"messages\"", found: "another value")
    }
    var checked: [JSONValue] = []
    for (index, message) in messages.enumerated() {
      let place = "\(place) message \(index + 1)"
      guard var object = message.object else {
        throw CorpusError("bad message", at: place, expected: "an object", found: "another value")
      }
      if object["role"] == nil, let from = object["from"]?.string {
        object["role"] = .init(["human": "user", "gpt": "assistant"][from] ?? from)
        object["from"] = nil
      }
      if object["content"] == nil, let text = object["value"] {
        object["content"] = text
        object["value"] = nil
      }
      guard object["role"]?.string != nil else {
        throw CorpusError("bad message", at: place, expected: "a \"role\", a text", found: "none")
      }
      guard object["content"]?.string != nil || object["tool_calls"] != nil else {
        throw CorpusError("bad message", at: place, expected: "a \"content\", a text", found: "none")
      }
      checked.append(.object(object))
    }
    guard !checked.isEmpty else {
      throw CorpusError("no conversation", at: place, expected: "at least one message", found: "none")
    }
    var fields: [(name: String, value: CorpusRecord.Value)] = [("messages", .json(.array(checked)))]
    for member in value.object?.members ?? [] {
      let name = member.key.description
      if name != "messages", name != "conversations" { fields.append((name, .init(member.value))) }
    }
    return CorpusRecord(line: line, fields: fields)
  }
}
