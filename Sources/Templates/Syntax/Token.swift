/// A token of a template.
enum Token: Equatable, Sendable {
  /// Text outside of tags.
  case data(Text)
  /// `{{`
  case printBegin
  /// `}}`
  case printEnd
  /// `{%`
  case blockBegin
  /// `%}`
  case blockEnd
  case name(Text)
  case string(Text)
  case integer(BigInteger)
  case float(Double)
  case symbol(Symbol)
  case end

  /// The token's name in errors.
  var description: String {
    switch self {
    case .data: "text"
    case .printBegin: "'{{'"
    case .printEnd: "'}}'"
    case .blockBegin: "'{%'"
    case .blockEnd: "'%}'"
    case .name(let name): "'\(name.string)'"
    case .string: "a string"
    case .integer, .float: "a number"
    case .symbol(let symbol): "'\(symbol.rawValue)'"
    case .end: "the end of the template"
    }
  }
}

/// Operators and brackets. Longer symbols come first.
enum Symbol: String, CaseIterable, Sendable {
  case floorDivide = "//"
  case power = "**"
  case equal = "=="
  case unequal = "!="
  case greaterOrEqual = ">="
  case lessOrEqual = "<="
  case plus = "+"
  case minus = "-"
  case divide = "/"
  case times = "*"
  case modulo = "%"
  case tilde = "~"
  case leftBracket = "["
  case rightBracket = "]"
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBrace = "{"
  case rightBrace = "}"
  case greater = ">"
  case less = "<"
  case assign = "="
  case dot = "."
  case colon = ":"
  case pipe = "|"
  case comma = ","
  case semicolon = ";"

  /// The closing bracket for an opening one.
  var closing: Symbol? {
    switch self {
    case .leftBracket: .rightBracket
    case .leftParenthesis: .rightParenthesis
    case .leftBrace: .rightBrace
    default: nil
    }
  }

  var isClosing: Bool { self == .rightBracket || self == .rightParenthesis || self == .rightBrace }

  /// The bytes of each symbol.
  static let spellings: [(symbol: Symbol, bytes: [UInt8])] = allCases.map { ($0, Array($0.rawValue.utf8)) }
}

/// A token and the offset of its first byte.
struct LocatedToken: Sendable {
  let token: Token
  let offset: Int
}
