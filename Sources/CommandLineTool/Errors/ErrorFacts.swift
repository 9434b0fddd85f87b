import LocalFiles

/// The parts of an error: what failed, where, what was expected there, what was found instead, and what can be done.
///
/// They stay apart until they are printed, as `error: WHAT, WHERE: expected EXPECTED, found FOUND`.
struct ErrorFacts: Equatable {
  var what: String
  var place: String
  var expected: String
  var found: String
  var hint: String?

  init(_ what: String, at place: String, expected: String, found: String, hint: String? = nil) {
    self.what = what
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// The longest line that is printed, in bytes, without `error: ` and `hint: `.
  static let longestLine = 560
  /// The longest hint, in bytes.
  static let longestHint = 300

  /// The sentence on one line, without control characters. Parts that are too long are shortened in the middle; the
  /// shorter ones stay whole.
  var line: String {
    let parts = [what, place, expected, found].map { $0.isEmpty ? "nothing" : $0.onOneLine }
    let words = ", : expected , found ".utf8.count
    let share = Self.share(of: Self.longestLine - words, lengths: parts.map(\.utf8.count))
    let fitted = parts.map { $0.shortenedInTheMiddle(to: share) }
    return "\(fitted[0]), \(fitted[1]): expected \(fitted[2]), found \(fitted[3])"
  }

  /// The hint on one line, if there is one.
  var hintLine: String? {
    guard let hint, !hint.isEmpty else { return nil }
    return hint.onOneLine.shortenedInTheMiddle(to: Self.longestHint)
  }

  /// The longest that a part may be for all of them to fit: what shorter parts leave goes to the longer ones.
  private static func share(of room: Int, lengths: [Int]) -> Int {
    var room = room
    var left = lengths.count
    for length in lengths.sorted() {
      let share = room / left
      if length > share { return share }
      room -= length
      left -= 1
    }
    return Int.max
  }
}

extension String {
  /// The text if it has at most `limit` bytes, else its beginning and end with the number of bytes left out between.
  func shortenedInTheMiddle(to limit: Int) -> String {
    guard utf8.count > limit else { return self }
    let mark = { (count: Int) in "...(\(count) bytes left out)..." }
    let kept = max(0, limit - mark(utf8.count).utf8.count)
    let head = unicodeScalars.prefix(bytes: kept - kept / 2)
    let tail = unicodeScalars.suffix(bytes: kept / 2)
    let leftOut = utf8.count - head.utf8.count - tail.utf8.count
    return head + mark(leftOut) + tail
  }
}

extension String.UnicodeScalarView {
  /// The longest beginning of at most so many bytes.
  fileprivate func prefix(bytes: Int) -> String {
    var left = bytes
    return String(
      String.UnicodeScalarView(
        prefix {
          left -= $0.utf8.count
          return left >= 0
        }))
  }

  /// The longest end of at most so many bytes.
  fileprivate func suffix(bytes: Int) -> String {
    var left = bytes
    let scalars = reversed().prefix {
      left -= $0.utf8.count
      return left >= 0
    }
    return String(String.UnicodeScalarView(scalars.reversed()))
  }
}

extension Unicode.Scalar {
  fileprivate var utf8: UTF8.EncodedScalar { UTF8.encode(self) ?? UTF8.encodedReplacementCharacter }
}

/// The nearest name by edit distance, if the distance is at most a third of the length. Names longer than 64 characters
/// are not compared.
func nearest(to name: String, among names: [String]) -> String? {
  guard name.count <= 64 else { return nil }
  let limit = max(1, name.count / 3)
  return names.filter { $0.count <= 64 }.map { (name: $0, distance: Spelling.edits(Array(name), Array($0))) }
    .filter { $0.distance <= limit }
    .min { $0.distance < $1.distance }?.name
}

/// What is wrong with one option's value.
///
/// The argument parser only keeps the words of an error that is thrown while it reads a value and builds its own
/// sentence around them. The words are therefore the facts with marks between them that no fact holds, and
/// `ParserWords` takes them apart again.
struct OptionProblem: Error, CustomStringConvertible {
  /// The option as the help screen names it.
  let option: String
  /// What it takes.
  let expected: String
  /// What it was given.
  let found: String
  /// What a person can do, where there is something to say.
  var hint = ""

  /// Stands before each fact.
  private static let mark: Unicode.Scalar = "\u{1E}"

  var description: String {
    [option, expected, found, hint].map { fact in
      var marked = String.UnicodeScalarView([Self.mark])
      marked.append(contentsOf: fact.unicodeScalars.lazy.map { $0 == Self.mark ? "\u{FFFD}" : $0 })
      return String(marked)
    }.joined()
  }

  /// The facts in a message that ends with a description; `nil` where it does not.
  static func facts(in message: String) -> ErrorFacts? {
    // The parser's own words come first, and may quote a value that holds marks.
    let facts = message.unicodeScalars.split(separator: mark, omittingEmptySubsequences: false).suffix(4)
      .map { String($0) }
    guard facts.count == 4, message.unicodeScalars.contains(mark) else { return nil }
    return ErrorFacts("wrong value", at: facts[0], expected: facts[1], found: "'\(facts[2])'", hint: facts[3])
  }
}
