/// Turns the argument parser's messages into this program's form of errors: one sentence and one hint.
enum ParserWords {
  /// The error for a message of the parser.
  /// - Parameter command: the command that was called, for the pointer to its help: `triptych generate`.
  static func error(_ message: String, command: String) -> CommandError {
    let marked = message.split(separator: OptionProblem.mark, omittingEmptySubsequences: false)
    if marked.count >= 3 {
      return .wrongArguments(String(marked[marked.count - 2]), hint: String(marked[marked.count - 1]))
    }
    let lines = message.split(separator: "\n").map { $0.trimmed }
    let sentence = lines.joined(separator: " ")
    if let question = sentence.range(of: ". Did you mean '") {
      return .wrongArguments(
        lowered(sentence[..<question.lowerBound]), hint: lowered(sentence[question.lowerBound...].dropFirst(2)))
    }
    return .wrongArguments(lowered(sentence.droppingFullStop), hint: hint(for: sentence, command: command))
  }

  private static func hint(for sentence: String, command: String) -> String {
    if sentence.hasPrefix("Unknown option '-"), sentence.contains(" ", after: "Unknown option '") {
      return "put -- before a text that starts with a dash"
    }
    if sentence.contains("nexpected argument") {
      return "put a text with spaces in quotes; see '\(command) --help'"
    }
    return "see '\(command) --help'"
  }

  private static func lowered(_ text: some StringProtocol) -> String {
    text.prefix(1).lowercased() + text.dropFirst()
  }
}

extension StringProtocol {
  /// Without the spaces around it.
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  fileprivate var droppingFullStop: String { hasSuffix(".") ? String(dropLast()) : String(self) }

  fileprivate func contains(_ part: Character, after prefix: String) -> Bool {
    dropFirst(prefix.count).contains(part)
  }

  /// The first place of a text. (Foundation's has other rules about equivalence, and nothing else here needs it.)
  fileprivate func range(of part: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      formIndex(after: &start)
    }
    return nil
  }
}
