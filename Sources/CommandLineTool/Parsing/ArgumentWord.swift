/// One argument of the command line, split as ArgumentParser splits it.
struct ArgumentWord {
  enum Form: Equatable {
    /// A text without a leading dash, a single dash, or anything after the terminator.
    case value
    /// The first `--`.
    case terminator
    /// `--name`, `--name=value`, `-name` or `-name=value`; the name has its dashes.
    case option(name: String, value: String?)
    /// More than two leading dashes, or `-=`: never an option.
    case malformed
  }

  let text: String
  let form: Form
  /// Whether a command, an option or a positional argument has taken it.
  var isUsed = false
  /// The letters of a group such as `-qn` that options have taken, counted from 0.
  var usedLetters: Set<Int> = []

  /// - Parameter isText: Whether it comes after the terminator.
  init(_ text: String, isText: Bool) {
    self.text = text
    form = isText ? .value : Self.form(text)
  }

  /// The words of a command line.
  static func split(_ arguments: [String]) -> [ArgumentWord] {
    var isText = false
    return arguments.map { argument in
      let word = ArgumentWord(argument, isText: isText)
      isText = isText || word.form == .terminator
      return word
    }
  }

  private static func form(_ text: String) -> Form {
    // Compare characters: a dash with a combining mark is not a dash.
    let dashes = text.prefix { $0 == "-" }
    if dashes.endIndex == text.endIndex {
      switch dashes.count {
      case 0, 1: return .value
      case 2: return .terminator
      default: return .malformed
      }
    }
    switch dashes.count {
    case 0: return .value
    case 1, 2: break
    default: return .malformed
    }
    guard let equals = text.firstIndex(of: "=") else { return .option(name: text, value: nil) }
    let name = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    if dashes.count == 2 { return .option(name: name, value: value.isEmpty ? nil : value) }
    return equals == dashes.endIndex ? .malformed : .option(name: name, value: value)
  }

  var isOption: Bool {
    guard case .option = form else { return false }
    return true
  }

  /// Longer than the name of any option, in bytes.
  static let longestName = 300

  /// The letters of a group of short options such as `-qn`, each as an option: `-q`, `-n`. Empty for other words, and
  /// for words that are too long to be meant as a group.
  var letters: [String] {
    guard text.utf8.count <= Self.longestName, case .option(_, nil) = form, !text.hasPrefix("--"), !text.contains("="),
      text.count > 2
    else { return [] }
    return text.dropFirst().map { "-\($0)" }
  }
}
