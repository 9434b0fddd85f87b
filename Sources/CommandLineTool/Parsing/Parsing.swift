import ArgumentParser
import LocalFiles

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
    throw .unknownCommand(first, nearest: nearestCommand(to: first))
  }
  if arguments.count > 1, arguments[0] == "help", !arguments[1].hasPrefix("-"),
    !Triptych.commandNames.contains(arguments[1])
  {
    throw .unknownCommand(arguments[1], nearest: nearestCommand(to: arguments[1]))
  }
  if let group = commandGroup(arguments.first) {
    let word = arguments.dropFirst().first
    if let word, !word.hasPrefix("-"), !group.names.contains(word), word != "help" { throw group.problem(word) }
    if word == nil { throw group.problem(nil) }
  }
  let gathered = joiningIDs(arguments)
  guard gathered.count <= mostArguments else {
    throw .usage(
      ErrorFacts(
        "too many arguments", at: "command line", expected: "at most \(mostArguments)", found: "\(gathered.count)",
        hint: "give the text with -f FILE or through a pipe"))
  }
  do {
    // ArgumentParser compares the name of an unknown option with all known ones when it makes its message, which takes
    // seconds for very long names. Try with shortened names first.
    let short = gathered.map { $0.hasLongName ? $0.shortenedInTheMiddle(to: ArgumentWord.longestName) : $0 }
    if short != gathered { _ = try parsed(short) }
    let parsed = try parsed(gathered)
    if let command = parsed as? any RunnableCommand { return .command(command) }
    // ArgumentParser's `help` command returns its text by throwing.
    var other = parsed
    try other.run()
    return nil
  } catch {
    if let own = ownError(in: error) { throw own }
    if gathered.contains(where: \.mayAskForText), Triptych.exitCode(for: error) == .success {
      return .text(Triptych.fullMessage(for: error, columns: min(max(columns, 60), 100)).droppingNewlines)
    }
    if let program = CommandDescription.program, let facts = ArgumentDiagnosis.facts(gathered, program: program) {
      throw .usage(facts)
    }
    throw .usage(unexplained(Triptych.message(for: error)))
  }
}

/// Parses the arguments with ArgumentParser.
///
/// If the first argument names a command, and the second one a subcommand, only that command parses the rest. Parsing
/// with the root command would make ArgumentParser describe the options of several commands on every run. Texts such as
/// help need the root command.
private func parsed(_ arguments: [String]) throws -> any ParsableCommand {
  let named = Triptych.configuration.subcommands.first { $0.configuration.commandName == arguments.first }
  guard let named else { return try Triptych.parseAsRoot(arguments) }
  var (command, rest) = (named, arguments.dropFirst())
  // ArgumentParser takes the name of a command inside `train` for its objective.
  if !(named is any CommandGroup.Type),
    let inner = named.configuration.subcommands.first(where: { $0.configuration.commandName == rest.first })
  {
    if rest.contains("--version") { return try Triptych.parseAsRoot(["--version"]) }
    if rest.contains("--help") || rest.contains("-h") {
      return try Triptych.parseAsRoot(["help"] + arguments.prefix(2))
    }
    (command, rest) = (inner, rest.dropFirst())
  } else if arguments.contains(where: \.mayAskForText) {
    return try Triptych.parseAsRoot(arguments)
  }
  return try command.parseAsRoot(Array(rest))
}

/// The group of commands with this name.
private func commandGroup(_ name: String?) -> (any CommandGroup.Type)? {
  Triptych.configuration.subcommands.first { $0.configuration.commandName == name } as? any CommandGroup.Type
}

private func nearestCommand(to name: String) -> String? {
  Spelling.nearest(to: name, among: Triptych.commandNames, count: 1).first
}

/// The error of this program inside an error of ArgumentParser, such as that of an option's `transform`.
///
/// ArgumentParser keeps the thrown value, but in a type that is not public, so reflection looks for it.
/// - Parameter depth: How many levels of stored properties to look into.
func ownError(in value: Any, depth: Int = 6) -> CommandError? {
  if let error = value as? CommandError { return error }
  guard depth > 0 else { return nil }
  return Mirror(reflecting: value).children.lazy.compactMap { ownError(in: $0.value, depth: depth - 1) }.first
}

/// The error for a refusal of ArgumentParser without a diagnosis. Its message is quoted as a whole.
func unexplained(_ message: String) -> ErrorFacts {
  ErrorFacts(
    message, at: "command line", expected: "arguments that the help lists", found: "others",
    hint: "see 'triptych --help'")
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
  /// Whether this is an option with a name longer than any known one.
  fileprivate var hasLongName: Bool {
    // Compare characters, as ArgumentParser does: an equals sign with a combining mark does not end the name.
    utf8.first == UInt8(ascii: "-") && utf8.count > ArgumentWord.longestName
      && prefix { $0 != "=" }.utf8.count > ArgumentWord.longestName
  }

  /// Whether this may ask for help, the version or a completion, instead of a run. Other words never do.
  fileprivate var mayAskForText: Bool {
    if self == "help" || hasPrefix("---") { return true }
    guard hasPrefix("-") else { return false }
    guard hasPrefix("--") else { return contains("h") || contains("version") }
    return [
      "--help", "--help-hidden", "--version", "--generate-completion-script", "--experimental-dump-help",
    ].contains(String(prefix { $0 != "=" }))
  }

  fileprivate var droppingNewlines: String { String(reversed().drop { $0 == "\n" }.reversed()) }
}
