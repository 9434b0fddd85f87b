/// Keys held down while another is struck.
public struct Modifiers: OptionSet, Hashable, Sendable {
  /// One bit for each key.
  public let rawValue: UInt8

  /// The modifiers of the bits in `rawValue`.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Shift; never set for characters, whose case tells.
  public static let shift = Modifiers(rawValue: 1)
  /// Alt, Option or Meta.
  public static let alt = Modifiers(rawValue: 2)
  /// Control.
  public static let control = Modifiers(rawValue: 4)
}
