import TerminalUI

/// What a person or a configuration wants of the screen.
public struct TerminalOptions: Sendable {
  /// Environment variables: TERM, COLORTERM, NO_COLOR.
  public var environment: [String: String]
  /// The most colours to use; nil takes all there are, or none where NO_COLOR is set to anything but nothing.
  public var colorLimit: ColorDepth?
  /// The smallest window to begin in.
  public var minimumSize: Size
  /// Whether to draw with ASCII signs even where the terminal shows Unicode.
  public var usesASCII: Bool
  /// How long a lone Escape waits for the rest of a sequence, in seconds: slow links bring one key in parts.
  public var patience: Double

  /// Options; the standard ones fit most programs.
  public init(
    environment: [String: String], colorLimit: ColorDepth? = nil, minimumSize: Size = Size(10, 3),
    usesASCII: Bool = false, patience: Double = TimedInputDecoder.standardPatience
  ) {
    self.environment = environment
    self.colorLimit = colorLimit
    self.minimumSize = minimumSize
    self.usesASCII = usesASCII
    self.patience = patience
  }

  var effectiveColorLimit: ColorDepth {
    if let colorLimit { return colorLimit }
    return (environment["NO_COLOR"] ?? "").isEmpty ? .trueColor : .none
  }
}
