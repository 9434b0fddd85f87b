/// A command that is written in place of a message: `/retry`.
public enum ChatCommand: Sendable, Equatable {
  /// Sets the system message for the messages that follow.
  case system(String)
  /// Answers the last message again, with the next seed.
  case retry
  /// Goes back to before the last message and its answer.
  case undo
  /// Replaces the last message and answers the new one.
  case edit(String)
  /// Goes on with the last answer.
  case goOn
  /// Begins a new dialogue.
  case new
  /// Shows what the model reads, token by token.
  case template
  /// Scores the whole dialogue.
  case score
  /// Writes the messages to a file.
  case save(String)
  /// Goes on with another model.
  case model(String)
  /// Shows the commands.
  case help
  /// Leaves.
  case quit

  /// A command for help and parsing.
  public struct Entry: Sendable {
    /// The word after the slash.
    public let name: String
    /// The name of the argument; `nil` if the command takes none.
    public let argument: String?
    /// What it does, in a few words.
    public let help: String
    let make: @Sendable (String) -> ChatCommand

    /// The command as it is written: `/system TEXT`.
    public var usage: String { "/" + name + (argument.map { " " + $0 } ?? "") }
  }

  /// All commands, in the order of the help.
  public static let all = [
    Entry(name: "system", argument: "TEXT", help: "set the system message from here on", make: ChatCommand.system),
    Entry(name: "retry", argument: nil, help: "answer again, with the next seed") { _ in .retry },
    Entry(name: "continue", argument: nil, help: "go on with the last answer") { _ in .goOn },
    Entry(name: "edit", argument: "TEXT", help: "replace your last message", make: ChatCommand.edit),
    Entry(name: "undo", argument: nil, help: "take back your last message") { _ in .undo },
    Entry(name: "new", argument: nil, help: "begin a new dialogue") { _ in .new },
    Entry(name: "template", argument: nil, help: "show what the model reads, with its tokens") { _ in .template },
    Entry(name: "score", argument: nil, help: "show the perplexity of the dialogue") { _ in .score },
    Entry(name: "save", argument: "FILE", help: "write the messages to a file", make: ChatCommand.save),
    Entry(name: "model", argument: "REF", help: "go on with another model", make: ChatCommand.model),
    Entry(name: "help", argument: nil, help: "show these commands") { _ in .help },
    Entry(name: "quit", argument: nil, help: "leave") { _ in .quit },
  ]

  /// Why a line that begins with a slash is no command.
  public enum Problem: Error, Sendable, Equatable {
    /// There is no command of this name.
    case unknown(String)
    /// The command takes an argument, which is missing.
    case noArgument(String)
    /// The command takes no argument.
    case needless(String)
  }

  /// The command that a line is; `nil` if the line is a message. Two slashes at the beginning stand for one that is
  /// part of the message.
  /// - Parameter entries: the commands that there are.
  public static func parse(_ line: String, among entries: [Entry] = all) throws(Problem) -> ChatCommand? {
    guard line.hasPrefix("/"), !line.hasPrefix("//") else { return nil }
    let word = line.dropFirst().prefix { !$0.isWhitespace }
    var rest = line.dropFirst(1 + word.count)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    guard let entry = entries.first(where: { $0.name == word }) else { throw .unknown(String(word)) }
    // An empty system message is none.
    guard entry.argument == nil || !rest.isEmpty || entry.name == "system" else { throw .noArgument(entry.usage) }
    guard entry.argument != nil || rest.isEmpty else { throw .needless(entry.usage) }
    return entry.make(String(rest))
  }

  /// The message of a line that is no command.
  public static func message(_ line: String) -> String { line.hasPrefix("//") ? String(line.dropFirst()) : line }
}
