import TerminalUI

/// Shortens names so that they stay distinct.
enum DistinctName {
  /// Shortens a name to `columns`. The prefix that it shares with another name is shortened first: `storyteller-mini`
  /// beside `storyteller` becomes `sto…-mini`.
  static func fitted(_ name: String, among others: [String], to columns: Int, mark: String) -> String {
    guard name.columnWidth > columns else { return name }
    // The shortest prefix shared with other names. Names that share at most two characters are distinct anyway.
    let common = others.filter { $0 != name }.map { commonPrefix(name, $0) }.filter { $0 > 2 }.min() ?? 0
    // Keep the whole format `@q4`, not only the digit in which two formats differ.
    let format = name.firstIndex(of: "@").map { name.distance(from: name.startIndex, to: $0) }
    let tail = String(name.dropFirst(min(common, format ?? common)))
    guard common > 0, !tail.isEmpty else { return name.fitted(to: columns, .tail, mark: mark) }
    let head = columns - 1 - tail.columnWidth
    if head > 0 { return name.fitted(to: head, .clip) + mark + tail }
    return columns > 1 ? mark + tail.fitted(to: columns - 1, .clip) : mark
  }

  private static func commonPrefix(_ left: String, _ right: String) -> Int {
    zip(left, right).prefix { $0 == $1 }.count
  }
}
