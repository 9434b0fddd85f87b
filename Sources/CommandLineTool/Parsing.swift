import ArgumentParser

/// The result of parsing the arguments.
enum ParsedArguments {
  /// A command to run.
  case command(any RunnableCommand)
  /// A text to print: help, the version, a completion script.
  case text(String)
}

/// Parses the arguments after the program's name.
/// - Parameter columns: The width of help screens.
func parse(_ arguments: [String], columns: Int) throws(CommandError) -> ParsedArguments? {
  if let first = arguments.first, !first.hasPrefix("-"), !Triptych.commandNames.contains(first) {
    throw .unknownCommand(first, nearest: nearest(to: first, among: Triptych.commandNames))
  }
  if arguments.count > 1, arguments[0] == "help", !arguments[1].hasPrefix("-"),
    !Triptych.commandNames.contains(arguments[1])
  {
    throw .unknownCommand(arguments[1], nearest: nearest(to: arguments[1], among: Triptych.commandNames))
  }
  let gathered = joiningIDs(arguments)
  guard gathered.count <= mostArguments else {
    throw .usage(
      ErrorFacts(
        "too many arguments", at: "command line", expected: "at most \(mostArguments)", found: "\(gathered.count)",
        hint: "give the text with -f FILE or through a pipe"))
  }
  do {
    // ArgumentParser compares an unknown option with all known ones, which takes seconds for very long names. Try with
    // shortened names first.
    let short = gathered.map { $0.hasLongName ? $0.shortenedInTheMiddle(to: String.longestName) : $0 }
    if short != gathered { _ = try Triptych.parseAsRoot(short) }
    let parsed = try Triptych.parseAsRoot(gathered)
    if let command = parsed as? any RunnableCommand { return .command(command) }
    // ArgumentParser's `help` command returns its text by throwing.
    var other = parsed
    try other.run()
    return nil
  } catch let error as CommandError {
    throw error
  } catch {
    if Triptych.exitCode(for: error) == .success {
      return .text(Triptych.fullMessage(for: error, columns: min(max(columns, 60), 100)).droppingNewlines)
    }
    let name = arguments.first { Triptych.commandNames.contains($0) }
    throw ParserWords.error(Triptych.message(for: error), command: name.map { "triptych \($0)" } ?? "triptych")
  }
}

/// ArgumentParser's run time is quadratic in the number of arguments: about a second for this many.
private let mostArguments = 8192

/// Joins consecutive ids into one argument separated by spaces, which `detokenize` reads the same way. A word after an
/// option may be its value and stays separate.
func joiningIDs(_ arguments: [String]) -> [String] {
  guard arguments.first == "detokenize", arguments.count > 64 else { return arguments }
  var joined: [String] = []
  var run: [String] = []
  var mayBeValue = false
  for argument in arguments {
    let isList =
      !argument.isEmpty && argument.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2C || $0 == 0x20 }
    if isList, !mayBeValue {
      run.append(argument)
      continue
    }
    if !run.isEmpty { joined.append(run.joined(separator: " ")) }
    run = []
    joined.append(argument)
    mayBeValue = argument.hasPrefix("-") && argument != "--"
  }
  if !run.isEmpty { joined.append(run.joined(separator: " ")) }
  return joined
}

extension String {
  /// Longer than the name of any option, in bytes.
  fileprivate static let longestName = 300

  /// Whether this is an option with a name longer than any known one.
  fileprivate var hasLongName: Bool {
    // Compare characters, as ArgumentParser does: an equals sign with a combining mark does not end the name.
    utf8.first == UInt8(ascii: "-") && utf8.count > Self.longestName
      && prefix { $0 != "=" }.utf8.count > Self.longestName
  }

  fileprivate var droppingNewlines: String { String(reversed().drop { $0 == "\n" }.reversed()) }
}

/// Turns ArgumentParser's messages into the facts of an error.
///
/// The parser reports errors only as English sentences. Each pattern here is one of them (swift-argument-parser,
/// `ErrorMessageGenerator`). A sentence without a known form is quoted as a whole.
enum ParserWords {
  /// The error for a message of the parser.
  /// - Parameter command: The command that was called and has a help screen: `triptych generate`.
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
      // The internal option of completion scripts, used by hand.
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
      // A short option with its value attached: -n5.
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
  /// The text after a prefix; `nil` if the text does not start with it.
  fileprivate func after(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }

  /// The text before and after the first occurrence of a separator.
  fileprivate func cut(atFirst separator: String) -> (before: String, after: String)? {
    firstRange(of: separator).map { (String(self[..<$0.lowerBound]), String(self[$0.upperBound...])) }
  }

  /// The text before and after the last occurrence of a separator.
  fileprivate func cut(atLast separator: String) -> (before: String, after: String)? {
    ranges(of: separator).last.map { (String(self[..<$0.lowerBound]), String(self[$0.upperBound...])) }
  }
}
