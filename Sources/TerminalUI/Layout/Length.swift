/// How much of a rectangle a part takes when the rectangle is split.
public enum Length: Hashable, Sendable {
  /// This many rows or columns, fewer only when there are no more.
  case cells(Int)
  /// This part of the whole, from 0 to 1, rounded to whole cells.
  case fraction(Double)
  /// A share of what the others leave, in proportion to the weight.
  case share(Int)
  /// A share of weight 1 of what the others leave.
  public static let rest = Length.share(1)
}

extension Rect {
  /// The rectangle cut into rows from top to bottom. The parts' heights never add up to more than its own; where
  /// there is too little room the later parts get less, down to empty rectangles.
  public func rows(_ lengths: [Length]) -> [Rect] {
    var top = y
    return Rect.resolve(lengths, total: height).map { length in
      defer { top += length }
      return Rect(x, top, width, length)
    }
  }

  /// The rectangle cut into columns from left to right; as `rows(_:)`.
  public func columns(_ lengths: [Length]) -> [Rect] {
    var left = x
    return Rect.resolve(lengths, total: width).map { length in
      defer { left += length }
      return Rect(left, y, length, height)
    }
  }

  /// `count` columns whose widths differ by at most one; the wider ones stand left.
  public func equalColumns(_ count: Int) -> [Rect] { columns(Array(repeating: .rest, count: max(0, count))) }

  /// Whole cells for each length. Shares are handed out by cumulative rounding, so that they add up exactly.
  static func resolve(_ lengths: [Length], total: Int) -> [Int] {
    var left = total
    var result = lengths.map { length -> Int in
      let wanted =
        switch length {
        case .cells(let count): max(0, count)
        case .fraction(let part): part.isFinite ? Int((min(max(part, 0), 1) * Double(total)).rounded()) : 0
        case .share: 0
        }
      let given = min(wanted, left)
      left -= given
      return given
    }
    let weights = lengths.map { length in if case .share(let weight) = length { max(0, weight) } else { 0 } }
    let all = weights.reduce(0, +)
    guard all > 0 else { return result }
    var seen = 0
    var handed = 0
    for (index, weight) in weights.enumerated() where weight > 0 {
      seen += weight
      let upTo = (left * seen + all - 1) / all
      result[index] = upTo - handed
      handed = upTo
    }
    return result
  }
}
