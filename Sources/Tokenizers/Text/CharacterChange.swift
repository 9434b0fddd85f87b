/// A character of a rewritten text, and how it came about.
struct CharacterChange {
  var code: UInt32
  /// 0: replaces the next character of the old text. 1: is added after the one before it. −n: replaces the next
  /// character and drops n more.
  var change: Int
}
