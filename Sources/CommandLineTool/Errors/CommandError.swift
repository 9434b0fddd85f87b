import EngineAPI

/// Why a command ended without having done what it was asked.
enum CommandError: Error, Equatable {
  /// The first argument is no command.
  case unknownCommand(String, nearest: String?)
  /// An argument is not UTF-8; its place among the arguments counts from 1.
  case argumentNotUTF8(argument: Int, offset: Int, byte: UInt8)
  /// Arguments that can't be read: what the argument parser found.
  case usage(ErrorFacts)
  /// Two options that can't stand together.
  case conflict(String, String, reason: String?)
  /// An option whose value does not fit.
  case badValue(option: String, expected: String, found: String, hint: String?)
  /// An option that this family of models has no use for.
  case optionWithoutUse(option: String, model: String, family: ModelFamily)
  /// An option that this family of models can't do without.
  case missingOption(option: String, model: String, family: ModelFamily)
  /// A model is to be written, and nobody said in which number format.
  case noFormat
  /// There is a text as an argument and a file.
  case textGivenTwice
  /// There is no text, and standard input is a terminal.
  case noText(String)
  /// A file or standard input can't be read.
  case unreadable(String, reason: String)
  /// A file or standard input is longer than the limit.
  case tooMuchText(String, limit: Int)
  /// A file or standard input is not UTF-8.
  case notUTF8(String, offset: Int, byte: UInt8)
  /// A model of another family than the command is for.
  case wrongFamily(command: String, model: String, family: ModelFamily, expected: [ModelFamily], hint: String?)
  /// A target of fill-mask that is several tokens, or none.
  case targetPieces(String, pieces: [String])
  /// A target of fill-mask that the vocabulary does not hold.
  case unknownTarget(String, model: String)
  /// A list of ids with something else in it.
  case notAnID(String)
  /// The playground without a terminal.
  case noTerminal(String, found: String)
  /// Standard output can't be written to.
  case unwritable(String)
  /// Standard output is a pipe that nobody reads any more.
  case outputClosed
  /// A signal ended the work.
  case interrupted
  /// The engine's own.
  case engine(EngineError)

  /// Any error that a command throws, as one of these.
  init(_ error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case let error as EngineError: self = error.kind == .interrupted ? .interrupted : .engine(error)
    case is CancellationError: self = .interrupted
    default:
      self = .engine(
        EngineError(.resources, "unforeseen failure", at: "this run", expected: "none", found: "\(error)"))
    }
  }
}
