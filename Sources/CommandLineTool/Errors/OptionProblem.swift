/// What is wrong with one option's value.
///
/// The argument parser only keeps the words of an error that is thrown while it reads a value and builds its own
/// sentence around them. The words therefore carry marks that no sentence holds, and `ParserWords` finds them again.
struct OptionProblem: Error, CustomStringConvertible {
  /// The option as the help screen names it.
  let option: String
  /// What it takes.
  let expected: String
  /// What it was given.
  let found: String
  /// What a person can do, where there is something to say.
  var hint = ""

  /// Stands before the sentence and between sentence and hint.
  static let mark: Character = "\u{1E}"

  var description: String {
    let sentence = "wrong value, \(option): expected \(expected), found '\(found)'"
    let words = [sentence, hint].map { $0.filter { $0 != Self.mark } }
    return "\(Self.mark)\(words[0])\(Self.mark)\(words[1])"
  }
}
