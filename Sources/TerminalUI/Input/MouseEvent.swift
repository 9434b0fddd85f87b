/// A move, click or turn of the mouse.
public struct MouseEvent: Hashable, Sendable {
  /// What happened.
  public enum Action: Hashable, Sendable {
    /// A button went down (0 left, 1 middle, 2 right), came up, or the mouse moved with it held.
    case press(Int), release(Int), drag(Int)
    /// The wheel turned.
    case scrollUp, scrollDown
  }

  /// What happened.
  public let action: Action
  /// The cell where it happened.
  public let point: Point
  /// The keys held meanwhile.
  public let modifiers: Modifiers

  /// An event of the mouse.
  public init(_ action: Action, at point: Point, _ modifiers: Modifiers = []) {
    self.action = action
    self.point = point
    self.modifiers = modifiers
  }
}
