/// A key of the keyboard, as far as terminals tell.
public enum Key: Hashable, Sendable {
  /// A character, upper and lower case distinct: Shift is in the character.
  case character(Character)
  /// Enter, Tab, Shift-Tab, Backspace, Delete, Insert, Escape.
  case enter, tab, backtab, backspace, delete, insert, escape
  /// The arrows.
  case up, down, left, right
  /// Home, End, Page Up, Page Down.
  case home, end, pageUp, pageDown
  /// A function key, counted from 1.
  case function(Int)
}
