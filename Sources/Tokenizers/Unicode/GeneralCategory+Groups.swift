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
