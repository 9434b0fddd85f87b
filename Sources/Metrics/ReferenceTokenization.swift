/// How a text is split into words before n-grams are counted. The methods are those of sacrebleu; its methods for
/// Chinese, Japanese and Korean and those of SentencePiece are not here.
public enum ReferenceTokenization: String, Sendable, CaseIterable {
  /// The tokenization of `mteval-v13a`, the default of sacrebleu.
  case mteval13a = "13a"
  /// The international tokenization of `mteval-v14`: by the Unicode categories of punctuation and symbols.
  case international = "intl"
  /// Each character is a word.
  case characters = "char"
  /// The text is already tokenized: words are separated by spaces.
  case none

  /// The words of a text.
  public func words(_ text: String) -> [String] {
    switch self {
    case .none: return text.spaceSeparated
    case .characters: return text.unicodeScalars.filter { !$0.separatesWords }.map { String($0) }
    case .mteval13a: return Self.mteval(text)
    case .international: return Self.splitInternational(Array(text.unicodeScalars.trimmedAtEnd)).spaceSeparated
    }
  }

  private static func mteval(_ text: String) -> [String] {
    var text = String(String.UnicodeScalarView(text.unicodeScalars.trimmedAtEnd))
    for (mark, replacement) in [("<skipped>", ""), ("-\n", ""), ("\n", " ")] {
      text = text.replacing(mark, with: replacement)
    }
    if text.utf8.contains(UInt8(ascii: "&")) {
      for (name, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
        text = text.replacing(name, with: character)
      }
    }
    var scalars: [Unicode.Scalar] = [" "]
    for scalar in text.unicodeScalars {
      if isSymbol(scalar) { scalars += [" ", scalar, " "] } else { scalars.append(scalar) }
    }
    scalars.append(" ")
    // Periods and commas are split off, except between digits.
    let isPoint = { (scalar: Unicode.Scalar) in scalar == "." || scalar == "," }
    scalars = separatingPairs(scalars, { !isASCIIDigit($0) && isPoint($1) }) { [$0, " ", $1, " "] }
    scalars = separatingPairs(scalars, { isPoint($0) && !isASCIIDigit($1) }) { [" ", $0, " ", $1] }
    // A dash after a digit is split off.
    scalars = separatingPairs(scalars, { isASCIIDigit($0) && $1 == "-" }) { [$0, " ", $1, " "] }
    return String(String.UnicodeScalarView(scalars)).spaceSeparated
  }

  private static func splitInternational(_ text: [Unicode.Scalar]) -> String {
    var scalars = separatingPairs(text, { !isNumber($0) && isPunctuation($1) }) { [$0, " ", $1, " "] }
    scalars = separatingPairs(scalars, { isPunctuation($0) && !isNumber($1) }) { [" ", $0, " ", $1] }
    var result: [Unicode.Scalar] = []
    for scalar in scalars {
      if isSymbolCategory(scalar) { result += [" ", scalar, " "] } else { result.append(scalar) }
    }
    return String(String.UnicodeScalarView(result))
  }

  /// Rewrites pairs of characters from left to right. A pair begins after the end of the pair before it.
  private static func separatingPairs(
    _ text: [Unicode.Scalar], _ matches: (Unicode.Scalar, Unicode.Scalar) -> Bool,
    _ rewrite: (Unicode.Scalar, Unicode.Scalar) -> [Unicode.Scalar]
  ) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count + text.count / 4)
    var index = 0
    while index < text.count {
      if index + 1 < text.count, matches(text[index], text[index + 1]) {
        result += rewrite(text[index], text[index + 1])
        index += 2
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }

  private static func isASCIIDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  /// ASCII punctuation and symbols except apostrophe, comma, dash and period; also the space.
  private static func isSymbol(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "{"..."~", "["..."`", " "..."&", "("..."+", ":"..."@", "/": true
    default: false
    }
  }

  private static func isNumber(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  private static func isSymbolCategory(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
    default: false
    }
  }
}

extension String.UnicodeScalarView {
  /// The text without white space at its end.
  var trimmedAtEnd: SubSequence {
    guard let last = lastIndex(where: { !$0.separatesWords }) else { return self[endIndex...] }
    return self[...last]
  }
}

extension String {
  /// The text with each occurrence of `pattern`, compared by code points, replaced.
  fileprivate func replacing(_ pattern: String, with replacement: String) -> String {
    let (bytes, pattern) = (Array(utf8), Array(pattern.utf8))
    guard !pattern.isEmpty, bytes.count >= pattern.count else { return self }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == pattern[0], bytes[index...].starts(with: pattern) {
        result += Array(replacement.utf8)
        index += pattern.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
