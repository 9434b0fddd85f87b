extension Unicode.Scalar {
  /// Whether the scalar is a control character or a line or paragraph separator. Such scalars are never sent to a
  /// terminal.
  public var isTerminalControl: Bool {
    value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
  }

  /// Columns of the scalar on its own: 0, 1 or 2. See `WideCharacters` for the rules.
  public var columnWidth: Int {
    if value < 0x300 { return 1 }
    if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) { return 0 }
    if isTerminalControl { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    if WideCharacters.contains(value) { return 2 }
    return properties.isEmojiPresentation && !isRegionalIndicator ? 2 : 1
  }

  /// Whether the scalar is a regional indicator; two of them form a flag.
  var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }
}

extension Character {
  /// Columns of the grapheme on a terminal: 0 for a lone mark or format character, else 1 or more.
  ///
  /// East Asian wide characters and emoji, including sequences, take 2. Ambiguous characters take 1, combining marks 0.
  /// A control character takes 1, the width of its replacement.
  public var columnWidth: Int {
    if let ascii = asciiValue, ascii >= 0x20, ascii < 0x7F { return 1 }
    return columnPieces.reduce(0) { $0 + $1.width }
  }

  /// The parts of the grapheme that occupy separate cells, with their columns (1 or 2). Most graphemes have one part. A
  /// grapheme with several spacing characters has several; a lone mark or format character has none.
  public var columnPieces: [(text: String, width: Int)] {
    if isEmojiSequence { return [(String(String.UnicodeScalarView(unicodeScalars.prefix(32))), 2)] }
    var pieces: [(text: String, width: Int)] = []
    var length = 0
    for scalar in unicodeScalars {
      let width = scalar.columnWidth
      if width > 0 {
        pieces.append((scalar.isTerminalControl ? "\u{FFFD}" : String(scalar), width))
        length = 1
        if self == "\r\n" { break }
      } else if !pieces.isEmpty, length < 16 {
        // Limit the marks on one base, so that a cell stays small.
        pieces[pieces.count - 1].text.unicodeScalars.append(scalar)
        length += 1
      }
    }
    return pieces
  }

  /// Whether the grapheme is shown as one emoji.
  private var isEmojiSequence: Bool {
    let scalars = unicodeScalars
    guard let first = scalars.first, scalars.count > 1 else { return false }
    if first.isRegionalIndicator { return scalars.dropFirst().first?.isRegionalIndicator ?? false }
    guard first.properties.isEmoji else { return false }
    return scalars.dropFirst().prefix(32).contains { next in
      next.value == 0xFE0F || next.value == 0x20E3 || next.value == 0x200D || next.properties.isEmojiModifier
    }
  }
}

extension StringProtocol {
  /// Columns of the text on a terminal: the sum over its graphemes.
  public var columnWidth: Int { reduce(0) { $0 + $1.columnWidth } }
}

/// Columns of Unicode text on a terminal.
///
/// The rules are the same on every machine. `wcwidth` is not used; the terminal back end draws text so that these
/// widths hold, see `settledText`.
/// - East Asian wide and full-width characters and characters with emoji presentation take 2 columns; ambiguous ones 1.
/// - A grapheme that is an emoji sequence (joined by U+200D, with U+FE0F, a skin tone, a flag, a keycap) takes 2.
/// - Combining marks, format characters and the vowels and finals of conjoining Hangul take 0.
/// - Other graphemes take the sum of their characters: an Indic conjunct with two consonants takes 2.
/// - A control character takes 1: it is drawn as a replacement, never sent.
///
/// Sources: Unicode Standard Annex 11 (East Asian Width), UTS 51 (Emoji), UAX 29 (grapheme clusters, by Swift).
enum WideCharacters {
  /// Scalars of East Asian width W or F in Unicode 14, including unassigned code points reserved for ideographs.
  static let ranges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
    0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
    0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
    0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
    0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
    0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x2FD5,
    0x2FF0...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CD5,
    0x18CFF...0x18D08, 0x1AFF0...0x1B122, 0x1B150...0x1B2FB, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E,
    0x1F191...0x1F19A, 0x1F200...0x1F265, 0x1F300...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393,
    0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440,
    0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596,
    0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF,
    0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF,
    0x1FA70...0x1FAF6, 0x20000...0x3FFFD,
  ]

  /// Whether `value` is in the table; O(log n).
  static func contains(_ value: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(value)
  }
}

/// How text that is too long is shortened.
public enum Truncation: Hashable, Sendable {
  /// Cut without a mark.
  case clip
  /// The end is replaced by `…`.
  case tail
  /// The beginning is replaced by `…`.
  case head
}

extension StringProtocol {
  /// The text shortened to `columns`. Wide characters are never split. If text is cut, the mark takes one of the
  /// columns.
  public func fitted(to columns: Int, _ truncation: Truncation = .tail, mark: String = "…") -> String {
    guard columns > 0 else { return "" }
    // Measure only as many graphemes as can fit: the text may be long.
    var used = 0
    var end = startIndex
    while end < endIndex {
      used += self[end].columnWidth
      if used > columns { break }
      formIndex(after: &end)
    }
    guard used > columns else { return String(self) }
    switch truncation {
    case .clip: return String(self[..<end])
    case .tail: return String(prefixWithin(columns - 1)) + mark
    case .head: return mark + String(suffixWithin(columns - 1))
    }
  }

  /// The longest prefix that fits `columns`.
  func prefixWithin(_ columns: Int) -> SubSequence {
    var left = columns
    return prefix { character in
      left -= character.columnWidth
      return left >= 0
    }
  }

  /// The longest suffix that fits `columns`.
  func suffixWithin(_ columns: Int) -> SubSequence {
    var left = columns
    var start = endIndex
    while start > startIndex {
      let before = index(before: start)
      left -= self[before].columnWidth
      if left < 0 { break }
      start = before
    }
    return self[start...]
  }
}
