/// Classification of code points, as in Python's `str`.
enum Characters {
  /// `str.isspace`
  static func isSpace(_ code: UInt32) -> Bool {
    switch code {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// The index of the first byte after leading white space.
  static func start(strippingSpace bytes: ArraySlice<UInt8>) -> Int {
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let length = spaceLength(bytes, at: start)
      if length == 0 { break }
      start += length
    }
    return start
  }

  /// The index after the last byte before trailing white space.
  static func end(strippingSpace bytes: ArraySlice<UInt8>) -> Int {
    var end = bytes.endIndex
    while end > bytes.startIndex {
      var start = end - 1
      while start > bytes.startIndex, bytes[start] & 0xC0 == 0x80, end - start < 4 { start -= 1 }
      guard spaceLength(bytes, at: start) == end - start else { break }
      end = start
    }
    return end
  }

  /// The number of bytes of the white space character at an index; 0 if it is another character.
  private static func spaceLength(_ bytes: ArraySlice<UInt8>, at index: Int) -> Int {
    let first = UInt32(bytes[index])
    if first < 0x80 { return isSpace(first) ? 1 : 0 }
    let length = first < 0xE0 ? 2 : 3
    guard first >= 0xC2, first < 0xF0, index + length <= bytes.endIndex else { return 0 }
    var code = first & (length == 2 ? 0x1F : 0x0F)
    for offset in 1..<length { code = code << 6 | UInt32(bytes[index + offset] & 0x3F) }
    return isSpace(code) ? length : 0
  }

  /// The line breaks of `str.splitlines`.
  static func isLineBreak(_ code: UInt32) -> Bool {
    switch code {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  private static func properties(_ code: UInt32) -> Unicode.Scalar.Properties? { Unicode.Scalar(code)?.properties }

  /// `str.isalpha`
  static func isLetter(_ code: UInt32) -> Bool {
    switch properties(code)?.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  static func isDecimal(_ code: UInt32) -> Bool { properties(code)?.numericType == .decimal }
  static func isDigit(_ code: UInt32) -> Bool { isDecimal(code) || properties(code)?.numericType == .digit }
  static func isNumeric(_ code: UInt32) -> Bool { properties(code)?.numericType != nil }
  static func isAlphanumeric(_ code: UInt32) -> Bool { isLetter(code) || isNumeric(code) }
  static func isUpper(_ code: UInt32) -> Bool { properties(code)?.isUppercase ?? false }
  static func isLower(_ code: UInt32) -> Bool { properties(code)?.isLowercase ?? false }
  static func isTitle(_ code: UInt32) -> Bool { properties(code)?.generalCategory == .titlecaseLetter }
  static func isCased(_ code: UInt32) -> Bool { isUpper(code) || isLower(code) || isTitle(code) }

  /// A character of a name in a template, or of a word in the filter `wordcount`.
  static func isWord(_ code: UInt32) -> Bool {
    if code < 0x80 { return code == 0x5F || BigInteger.digit(UInt8(code)) != nil }
    return isAlphanumeric(code) || (properties(code)?.isXIDContinue ?? false)
  }

  /// `str.isidentifier`
  static func isIdentifier(_ codePoints: [UInt32]) -> Bool {
    guard let first = codePoints.first else { return false }
    let starts = first == 0x5F || (properties(first)?.isXIDStart ?? false)
    return starts && codePoints.allSatisfy { properties($0)?.isXIDContinue ?? false }
  }

  /// `str.isprintable`
  static func isPrintable(_ code: UInt32) -> Bool {
    if code < 0x7F { return code >= 0x20 }
    switch properties(code)?.generalCategory {
    case nil, .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default: return true
    }
  }

  // MARK: - Case

  static func upper(_ code: UInt32) -> [UInt32] { mapped(code) { $0.uppercaseMapping } }
  static func lower(_ code: UInt32) -> [UInt32] { mapped(code) { $0.lowercaseMapping } }
  static func title(_ code: UInt32) -> [UInt32] { mapped(code) { $0.titlecaseMapping } }

  private static func mapped(_ code: UInt32, _ mapping: (Unicode.Scalar.Properties) -> String) -> [UInt32] {
    properties(code).map { mapping($0).unicodeScalars.map(\.value) } ?? [code]
  }

  /// The code points in lower case. A capital sigma at the end of a word becomes a final sigma.
  static func lower(_ codePoints: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(codePoints.count)
    for (index, code) in codePoints.enumerated() {
      if code == 0x3A3 {
        result.append(isFinal(index, codePoints) ? 0x3C2 : 0x3C3)
      } else {
        result += lower(code)
      }
    }
    return result
  }

  /// Whether a cased letter precedes the position and none follows it.
  static func isFinal(_ index: Int, _ codePoints: [UInt32]) -> Bool {
    let ignorable = { (code: UInt32) in properties(code)?.isCaseIgnorable ?? false }
    guard let before = codePoints[..<index].last(where: { !ignorable($0) }), isCased(before) else { return false }
    guard let after = codePoints[(index + 1)...].first(where: { !ignorable($0) }) else { return true }
    return !isCased(after)
  }
}
