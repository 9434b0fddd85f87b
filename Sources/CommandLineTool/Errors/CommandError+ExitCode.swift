import EngineAPI

extension CommandError {
  /// The exit code, by `1 failed at run time · 2 wrong usage · 141 closed pipe`; interruptions have the signal's own.
  var exitCode: Int32 {
    switch self {
    case .unknownCommand, .usage, .conflict, .badValue, .optionWithoutUse, .missingOption, .noFormat,
      .textGivenTwice, .noText, .targetPieces, .unknownTarget, .notAnID:
      2
    case .engine(let error): error.kind == .usage ? 2 : 1
    case .outputClosed: 141
    case .interrupted: EndSignal.interrupt.exitCode
    case .argumentNotUTF8, .unreadable, .tooMuchText, .notUTF8, .wrongFamily, .noTerminal, .unwritable:
      1
    }
  }
}
