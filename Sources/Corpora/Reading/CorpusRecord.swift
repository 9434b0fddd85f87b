import JSONText

/// One example of a corpus: a document, a row, a sentence with tags or a conversation.
public struct CorpusRecord: Sendable, Equatable {
  /// A value of a column.
  public enum Value: Sendable, Equatable {
    /// A text.
    case text(String)
    /// A list of texts, such as the words of a sentence or their tags.
    case list([String])
    /// Any other JSON value, such as messages.
    case json(JSONValue)
  }

  /// The line of its file where it begins, counted from 1.
  public var line: Int
  /// The values by column, in the order of the file.
  public var fields: [(name: String, value: Value)]

  /// A record of these fields.
  public init(line: Int, fields: [(name: String, value: Value)]) {
    self.line = line
    self.fields = fields
  }

  /// The value of a column.
  public subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

  /// Two records are equal if they have equal fields in the same order, wherever they come from.
  public static func == (a: CorpusRecord, b: CorpusRecord) -> Bool {
    a.fields.count == b.fields.count
      && zip(a.fields, b.fields).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }

  /// The record as a JSON object.
  public var json: JSONObject {
    JSONObject(
      fields.map { field in
        let value: JSONValue =
          switch field.value {
          case .text(let text): JSONValue(text)
          case .list(let words): .array(words.map { JSONValue($0) })
          case .json(let value): value
          }
        return (key: ByteString(field.name), value: value)
      })
  }

  /// All texts of the record, joined by newlines: what duplicates and splits are decided by.
  public var text: String { fields.map { $0.value.text }.joined(separator: "\n") }
}

extension CorpusRecord.Value {
  /// The value as one text: words are joined by spaces, the contents of messages by newlines.
  public var text: String {
    switch self {
    case .text(let text): text
    case .list(let words): words.joined(separator: " ")
    case .json(.array(let elements)) where elements.contains { $0["role"] != nil }:
      elements.compactMap { $0["content"]?.string }.joined(separator: "\n")
    case .json(let value): value.serialized()
    }
  }

  /// A JSON value as a value of a column. Numbers and truth values become texts.
  init(_ json: JSONValue) {
    switch json {
    case .string(let text): self = .text(text.description)
    case .integer, .double, .bool: self = .text(json.serialized())
    case .array(let elements) where elements.allSatisfy({ $0.string != nil }) && !elements.isEmpty:
      self = .list(elements.compactMap(\.string))
    default: self = .json(json)
    }
  }
}
