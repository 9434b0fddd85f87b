import EngineAPI

/// The name of a tab, as used on the command line and in the history and draft files. Only tabs in the register can be
/// opened.
public struct TabID: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// The name: `fill-mask`.
  public let rawValue: String

  /// A tab's name; its own folder declares it.
  init(_ name: String) { rawValue = name }

  /// The tab of this name; nil if the register has none.
  public init?(rawValue: String) {
    guard let tab = TabID.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = tab
  }

  /// The tabs of the register, in the order of the header.
  public static let allCases: [TabID] = TabRegister.all.map { $0.id }

  /// The tab to open if the user names none.
  public static var first: TabID { allCases[0] }

  /// The families of models that the tab takes.
  public var families: [ModelFamily] { TabRegister.all.first { $0.id == self }?.families ?? [] }

  /// Whether all models of the tab are of one family at a time.
  public var isOfOneFamily: Bool { TabRegister.all.first { $0.id == self }?.isOfOneFamily ?? false }

  /// The first tab that takes models of a family.
  public init?(taking family: ModelFamily) {
    guard let tab = TabRegister.all.first(where: { $0.families.contains(family) }) else { return nil }
    self = tab.id
  }

  /// The tabs that take models of a family, in the order of the header.
  public static func all(taking family: ModelFamily) -> [TabID] { allCases.filter { $0.takes(family) } }

  /// The tab's title.
  public var title: String { TabRegister.all.first { $0.id == self }?.title ?? rawValue }

  /// Whether the tab takes models of a family.
  func takes(_ family: ModelFamily) -> Bool {
    TabRegister.all.contains { $0.id == self && $0.families.contains(family) }
  }

  /// The name.
  public var description: String { rawValue }
}
