import EngineAPI
/// The parts of an error.
typealias ErrorFacts = EngineAPI.ErrorFacts

extension ErrorFacts {
  /// The maximum length of the sentence, in bytes, without `error: `.
  static let longestLine = 560
  /// The maximum length of the hint, in bytes.
  static let longestHint = 300

  /// The sentence on one line, `WHAT, WHERE: expected EXPECTED, found FOUND`, without control characters. Parts that
  /// are too long are shortened in the middle; shorter ones are kept whole. A missing part is replaced by a general
  /// word, so that the sentence keeps its form.
  var line: String {
    let parts = [what, place ?? "the engine", expected ?? "success", found ?? "a failure"]
      .map { $0.isEmpty ? "nothing" : $0.onOneLine }
    let words = ", : expected , found ".utf8.count
    let share = Self.share(of: Self.longestLine - words, lengths: parts.map(\.utf8.count))
    let fitted = parts.map { $0.shortenedInTheMiddle(to: share) }
    return "\(fitted[0]), \(fitted[1]): expected \(fitted[2]), found \(fitted[3])"
  }

  /// The hint on one line, if any.
  var hintLine: String? {
    guard let hint, !hint.isEmpty else { return nil }
    return hint.onOneLine.shortenedInTheMiddle(to: Self.longestHint)
  }

  /// The maximum length of a part so that all parts fit. Space that shorter parts do not need goes to longer ones.
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
  /// The text if it has at most `limit` bytes; else its start and end, with the number of omitted bytes between.
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
  /// The longest prefix of at most this many bytes.
  fileprivate func prefix(bytes: Int) -> String {
    var left = bytes
    return String(
      String.UnicodeScalarView(
        prefix {
          left -= $0.utf8.count
          return left >= 0
        }))
  }

  /// The longest suffix of at most this many bytes.
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

extension EngineSetting {
  /// The option that changes the setting.
  var option: String {
    switch self {
    case .threads: "-t"
    case .stride: "--stride"
    case .sourceLanguage: "--from"
    case .targetLanguage: "--to"
    case .taskPrefix: "--prefix"
    case .outputFolder: "-o"
    case .replacing: "--force"
    case .promptTokens: "--prompt-tokens"
    case .newTokens: "-n"
    case .chatTemplate: "--template"
    case .chatTemplateName: "--template-name"
    case .dropOldest: "--drop-oldest"
    case .changes: "--ablate, --scale, --patch or --control-vector"
    }
  }
}

extension EngineError {
  /// The facts, with a hint that ends with the options for the error's settings.
  var factsWithOptions: ErrorFacts {
    guard !settings.isEmpty else { return facts }
    var facts = facts
    let options = settings.map(\.option).joined(separator: ", ")
    facts.hint = facts.hint.map { "\($0) (\(options))" } ?? "set it with \(options)"
    return facts
  }
}
