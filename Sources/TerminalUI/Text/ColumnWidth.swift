extension Unicode.Scalar {
  /// Whether it is a control character or a line or paragraph separator: never sent to a terminal.
  public var isTerminalControl: Bool {
    value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
  }

  /// Columns of the scalar on its own: 0, 1 or 2. See `Character.columnWidth` for the rule.
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

  /// Whether it is one of the letters that flags are spelt with.
  var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }
}

extension Character {
  /// Columns of the grapheme on a terminal: 0 for a lone mark or format character, else 1 or more.
  ///
  /// East Asian wide characters and emoji, sequences included, take 2; ambiguous ones 1; combining marks add nothing;
  /// a control character takes 1, for its replacement.
  public var columnWidth: Int {
    if let ascii = asciiValue, ascii >= 0x20, ascii < 0x7F { return 1 }
    return columnPieces.reduce(0) { $0 + $1.width }
  }

  /// The parts of the grapheme that each get cells of their own, with their columns (1 or 2). One part for nearly all;
  /// several where a grapheme holds more than one spacing character; none for a lone mark or format character.
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
        // Marks without end on one base are cut: a cell stays small whatever the text.
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
