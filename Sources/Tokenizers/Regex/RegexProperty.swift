/// A named character class of a regular expression, by the Unicode 16 tables of the reference's engine.
enum RegexProperty: Sendable, Equatable {
  case category(@Sendable (Unicode.GeneralCategory) -> Bool, name: String)
  case whitespace, word, digit, hexDigit, alphabetic, han

  static func == (a: RegexProperty, b: RegexProperty) -> Bool { a.name == b.name }

  private var name: String {
    switch self {
    case .category(_, let name): name
    case .whitespace: "space"
    case .word: "word"
    case .digit: "digit"
    case .hexDigit: "xdigit"
    case .alphabetic: "alphabetic"
    case .han: "han"
    }
  }

  /// Looks up a name in `\p{…}` or `[:…:]`, ignoring case and separators.
  init?(name: String) {
    let key = name.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }
    switch key {
    case "space", "whitespace": self = .whitespace
    case "word": self = .word
    case "digit": self = .digit
    case "xdigit": self = .hexDigit
    case "alpha", "alphabetic": self = .alphabetic
    case "han": self = .han
    default:
      guard let test = Self.categories[key] else { return nil }
      self = .category(test, name: key)
    }
  }

  func contains(_ code: UInt32) -> Bool {
    switch self {
    case .whitespace: return ScalarClass.isWhitespace(code)
    case .hexDigit: return code &- 0x30 < 10 || (code | 0x20) &- 0x61 < 6
    case .han: return Self.isHan(code)
    case .digit: return category(code) == .decimalNumber
    case .alphabetic: return isKnown(code) && Unicode.Scalar(code)?.properties.isAlphabetic ?? false
    case .word: return isWord(code)
    case .category(let test, _): return test(category(code))
    }
  }

  /// ``ScalarClass/isWord(_:)`` with Oniguruma's additions and without joiners.
  private func isWord(_ code: UInt32) -> Bool {
    switch code {
    case 0xB2, 0xB3, 0xB9, 0xBC...0xBE: true
    case 0x200C, 0x200D: false
    default: ScalarClass.isWord(code)
    }
  }

  private func category(_ code: UInt32) -> Unicode.GeneralCategory {
    isKnown(code) ? ScalarClass.category(code) ?? .unassigned : .unassigned
  }

  private func isKnown(_ code: UInt32) -> Bool {
    guard code >= 0x88F, let scalar = Unicode.Scalar(code) else { return true }
    return scalar.properties.generalCategory == .privateUse || !ScalarClass.isYounger(scalar, than: 16)
  }

  private static func isHan(_ code: UInt32) -> Bool {
    switch code {
    case ..<0x2E80: false
    case 0x2E80...0x2E99, 0x2E9B...0x2EF3, 0x2F00...0x2FD5, 0x3005, 0x3007, 0x3021...0x3029, 0x3038...0x303B,
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFA6D, 0xFA70...0xFAD9, 0x16FE2...0x16FE3, 0x16FF0...0x16FF1,
      0x20000...0x2A6DF, 0x2A700...0x2B739, 0x2B740...0x2B81D, 0x2B820...0x2CEA1, 0x2CEB0...0x2EBE0, 0x2EBF0...0x2EE5D,
      0x2F800...0x2FA1D, 0x30000...0x3134A, 0x31350...0x323AF:
      true
    default: false
    }
  }

  private typealias Test = @Sendable (Unicode.GeneralCategory) -> Bool

  private static let categories: [String: Test] = {
    var tests: [String: Test] = [
      "l": { $0.isLetter }, "letter": { $0.isLetter }, "m": { $0.isMark }, "mark": { $0.isMark },
      "n": { $0.isNumber }, "number": { $0.isNumber }, "p": { $0.isPunctuation }, "punct": { $0.isPunctuation },
      "punctuation": { $0.isPunctuation }, "s": { $0.isSymbol }, "symbol": { $0.isSymbol }, "z": { $0.isSeparator },
      "separator": { $0.isSeparator }, "c": { $0.isOther }, "other": { $0.isOther }, "cntrl": { $0 == .control },
      "upper": { $0 == .uppercaseLetter }, "lower": { $0 == .lowercaseLetter },
      "alnum": { $0.isLetter || $0.isMark || $0 == .decimalNumber },
    ]
    let single: [(String, Unicode.GeneralCategory)] = [
      ("lu", .uppercaseLetter), ("ll", .lowercaseLetter), ("lt", .titlecaseLetter), ("lm", .modifierLetter),
      ("lo", .otherLetter), ("mn", .nonspacingMark), ("mc", .spacingMark), ("me", .enclosingMark),
      ("nd", .decimalNumber), ("nl", .letterNumber), ("no", .otherNumber), ("pc", .connectorPunctuation),
      ("pd", .dashPunctuation), ("ps", .openPunctuation), ("pe", .closePunctuation), ("pi", .initialPunctuation),
      ("pf", .finalPunctuation), ("po", .otherPunctuation), ("sm", .mathSymbol), ("sc", .currencySymbol),
      ("sk", .modifierSymbol), ("so", .otherSymbol), ("zs", .spaceSeparator), ("zl", .lineSeparator),
      ("zp", .paragraphSeparator), ("cc", .control), ("cf", .format), ("cn", .unassigned), ("co", .privateUse),
    ]
    for (name, category) in single { tests[name] = { $0 == category } }
    return tests
  }()
}
