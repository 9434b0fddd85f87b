/// What happens to text that is longer than its room.
public enum Truncation: Hashable, Sendable {
  /// It ends where the room ends.
  case clip
  /// Its end gives way to the mark `…`.
  case tail
  /// Its beginning gives way to the mark `…`.
  case head
}

extension StringProtocol {
  /// The text within `columns`, wide characters never split. A mark, where one is asked for and something was cut,
  /// takes one of the columns.
  public func fitted(to columns: Int, _ truncation: Truncation = .tail, mark: String = "…") -> String {
    guard columns > 0 else { return "" }
    // Long texts: no more graphemes than can matter are measured.
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

  /// The longest beginning within `columns`.
  func prefixWithin(_ columns: Int) -> SubSequence {
    var left = columns
    return prefix { character in
      left -= character.columnWidth
      return left >= 0
    }
  }

  /// The longest end within `columns`.
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
