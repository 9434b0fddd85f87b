/// Words from the world in a message: on one line and never endless.
struct Quoted: CustomStringConvertible {
  let text: String

  init(_ text: String) { self.text = text }

  /// The words in quotes.
  var description: String { "\"\(Quoted.plain(text))\"" }

  /// The words without quotes.
  static func plain(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: shown += "\\u{\(String(scalar.value, radix: 16))}"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown + (text.unicodeScalars.dropFirst(60).isEmpty ? "" : "…")
  }

  /// `a, b or c`, a long list cut short; a word for an empty one.
  static func oneOf(_ words: [String]) -> String {
    guard let last = words.last else { return "none" }
    if words.count > 16 { return words.prefix(12).joined(separator: ", ") + " or \(words.count - 12) others" }
    return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " or " + last
  }
}
