/// Finds anchors and aliases in YAML before it is parsed.
///
/// Aliases let a few lines stand for an exponential tree, which the parser then compares and hashes. No file of ours
/// needs them, so that readers refuse a text that holds one.
public enum YAMLAlias {
  /// The first sign that could be an anchor or an alias; line and column count from 1. Linear in the text's length.
  ///
  /// Quotes are not followed, so a quoted `"x *y"` counts too: no setting needs one. A comment counts only if a quote
  /// follows its `#`: without one, the rest of the line is a comment or lies inside a longer text, and in either case
  /// holds no anchor.
  public static func first(in text: String) -> (line: Int, column: Int)? {
    for (number, line) in text.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: isBreak)
      .enumerated()
    {
      let scalars = Array(line)
      let lastQuote = scalars.lastIndex { $0 == "\"" || $0 == "'" } ?? -1
      for (index, sign) in scalars.enumerated() {
        let previous = index == 0 ? " " : scalars[index - 1]
        if sign == "#", previous == " " || previous == "\t", lastQuote < index { break }
        guard sign == "&" || sign == "*", index + 1 < scalars.count else { continue }
        if isNamePart(scalars[index + 1]), !isNamePart(previous) { return (number + 1, index + 1) }
      }
    }
    return nil
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
  }

  private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == "-" || scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }
}
