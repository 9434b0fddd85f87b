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
  do {
    let parsed = try Triptych.parseAsRoot(arguments)
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

extension String {
  fileprivate var droppingNewlines: String { String(reversed().drop { $0 == "\n" }.reversed()) }
}
