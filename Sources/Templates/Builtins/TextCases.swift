// Upper and lower case of strings.
extension Renderer {
  func lowered(_ text: Text) throws(TemplateError) -> Text {
    try reserve(text.bytes.count)
    if text.isASCII { return Text(text.bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }).marked(like: text) }
    try scan(text)
    return Text(Characters.lower(text.codePoints)).marked(like: text)
  }

  func raised(_ text: Text) throws(TemplateError) -> Text {
    try reserve(text.bytes.count)
    if text.isASCII { return Text(text.bytes.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }).marked(like: text) }
    try scan(text)
    return Text(text.codePoints.flatMap(Characters.upper)).marked(like: text)
  }

  func capitalized(_ text: Text) throws(TemplateError) -> Text {
    try reserve(text.bytes.count)
    try scan(text)
    let codes = text.codePoints
    guard let first = codes.first else { return text }
    return Text(Characters.title(first) + loweredTail(codes, from: 1)).marked(like: text)
  }

  /// The code points from `start` on, in lower case.
  private func loweredTail(_ codes: [UInt32], from start: Int) -> [UInt32] {
    codes.indices[start...].flatMap { lowered(codes, at: $0) }
  }

  private func lowered(_ codes: [UInt32], at index: Int) -> [UInt32] {
    codes[index] == 0x3A3 ? [Characters.isFinal(index, codes) ? 0x3C2 : 0x3C3] : Characters.lower(codes[index])
  }

  /// `str.title`: a word starts at each cased letter that does not follow another cased letter.
  func titled(_ text: Text) throws(TemplateError) -> Text {
    try reserve(text.bytes.count)
    try scan(text)
    let codes = text.codePoints
    var result: [UInt32] = []
    var isInWord = false
    for (index, code) in codes.enumerated() {
      result += isInWord ? lowered(codes, at: index) : Characters.title(code)
      isInWord = Characters.isCased(code)
    }
    return Text(result).marked(like: text)
  }

  fileprivate func swapped(_ text: Text) throws(TemplateError) -> Text {
    try reserve(text.bytes.count)
    try scan(text)
    let codes = text.codePoints
    return Text(
      codes.indices.flatMap {
        Characters.isUpper(codes[$0])
          ? lowered(codes, at: $0) : Characters.isLower(codes[$0]) ? Characters.upper(codes[$0]) : [codes[$0]]
      }
    ).marked(like: text)
  }
}

extension Methods {
  static let cases = [
    Builtin("upper", "") { (renderer, values) throws(TemplateError) in
      try .string(renderer.raised(values[0].text("self")))
    },
    Builtin("lower", "") { (renderer, values) throws(TemplateError) in
      try .string(renderer.lowered(values[0].text("self")))
    },
    Builtin("title", "") { (renderer, values) throws(TemplateError) in
      try .string(renderer.titled(values[0].text("self")))
    },
    Builtin("capitalize", "") { (renderer, values) throws(TemplateError) in
      try .string(renderer.capitalized(values[0].text("self")))
    },
    Builtin("swapcase", "") { (renderer, values) throws(TemplateError) in
      try .string(renderer.swapped(values[0].text("self")))
    },
    Builtin("casefold", "") { (renderer, values) throws(TemplateError) in
      let text = try values[0].text("self")
      try renderer.reserve(text.bytes.count * 2)
      try renderer.scan(text)
      // Case folding equals lowercasing the upper case, except for the sharp s.
      let folded = text.codePoints.flatMap { (code) -> [UInt32] in
        code == 0xDF || code == 0x1E9E ? [0x73, 0x73] : Characters.upper(code).flatMap(Characters.lower)
      }
      return .string(Text(folded).marked(like: text))
    },
  ]

  static let questions = [
    question("isalpha") { $0.allSatisfy(Characters.isLetter) },
    question("isalnum") { $0.allSatisfy(Characters.isAlphanumeric) },
    question("isdigit") { $0.allSatisfy(Characters.isDigit) },
    question("isdecimal") { $0.allSatisfy(Characters.isDecimal) },
    question("isnumeric") { $0.allSatisfy(Characters.isNumeric) },
    question("isspace") { $0.allSatisfy(Characters.isSpace) },
    question("islower") { isLower($0) },
    question("isupper") { isUpper($0) },
    question("istitle") { isTitled($0) },
    question("isidentifier") { Characters.isIdentifier($0) },
    question("isascii", ofEmpty: true) { $0.allSatisfy { $0 < 0x80 } },
    question("isprintable", ofEmpty: true) { $0.allSatisfy(Characters.isPrintable) },
  ]

  private static func question(
    _ name: String, ofEmpty: Bool = false, _ holds: @escaping @Sendable ([UInt32]) -> Bool
  ) -> Builtin {
    Builtin(name, "") { (renderer, values) throws(TemplateError) in
      let text = try values[0].text("self")
      try renderer.scan(text)
      return .bool(text.isEmpty ? ofEmpty : holds(text.codePoints))
    }
  }

  /// `str.islower`: at least one cased letter, and all cased letters are in lower case.
  static func isLower(_ codes: [UInt32]) -> Bool {
    codes.contains(where: Characters.isLower) && !codes.contains { Characters.isUpper($0) || Characters.isTitle($0) }
  }

  /// `str.isupper`
  static func isUpper(_ codes: [UInt32]) -> Bool {
    codes.contains(where: Characters.isUpper) && !codes.contains { Characters.isLower($0) || Characters.isTitle($0) }
  }

  private static func isTitled(_ codes: [UInt32]) -> Bool {
    var isInWord = false
    var hasWord = false
    for code in codes {
      if Characters.isUpper(code) || Characters.isTitle(code) {
        if isInWord { return false }
        (isInWord, hasWord) = (true, true)
      } else if Characters.isLower(code) {
        guard isInWord else { return false }
      } else {
        isInWord = false
      }
    }
    return hasWord
  }
}
