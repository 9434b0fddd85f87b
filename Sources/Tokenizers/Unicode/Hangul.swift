/// Composition of Korean syllables by arithmetic (Unicode 17, section 3.12).
enum Hangul {
  private static let leading: UInt32 = 0x1100
  private static let vowels: UInt32 = 0x1161
  private static let trailing: UInt32 = 0x11A7
  private static let syllables: UInt32 = 0xAC00
  private static let vowelCount: UInt32 = 21
  private static let trailingCount: UInt32 = 28

  /// The syllable of a leading consonant and a vowel, or of an open syllable and a trailing consonant.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if leading..<leading + 19 ~= first, vowels..<vowels + vowelCount ~= second {
      return syllables + ((first - leading) * vowelCount + second - vowels) * trailingCount
    }
    if syllables...0xD7A3 ~= first, (first - syllables) % trailingCount == 0,
      trailing + 1..<trailing + trailingCount ~= second
    {
      return first + second - trailing
    }
    return nil
  }
}
