import EngineAPI

extension CommandError: CustomStringConvertible {
  /// One sentence in the form `WHAT, WHERE: expected EXPECTED, found FOUND`.
  var description: String { facts.line }

  /// What a person can do about it, where there is something to say.
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
    case .noFormat:
      ErrorFacts(
        "missing option", at: "triptych quantize", expected: "--dtype f32, bf16, q8 or q4", found: "none")
    case .textGivenTwice:
      ErrorFacts(
        "text given twice", at: "command line", expected: "an argument or -f FILE", found: "both",
        hint: "leave one of them out")
    case .noText(let what):
      ErrorFacts(
        "no \(what)", at: "standard input", expected: "a pipe or a file", found: "a terminal",
        hint: "give the \(what) as an argument, with -f FILE, or through a pipe")
    case .unreadable(let place, let reason):
      ErrorFacts("can't read the text", at: place, expected: "a file or pipe that can be read", found: reason)
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
        hint: "'triptych tokenize --no-special' shows what becomes of a word")
    case .notAnID(let found):
      ErrorFacts("not a token id", at: "list of ids", expected: "whole numbers from 0", found: "'\(found)'")
    case .noTerminal(let place, let found):
      ErrorFacts(
        "the playground needs a terminal", at: place, expected: "a terminal", found: found,
        hint: "commands such as 'triptych generate' work without one; see 'triptych --help'")
    case .unwritable(let reason):
      ErrorFacts("can't write", at: "standard output", expected: "room for all of the output", found: reason)
    case .outputClosed:
      ErrorFacts("can't write", at: "standard output", expected: "an open pipe", found: "a closed one")
    case .interrupted:
      ErrorFacts("interrupted", at: "this run", expected: "no signal before its end", found: "Ctrl-C or another signal")
    case .engine(let error): ErrorFacts(error)
    }
  }

  private static func notText(_ place: String, _ byte: UInt8, _ offset: Int) -> ErrorFacts {
    let hex = String(byte, radix: 16, uppercase: true)
    return ErrorFacts(
      "text is not UTF-8", at: place, expected: "UTF-8",
      found: "byte 0x\(hex.count < 2 ? "0" : "")\(hex) at offset \(offset)",
      hint: "convert the text to UTF-8 first, for instance with iconv")
  }

  /// `a causal`, `a masked`, `an encoder-decoder`.
  private static func article(_ family: ModelFamily) -> String {
    switch family {
    case .causal: "a causal"
    case .masked: "a masked"
    case .seq2seq: "an encoder-decoder"
    }
  }
}

extension ErrorFacts {
  /// The facts of an engine's error. An engine that leaves some of them out has words put in their place, so that the
  /// form holds.
  init(_ error: EngineError) {
    self.init(
      error.what, at: error.place ?? "the engine", expected: error.expected ?? "success",
      found: error.found ?? "a failure", hint: error.hint)
  }
}
