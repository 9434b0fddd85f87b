import EngineAPI

extension CommandError: CustomStringConvertible {
  /// One sentence in the form `WHAT, WHERE: EXPECTED, FOUND`.
  var description: String {
    switch self {
    case .unknownCommand(let name, _):
      "no such command, command line: expected a command, found '\(name)'"
    case .argumentNotUTF8(let argument, let offset, let byte):
      "text is not UTF-8, argument \(argument): \(Self.invalidByte(byte, offset))"
    case .wrongArguments(let words, _): words
    case .conflict(let first, let second, let reason):
      "options that exclude each other, command line: expected one of them, found \(first) and \(second)"
        + (reason.map { " (\($0))" } ?? "")
    case .badValue(let option, let expected, let found, _):
      "wrong value, \(option): expected \(expected), found \(found)"
    case .optionWithoutUse(let option, let model, let family):
      "option without use, \(option): expected \(Self.article(.seq2seq)) model, found \(model), \(Self.article(family)) model"
    case .missingOption(let option, let model, let family):
      "missing option, command line: expected \(option) for \(model), \(Self.article(family)) model, found none"
    case .noFormat: "missing option, command line: expected --dtype f32, bf16, q8 or q4, found none"
    case .textGivenTwice:
      "text given twice, command line: expected an argument or -f FILE, found both"
    case .noText(let what):
      "no \(what), standard input: expected a pipe or a file, found a terminal"
    case .unreadable(let place, let reason): "can't read the text, \(place): \(reason)"
    case .tooMuchText(let place, let limit): "text too long, \(place): expected at most \(limit) bytes, found more"
    case .notUTF8(let place, let offset, let byte): "text is not UTF-8, \(place): \(Self.invalidByte(byte, offset))"
    case .wrongFamily(let command, let model, let family, let expected, _):
      "\(command) does not work with this model, \(model): expected "
        + expected.map(Self.article).joined(separator: " or ") + " model, found \(Self.article(family)) model"
    case .targetPieces(let target, let pieces):
      "target is not one token, '\(target)': expected one token, found "
        + (pieces.isEmpty ? "none" : "\(pieces.count): " + pieces.joined(separator: " "))
    case .unknownTarget(let target, let model):
      "target is not in the vocabulary, '\(target)': expected a token of \(model), found none"
    case .notAnID(let found): "not a token id, list of ids: expected whole numbers from 0, found '\(found)'"
    case .noTerminal(let place, let found):
      "the playground needs a terminal, \(place): expected a terminal, found \(found)"
    case .unwritable(let reason): "can't write, standard output: \(reason)"
    case .outputClosed: "can't write, standard output: closed pipe"
    case .interrupted: "interrupted"
    case .engine(let error): error.description
    }
  }

  /// What a person can do about it, where there is something to say.
  var hint: String? {
    switch self {
    case .unknownCommand(_, let nearest):
      nearest.map { "did you mean '\($0)'?" } ?? "see 'triptych --help' for the commands"
    case .wrongArguments(_, let hint): hint.isEmpty ? nil : hint
    case .badValue(_, _, _, let hint), .wrongFamily(_, _, _, _, let hint): hint
    case .noText(let what): "give the \(what) as an argument, with -f FILE, or through a pipe"
    case .textGivenTwice: "leave one of them out"
    case .argumentNotUTF8, .notUTF8: "convert the text to UTF-8 first, for instance with iconv"
    case .targetPieces: "choose a target that the tokenizer keeps whole; 'triptych tokenize' shows the pieces"
    case .unknownTarget: "'triptych tokenize --no-special' shows what becomes of a word"
    case .noTerminal: "commands such as 'triptych generate' work without one; see 'triptych --help'"
    case .engine(let error): error.hint
    default: nil
    }
  }

  private static func invalidByte(_ byte: UInt8, _ offset: Int) -> String {
    let hex = String(byte, radix: 16, uppercase: true)
    return "expected UTF-8, found byte 0x\(hex.count < 2 ? "0" : "")\(hex) at offset \(offset)"
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
