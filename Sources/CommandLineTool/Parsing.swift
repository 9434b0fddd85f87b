import ArgumentParser

/// What arguments ask for.
enum ParsedArguments {
  /// A command to run.
  case command(any RunnableCommand)
  /// A text to print: help, the version, a completion script.
  case text(String)
}

/// Reads the arguments that follow the program's name.
/// - Parameter columns: the width of help screens.
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
    // The parser compares an option that it does not know with all that it knows, which takes seconds where the name is
    // very long. So such names are tried in short first.
    let short = gathered.map { $0.hasLongName ? $0.shortenedInTheMiddle(to: String.longestName) : $0 }
    if short != gathered { _ = try Triptych.parseAsRoot(short) }
    let parsed = try Triptych.parseAsRoot(gathered)
    if let command = parsed as? any RunnableCommand { return .command(command) }
    // The parser's own `help` command tells what it has to say by throwing it.
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

/// The argument parser takes time in proportion to the square of the number of arguments: with so many, a second.
private let mostArguments = 8192

/// The arguments with ids that follow each other in one argument, separated by spaces, which `detokenize` reads the same.
/// The word after an option may be its value and stays alone.
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
  /// More bytes than any option's name has.
  fileprivate static let longestName = 300

  /// Whether this would be an option with a name that is longer than any.
  fileprivate var hasLongName: Bool {
    // By characters, as the parser does it: an equals sign with a mark on it ends no name.
    utf8.first == UInt8(ascii: "-") && utf8.count > Self.longestName
      && prefix { $0 != "=" }.utf8.count > Self.longestName
  }

  fileprivate var droppingNewlines: String { String(reversed().drop { $0 == "\n" }.reversed()) }
}
