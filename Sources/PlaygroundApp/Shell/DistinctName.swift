import TerminalUI

/// Names cut short so that they stay apart.
enum DistinctName {
  /// A name within `columns`. What it has in common with the beginning of another name gives way first:
  /// `storyteller-mini` beside `storyteller` becomes `sto…-mini`.
  static func fitted(_ name: String, among others: [String], to columns: Int, mark: String) -> String {
    guard name.columnWidth > columns else { return name }
    // What all names of one beginning share; names that begin otherwise are told apart by that.
    let common = others.filter { $0 != name }.map { commonPrefix(name, $0) }.filter { $0 > 2 }.min() ?? 0
    // Two formats of one model are told apart by the whole format, `@q4`, not by its last digit.
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
