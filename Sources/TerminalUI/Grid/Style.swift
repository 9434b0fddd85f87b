/// How a cell looks, said by meaning: the role of its text, the role of its ground, and attributes.
public struct Style: Hashable, Sendable {
  /// Attributes that every colour depth has.
  public struct Attributes: OptionSet, Hashable, Sendable {
    /// One bit for each attribute.
    public let rawValue: UInt8

    /// The attributes of the bits in `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Heavier strokes.
    public static let bold = Attributes(rawValue: 1)
    /// Weaker colour.
    public static let dim = Attributes(rawValue: 2)
    /// A line under the text.
    public static let underline = Attributes(rawValue: 4)
    /// Text and ground change places.
    public static let reverse = Attributes(rawValue: 8)
    /// Slanted strokes.
    public static let italic = Attributes(rawValue: 16)
  }

  /// The role of the text.
  public var role: Role
  /// The role of the ground; nil is the screen's own.
  public var background: Role?
  /// Attributes.
  public var attributes: Attributes

  /// A style of a role, on a ground, with attributes.
  public init(_ role: Role = .text, on background: Role? = nil, _ attributes: Attributes = []) {
    self.role = role
    self.background = background
    self.attributes = attributes
  }

  /// Running text on the screen's own ground.
  public static let plain = Style()

  /// The same style on another ground.
  public func on(_ background: Role?) -> Style { Style(role, on: background, attributes) }

  /// The same style with more attributes.
  public func with(_ attributes: Attributes) -> Style {
    Style(role, on: background, self.attributes.union(attributes))
  }
}
