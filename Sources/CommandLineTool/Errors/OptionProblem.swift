/// What is wrong with one option's value.
///
/// The argument parser only keeps the words of an error that is thrown while it reads a value and builds its own
/// sentence around them. The words are therefore the facts with marks between them that no fact holds, and
/// `ParserWords` takes them apart again.
struct OptionProblem: Error, CustomStringConvertible {
  /// The option as the help screen names it.
  let option: String
  /// What it takes.
  let expected: String
  /// What it was given.
  let found: String
  /// What a person can do, where there is something to say.
  var hint = ""

  /// Stands before each fact.
  private static let mark: Unicode.Scalar = "\u{1E}"

  var description: String {
    [option, expected, found, hint].map { fact in
      var marked = String.UnicodeScalarView([Self.mark])
      marked.append(contentsOf: fact.unicodeScalars.lazy.map { $0 == Self.mark ? "\u{FFFD}" : $0 })
      return String(marked)
    }.joined()
  }

  /// The facts in a message that ends with a description; `nil` where it does not.
  static func facts(in message: String) -> ErrorFacts? {
    // The parser's own words come first, and may quote a value that holds marks.
    let facts = message.unicodeScalars.split(separator: mark, omittingEmptySubsequences: false).suffix(4)
      .map { String($0) }
    guard facts.count == 4, message.unicodeScalars.contains(mark) else { return nil }
    return ErrorFacts("wrong value", at: facts[0], expected: facts[1], found: "'\(facts[2])'", hint: facts[3])
  }
}
