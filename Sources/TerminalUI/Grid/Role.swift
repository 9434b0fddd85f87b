/// What a piece of the screen means. Roles become colours only at the terminal, through a `Theme`.
public enum Role: Hashable, Sendable {
  /// Running text.
  case text
  /// What is secondary: units, ranks, hints.
  case dim
  /// The one accent colour.
  case accent
  /// The border of a pane without the focus.
  case border
  /// The border of the pane with the focus.
  case focusedBorder
  /// A pane's title.
  case title
  /// A heading inside a pane, a column's name.
  case heading
  /// A key in a hint.
  case key
  /// The chosen row; made for backgrounds.
  case selection
  /// The cell or token that the cursor is on; made for backgrounds.
  case cursor
  /// Errors.
  case error
  /// Warnings.
  case warning
  /// Something went well, something is ready.
  case success
  /// The faint ground under every other token; made for backgrounds.
  case tokenShade
  /// The ground of bars at the screen's edge; made for backgrounds.
  case panel
  /// The screen's own ground; made for backgrounds.
  case background
  /// The colour of the first stream.
  case streamA
  /// The colour of the second stream.
  case streamB
  /// The colour of the third stream.
  case streamC
  /// The colour of the fourth stream.
  case streamD
  /// A place on the heat scale: 0 is what the model was sure of, 255 what surprised it.
  case heat(UInt8)

  /// The colour of stream `index`, counted from 0; starts again after four.
  public static func stream(_ index: Int) -> Role {
    [.streamA, .streamB, .streamC, .streamD][((index % 4) + 4) % 4]
  }

  /// The place on the heat scale of `fraction`, from 0 (expected) to 1 (surprising). Anything outside, NaN included, is clamped.
  public static func heat(fraction: Double) -> Role {
    guard fraction > 0 else { return .heat(0) }
    return .heat(UInt8((min(fraction, 1) * 255).rounded()))
  }
}
