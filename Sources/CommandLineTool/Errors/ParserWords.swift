/// Turns the argument parser's messages into the facts of an error.
///
/// The parser tells what is wrong in English sentences only. Each pattern here is one of them
/// (swift-argument-parser, `ErrorMessageGenerator`); a sentence of no known form is quoted as a whole.
enum ParserWords {
  /// The error for a message of the parser.
  /// - Parameter command: the command that was called, which has a help screen: `triptych generate`.
  static func error(_ message: String, command: String) -> CommandError {
    if let facts = OptionProblem.facts(in: message) { return .usage(facts) }
    let help = "see '\(command) --help'"
    if let facts = unknownOption(message, command, help) ?? value(message, help) ?? argument(message, command, help)
      ?? shell(message)
    {
      return .usage(facts)
    }
    return .usage(
      ErrorFacts("wrong arguments", at: command, expected: "what its help says", found: message, hint: help))
  }

  private static func unknownOption(_ message: String, _ command: String, _ help: String) -> ErrorFacts? {
    if message.hasPrefix("Internal error.") {
      // The parser's entry for completion scripts, called by hand.
      return ErrorFacts("unknown option", at: command, expected: "one of its options", found: "'---completion'")
    }
    if let option = message.after("Invalid option: ") {
      return ErrorFacts("unknown option", at: command, expected: "one of its options", found: "'\(option)'", hint: help)
    }
    guard var option = message.after("Unknown option '") else { return nil }
    var hint = help
    if let (before, after) = option.cut(atLast: "'. Did you mean '"), after.hasSuffix("'?") {
      (option, hint) = (before, "did you mean '\(after.dropLast(2))'?")
    } else if let (before, after) = option.cut(atLast: "'\n   or: Missing value for '"),
      let (named, _) = after.cut(atLast: "' in '")
    {
      // A value written onto a short option: -n5.
      (option, hint) = (before, "put a space before the value: \(named)")
    } else if option.hasSuffix("'") {
      option = String(option.dropLast())
    }
    if option.contains(where: \.isWhitespace) { hint = "put -- before a text that starts with a dash" }
    return ErrorFacts("unknown option", at: command, expected: "one of its options", found: "'\(option)'", hint: hint)
  }

  private static func value(_ message: String, _ help: String) -> ErrorFacts? {
    if let words = message.after("Missing value for '") {
      let (option, value) = words.dropLast(1).description.cut(atFirst: " ") ?? (String(words.dropLast(1)), "a value")
      return ErrorFacts("missing value", at: option, expected: value, found: "none", hint: help)
    }
    if let words = message.after("The option '"),
      let (option, rest) = words.cut(atFirst: "' does not take any value, but '"),
      let (value, _) = rest.cut(atLast: "' was specified")
    {
      return ErrorFacts(
        "unexpected value", at: option, expected: "none, as it is a switch", found: "'\(value)'", hint: help)
    }
    return nil
  }

  private static func argument(_ message: String, _ command: String, _ help: String) -> ErrorFacts? {
    if let words = message.after("Missing expected argument '") {
      return ErrorFacts("missing option", at: command, expected: String(words.dropLast()), found: "none", hint: help)
    }
    let more = message.after("Unexpected argument ") ?? message.cut(atFirst: " unexpected arguments: ")?.after
    guard let more else { return nil }
    return ErrorFacts(
      "too many arguments", at: command, expected: "no more of them", found: more,
      hint: "put a text with spaces in quotes; \(help)")
  }

  private static func shell(_ message: String) -> ErrorFacts? {
    let found: String
    if let words = message.after("Can't generate completion scripts for "), let (shell, _) = words.cut(atLast: ".\n") {
      found = shell
    } else if message.hasPrefix("Can't autodetect a supported shell") {
      found = "none in SHELL"
    } else {
      return nil
    }
    return ErrorFacts("unknown shell", at: "--generate-completion-script", expected: "bash, zsh or fish", found: found)
  }
}

extension String {
  /// What follows a beginning; `nil` where the text does not begin so.
  fileprivate func after(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }

  /// The text around the first place of a separator.
  fileprivate func cut(atFirst separator: String) -> (before: String, after: String)? {
    firstRange(of: separator).map { (String(self[..<$0.lowerBound]), String(self[$0.upperBound...])) }
  }

  /// The text around the last place of a separator.
  fileprivate func cut(atLast separator: String) -> (before: String, after: String)? {
    ranges(of: separator).last.map { (String(self[..<$0.lowerBound]), String(self[$0.upperBound...])) }
  }
}
