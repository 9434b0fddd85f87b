import JSONText

/// Makes what finds a pattern: `{"String": …}` or `{"Regex": …}`.
enum PatternLoading {
  static func load(_ field: Field) throws(TokenizerError) -> any Cutter & Sendable {
    if field["String"].exists { return StringCutter(needle: try field["String"].bytes()) }
    guard field["Regex"].exists else { throw field.invalid("an object with String or Regex") }
    return try regularExpression(try field["Regex"].string(), path: field["Regex"].path)
  }

  /// The hand-written matcher for GPT-2's pattern, else the general engine.
  static func regularExpression(_ pattern: String, path: String) throws(TokenizerError) -> any Cutter & Sendable {
    if pattern == GPT2Cutter.pattern { return GPT2Cutter() }
    do throws(RegexParser.Failure) {
      return try RegexCutter(pattern)
    } catch {
      throw .invalidPattern(pattern: pattern, offset: error.offset, expected: error.expected, path: path)
    }
  }
}
