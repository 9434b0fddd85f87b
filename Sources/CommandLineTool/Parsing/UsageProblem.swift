/// What is wrong with the arguments of a command.
enum UsageProblem: Error, Equatable {
  /// An option that the command does not have. `nearest` is the most similar one that it has.
  case unknownOption(String, nearest: String?)
  /// A value attached to a short option, as in `-n5`. `option` is the option (`-n`) and `valueName` the name of its
  /// value in the help (`n`). `nearest` is a long option with a similar spelling, for the case that one dash was
  /// forgotten.
  case joinedValue(String, option: String, valueName: String, nearest: String?)
  /// An option without its value. `dashed` is the next argument if it may have been meant as the value, but starts
  /// with a dash.
  case missingValue(option: String, valueName: String, dashed: String?)
  /// A flag with a value.
  case unexpectedValue(option: String, value: String)
  /// A required option is missing.
  case missingOption(String)
  /// A required positional argument is missing.
  case missingArgument(String)
  /// More positional arguments than the command takes.
  case extraArguments([String], takesText: Bool)
  /// A completion script for a shell without one; `nil` if the variable `SHELL` names none.
  case unknownShell(String?)

  /// The parts of the error.
  /// - Parameters:
  ///   - command: The command as typed: `triptych generate`.
  ///   - later: The first command name among the arguments, if the first argument is not one.
  func facts(command: String, later: String?) -> ErrorFacts {
    let help = "see '\(command) --help'"
    let misplaced = later.map { "put the command first: \(command) \($0)" }
    switch self {
    case .unknownOption(let option, let nearest):
      let hint = Self.dashHint(option) ?? nearest.map(Self.suggestion) ?? misplaced ?? help
      return Self.unknownOption(option, command, hint: hint)
    case .joinedValue(let word, let option, let valueName, let nearest):
      let hint =
        Self.dashHint(word) ?? nearest.map(Self.suggestion) ?? "put a space before the value: \(option) <\(valueName)>"
      return Self.unknownOption(word, command, hint: hint)
    case .missingValue(let option, let valueName, let dashed):
      let hint = dashed.map { "write \(option)=\($0) if the value starts with a dash" } ?? help
      return ErrorFacts("missing value", at: option, expected: "<\(valueName)>", found: "none", hint: hint)
    case .unexpectedValue(let option, let value):
      return ErrorFacts(
        "unexpected value", at: option, expected: "none, as it is a switch", found: "'\(value)'", hint: help)
    case .missingOption(let synopsis):
      return ErrorFacts("missing option", at: command, expected: synopsis, found: "none", hint: help)
    case .missingArgument(let synopsis):
      return ErrorFacts("missing argument", at: command, expected: synopsis, found: "none", hint: help)
    case .extraArguments(let words, let takesText):
      return ErrorFacts(
        "too many arguments", at: command, expected: "no more of them",
        found: words.map { "'\($0)'" }.joined(separator: ", "),
        hint: misplaced ?? (takesText ? "put a text with spaces in quotes; \(help)" : help))
    case .unknownShell(let shell):
      return ErrorFacts(
        "unknown shell", at: "--generate-completion-script", expected: "bash, zsh or fish",
        found: shell.map { "'\($0)'" } ?? "none in SHELL")
    }
  }

  private static func unknownOption(_ option: String, _ command: String, hint: String) -> ErrorFacts {
    ErrorFacts("unknown option", at: command, expected: "one of its options", found: "'\(option)'", hint: hint)
  }

  private static func suggestion(_ option: String) -> String { "did you mean '\(option)'?" }

  /// The hint for an option with spaces, which probably is a text.
  private static func dashHint(_ option: String) -> String? {
    option.contains(where: \.isWhitespace) ? "put -- before a text that starts with a dash" : nil
  }
}
