/// Where a line stands in its room.
public enum Alignment: Hashable, Sendable {
  /// At the left edge, in the middle, at the right edge.
  case left, center, right
}
