/// Character classes as the reference tokenizers define them.
///
/// The reference uses several libraries with Unicode tables of different versions; a character newer than a library's
/// tables is unassigned there. The comment of each function names the Unicode version that it follows.
enum ScalarClass {
  /// White_Space; the same in every version.
  @inline(__always) static func isWhitespace(_ code: UInt32) -> Bool {
    switch code {
    case 0x09...0x0D, 0x20: true
    case ..<0x85: false
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// General category N (Unicode 17).
  static func isNumeric(_ code: UInt32) -> Bool {
    if code < 0x80 { return code &- 0x30 < 10 }
    return category(code)?.isNumber ?? false
  }

  /// A word character: letters, marks, decimal digits, connectors and joiners (Unicode 16).
  static func isWord(_ code: UInt32) -> Bool {
    if code < 0x80 { return isASCIIWord(code) }
    guard let scalar = Unicode.Scalar(code), !isYounger(scalar, than: 16) else { return false }
    let properties = scalar.properties
    if properties.isAlphabetic || properties.isJoinControl { return true }
    let category = properties.generalCategory
    return category.isMark || category == .decimalNumber || category == .connectorPunctuation
  }

  @inline(__always) static func isASCIIWord(_ code: UInt32) -> Bool {
    code &- 0x30 < 10 || (code | 0x20) &- 0x61 < 26 || code == 0x5F
  }

  /// ASCII punctuation and symbols, or general category P (Unicode 8).
  static func isPunctuation(_ code: UInt32) -> Bool {
    if code < 0x80 { return code > 0x20 && code < 0x7F && !isASCIIWord(code) || code == 0x5F }
    if code == 0x166D || code == 0x111C9 { return true }
    guard let scalar = Unicode.Scalar(code) else { return false }
    return scalar.properties.generalCategory.isPunctuation && !isYounger(scalar, than: 8)
  }

  /// General category Mn, which BERT strips as accents (Unicode 8).
  static func isNonspacingMark(_ code: UInt32) -> Bool {
    guard code >= 0x300, let scalar = Unicode.Scalar(code) else { return false }
    switch code {
    case 0x1734, 0x1171E: return true
    case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
    default: return scalar.properties.generalCategory == .nonspacingMark && !isYounger(scalar, than: 8)
    }
  }

  /// General category M (Unicode 9).
  static func isMark(_ code: UInt32) -> Bool {
    guard code >= 0x300, let scalar = Unicode.Scalar(code) else { return false }
    switch code {
    case 0x1CF2, 0x1CF3: return true
    case 0x111C9: return false
    default: return scalar.properties.generalCategory.isMark && !isYounger(scalar, than: 9)
    }
  }

  /// Control, format and private-use characters, which BERT drops (Unicode 8). Tab, newline and carriage return count
  /// as spaces instead.
  static func isBertControl(_ code: UInt32) -> Bool {
    if code < 0x80 { return code < 0x20 && code != 0x09 && code != 0x0A && code != 0x0D || code == 0x7F }
    guard let scalar = Unicode.Scalar(code) else { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse: return !isYounger(scalar, than: 8)
    default: return false
    }
  }

  /// The blocks of CJK ideographs that BERT surrounds with spaces.
  static func isChinese(_ code: UInt32) -> Bool {
    switch code {
    case ..<0x3400: false
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }

  static func category(_ code: UInt32) -> Unicode.GeneralCategory? {
    Unicode.Scalar(code)?.properties.generalCategory
  }

  /// Whether a character was added to Unicode after the given version, or is unassigned.
  static func isYounger(_ scalar: Unicode.Scalar, than version: Int) -> Bool {
    guard let age = scalar.properties.age else { return true }
    return age.major > version || age.major == version && age.minor > 0
  }
}

extension Unicode.GeneralCategory {
  var isLetter: Bool {
    switch self {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  var isMark: Bool { self == .nonspacingMark || self == .spacingMark || self == .enclosingMark }

  var isNumber: Bool { self == .decimalNumber || self == .letterNumber || self == .otherNumber }

  var isPunctuation: Bool {
    switch self {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  var isSymbol: Bool {
    switch self {
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
    default: false
    }
  }

  var isSeparator: Bool { self == .spaceSeparator || self == .lineSeparator || self == .paragraphSeparator }

  var isOther: Bool {
    self == .control || self == .format || self == .surrogate || self == .privateUse || self == .unassigned
  }
}
