import JSONText

/// A token that is found in the text itself, before anything else looks at it.
struct AddedToken: Sendable, Equatable {
  var content: [UInt8]
  /// Only matches where no word character is beside it.
  var singleWord = false
  /// Takes the white space before it along.
  var stripsLeft = false
  /// Takes the white space after it along.
  var stripsRight = false
  /// Is looked for in the normalized text.
  var normalized = false
  /// Can be left out of decoded text.
  var special = false

  /// A token given as plain text, special as the reference takes it.
  init(special text: String) {
    content = Array(text.utf8)
    special = true
  }

  /// A token from its description; `normalized` is by default what `special` is not.
  init(_ field: Field, special: Bool? = nil) throws(TokenizerError) {
    content = try field["content"].bytes()
    singleWord = try field["single_word"].bool(default: false)
    stripsLeft = try field["lstrip"].bool(default: false)
    stripsRight = try field["rstrip"].bool(default: false)
    self.special = if let special { special } else { try field["special"].bool(default: false) }
    normalized = try field["normalized"].bool(default: !self.special)
  }
}
