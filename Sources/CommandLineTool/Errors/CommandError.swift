import EngineAPI
import JSONText

/// Why a command failed.
enum CommandError: Error, Equatable {
  /// The first argument is not a command.
  case unknownCommand(String, nearest: String?)
  /// An argument is not UTF-8; its index counts from 1.
  case argumentNotUTF8(argument: Int, offset: Int, byte: UInt8)
  /// Arguments that do not fit the command.
  case usage(ErrorFacts)
  /// Two options that exclude each other.
  case conflict(String, String, reason: String?)
  /// An option with a wrong value.
  case badValue(option: String, expected: String, found: String, hint: String?)
  /// An option that models of this family cannot use.
  case optionWithoutUse(option: String, model: String, family: ModelFamily)
  /// An option that models of this family need.
  case missingOption(option: String, model: String, family: ModelFamily)
  /// A command without `-m` for which no model is bundled.
  case noModel(command: String, family: ModelFamily)
  /// `quantize` without a number format.
  case noFormat(names: String)
  /// The text was given both as an argument and as a file.
  case textGivenTwice
  /// No text was given, and standard input is a terminal.
  case noText(String)
  /// A file or standard input can't be read.
  case unreadable(String, reason: SystemReason)
  /// A file or standard input is longer than the limit.
  case tooMuchText(String, limit: Int)
  /// A file or standard input is not UTF-8.
  case notUTF8(String, offset: Int, byte: UInt8)
  /// The command does not support the model's family.
  case wrongFamily(command: String, model: String, family: ModelFamily, expected: [ModelFamily], hint: String?)
  /// A target of fill-mask that is not exactly one token.
  case targetPieces(String, pieces: [String])
  /// A target of fill-mask that is not in the vocabulary.
  case unknownTarget(String, model: String)
  /// A list of ids that contains something else.
  case notAnID(String)
  /// The playground needs a terminal.
  case noTerminal(String, found: String)
  /// A line that the playground read from a pipe could not be done.
  case failedLine
  /// Standard output can't be written to.
  case unwritable(SystemReason)
  /// Standard output is a closed pipe.
  case outputClosed
  /// A signal interrupted the command.
  case interrupted
  /// An error of the engine.
  case engine(EngineError)

  /// Converts any error that a command throws.
  init(_ error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case let error as EngineError: self = error.kind == .interrupted ? .interrupted : .engine(error)
    case is CancellationError: self = .interrupted
    default:
      self = .engine(
        EngineError(.resources, "unexpected failure", at: "this run", expected: "none", found: "\(error)"))
    }
  }
}

extension CommandError {
  /// The exit code: 1 for a failure, 2 for wrong usage, 141 for a closed pipe, the signal's own for an interruption.
  var exitCode: Int32 {
    switch self {
    case .unknownCommand, .usage, .conflict, .badValue, .optionWithoutUse, .missingOption, .noModel, .noFormat,
      .textGivenTwice, .noText, .targetPieces, .unknownTarget, .notAnID:
      2
    case .engine(let error): error.kind == .usage ? 2 : 1
    case .outputClosed: 141
    case .interrupted: EndSignal.interrupt.exitCode
    case .argumentNotUTF8, .unreadable, .tooMuchText, .notUTF8, .wrongFamily, .noTerminal, .failedLine, .unwritable:
      1
    }
  }
}

extension CommandError {
  /// The error for an option's value that does not have the expected form. The value is shown in quotes.
  static func wrongValue(
    _ text: String, of option: String, expected: String, hint: String? = nil
  ) -> CommandError {
    .badValue(option: option, expected: expected, found: "'\(text)'", hint: hint)
  }
}

extension CommandError: CustomStringConvertible {
  /// One sentence in the form `WHAT, WHERE: expected EXPECTED, found FOUND`.
  var description: String { facts.line }

  /// Advice for the user, if any.
  var hint: String? { facts.hintLine }

  /// The parts of the sentence.
  var facts: ErrorFacts {
    switch self {
    case .unknownCommand(let name, let nearest):
      ErrorFacts(
        "no such command", at: "command line", expected: "a command", found: "'\(name)'",
        hint: nearest.map { "did you mean '\($0)'?" } ?? "see 'triptych --help' for the commands")
    case .argumentNotUTF8(let argument, let offset, let byte):
      Self.notText("argument \(argument)", byte, offset)
    case .usage(let facts): facts
    case .conflict(let first, let second, let reason):
      ErrorFacts(
        "options that exclude each other", at: "command line", expected: "one of them",
        found: "\(first) and \(second)" + (reason.map { " (\($0))" } ?? ""))
    case .badValue(let option, let expected, let found, let hint):
      ErrorFacts("wrong value", at: option, expected: expected, found: found, hint: hint)
    case .optionWithoutUse(let option, let model, let family):
      ErrorFacts(
        "option without use", at: option, expected: "\(Self.article(.seq2seq)) model",
        found: "\(model), \(Self.article(family)) model")
    case .missingOption(let option, let model, let family):
      ErrorFacts(
        "missing option", at: "command line", expected: "\(option) for \(model), \(Self.article(family)) model",
        found: "none")
    case .noModel(let command, let family):
      ErrorFacts(
        "missing option", at: "triptych \(command)", expected: "-m with \(Self.article(family)) model", found: "none",
        hint: "no such model is bundled: name a folder in Hugging Face layout")
    case .noFormat(let names):
      ErrorFacts(
        "missing option", at: "triptych quantize", expected: "--dtype \(names)",
        found: "none")
    case .textGivenTwice:
      ErrorFacts(
        "text given twice", at: "command line", expected: "an argument or -f FILE", found: "both",
        hint: "leave one of them out")
    case .noText(let what):
      ErrorFacts(
        "no \(what)", at: "standard input", expected: "a pipe or a file", found: "a terminal",
        hint: "give the \(what) as an argument, with -f FILE, or through a pipe")
    case .unreadable(let place, let reason):
      ErrorFacts(
        "can't read the text", at: place, expected: "a file or pipe that can be read",
        found: Self.lowercase(reason), hint: reason.code.map { _ in reason.hint(.reading) })
    case .tooMuchText(let place, let limit):
      ErrorFacts("text too long", at: place, expected: "at most \(limit) bytes", found: "more")
    case .notUTF8(let place, let offset, let byte): Self.notText(place, byte, offset)
    case .wrongFamily(let command, let model, let family, let expected, let hint):
      ErrorFacts(
        "\(command) does not work with this model", at: model,
        expected: expected.map(Self.article).joined(separator: " or ") + " model",
        found: "\(Self.article(family)) model", hint: hint)
    case .targetPieces(let target, let pieces):
      ErrorFacts(
        "target is not one token", at: "'\(target)'", expected: "one token",
        found: pieces.isEmpty ? "none" : "\(pieces.count): " + pieces.joined(separator: " "),
        hint: "choose a target that the tokenizer keeps whole; 'triptych tokenize' shows the pieces")
    case .unknownTarget(let target, let model):
      ErrorFacts(
        "target is not in the vocabulary", at: "'\(target)'", expected: "a token of \(model)", found: "none",
        hint: "'triptych tokenize --no-special' shows the tokens of a word")
    case .notAnID(let found):
      ErrorFacts(
        "not a token id", at: "list of ids",
        expected: "whole numbers from 0" + (found.allSatisfy { ("0"..."9").contains($0) } ? " to \(Int.max)" : ""),
        found: "'\(found)'")
    case .noTerminal(let place, let found):
      ErrorFacts(
        "the playground needs a terminal", at: place, expected: "a terminal", found: found,
        hint: "'triptych --linear' and commands such as 'triptych generate' work without one")
    case .failedLine:
      ErrorFacts(
        "a line could not be done", at: "standard input", expected: "lines that can be done",
        found: "an error, which standard output tells")
    case .unwritable(let reason):
      ErrorFacts(
        "can't write", at: "standard output", expected: "room for all of the output", found: Self.lowercase(reason),
        hint: reason.code.map { _ in reason.hint(.writing) })
    case .outputClosed:
      ErrorFacts("can't write", at: "standard output", expected: "an open pipe", found: "a closed one")
    case .interrupted:
      ErrorFacts("interrupted", at: "this run", expected: "no signal before its end", found: "Ctrl-C or another signal")
    case .engine(let error): error.factsWithOptions
    }
  }

  /// A reason that begins with a lowercase letter, as all facts of errors do here.
  private static func lowercase(_ reason: SystemReason) -> String {
    reason.description.prefix(1).lowercased() + reason.description.dropFirst()
  }

  private static func notText(_ place: String, _ byte: UInt8, _ offset: Int) -> ErrorFacts {
    let hex = String(byte, radix: 16, uppercase: true)
    return ErrorFacts(
      "text is not UTF-8", at: place, expected: "UTF-8",
      found: "byte 0x\(hex.count < 2 ? "0" : "")\(hex) at offset \(offset)",
      hint: "convert the text to UTF-8 first, for instance with iconv")
  }

  /// `a causal`, `a masked`, `an encoder-decoder`.
  static func article(_ family: ModelFamily) -> String {
    switch family {
    case .causal: "a causal"
    case .masked: "a masked"
    case .seq2seq: "an encoder-decoder"
    case .classifier: "a text-classification"
    case .tagger: "a token-classification"
    }
  }
}
