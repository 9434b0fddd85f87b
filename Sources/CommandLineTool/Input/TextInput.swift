import EngineAPI
import LocalFiles

/// Reads the text of a command: an argument unchanged; a file or standard input without one newline at the end.
struct TextInput: Sendable {
  /// The maximum length of a text in bytes: more than any model takes, far less than memory.
  static let limit = Limits.textBytes

  let context: CommandContext

  /// The text.
  /// - Parameter what: The kind of text, for errors: `text`, `ids`.
  func read(_ argument: String?, file: String? = nil, what: String = "text") async throws(CommandError) -> String {
    switch (argument, file) {
    case (.some, .some): throw .textGivenTwice
    case (nil, let path?) where path != "-": return Self.withoutNewline(try await whole(file: path))
    case (let text?, nil) where text != "-": return text
    default:
      if argument == nil, file == nil, context.terminal.input { throw .noText(what) }
      return Self.withoutNewline(
        try await text(of: "standard input") { () async throws(ReadingError) in
          try await context.readStandardInput(Self.limit)
        })
    }
  }

  /// A whole file as text, its final newline included.
  func whole(file path: String) async throws(CommandError) -> String {
    try await text(of: path) { () async throws(ReadingError) in try await context.readFile(path, Self.limit) }
  }

  private static func withoutNewline(_ text: String) -> String {
    text.utf8.last == UInt8(ascii: "\n") ? String(decoding: text.utf8.dropLast(), as: UTF8.self) : text
  }

  private func text(
    of place: String, reading: () async throws(ReadingError) -> [UInt8]
  ) async throws(CommandError) -> String {
    let bytes: [UInt8]
    do {
      bytes = try await reading()
    } catch {
      throw CommandError(error, reading: place)
    }
    if let offset = bytes.firstInvalidUTF8Offset {
      throw .notUTF8(place, offset: offset, byte: bytes[offset])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension CommandError {
  /// A file or standard input could not be read.
  init(_ error: ReadingError, reading place: String) {
    switch error {
    case .unreadable(let reason): self = .unreadable(place, reason: reason)
    case .tooLarge: self = .tooMuchText(place, limit: TextInput.limit)
    case .interrupted: self = .interrupted
    }
  }
}

extension String {
  /// The text of a line, without the carriage return at its end.
  init(line bytes: [UInt8], of place: String) throws(CommandError) {
    if let offset = bytes.firstInvalidUTF8Offset { throw .notUTF8(place, offset: offset, byte: bytes[offset]) }
    self.init(decoding: bytes.last == 0x0D ? bytes.dropLast() : bytes[...], as: UTF8.self)
  }
}

/// Parses a list of token ids, separated by commas, spaces or newlines, with or without surrounding brackets.
enum IDList {
  /// The ids of a text.
  static func parse(_ text: String) throws(CommandError) -> [Int] {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    if text.first == "[", text.last == "]", text.count >= 2 { text = text.dropFirst().dropLast() }
    var ids: [Int] = []
    for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard let id = Int(part), id >= 0 else { throw .notAnID(String(part)) }
      ids.append(id)
    }
    return ids
  }
}
