/// Which of a tab's parts asked for a piece of work.
///
/// There is at most one piece of work a slot: a new effect in a slot supersedes the one before, whose work should be
/// cancelled and whose answer, should it still come, is ignored by its version.
public struct Slot: Sendable, Hashable {
  /// The tab that the answer goes to.
  public let tab: TabID
  /// What the work is for.
  public let name: String
  /// Tells apart several of one name.
  public let index: Int

  /// A slot of a tab.
  public init(_ tab: TabID, _ name: String, _ index: Int = 0) {
    self.tab = tab
    self.name = name
    self.index = index
  }

  /// The tokens of a tab's prompt.
  public static func tokens(_ tab: TabID) -> Slot { Slot(tab, "tokens") }
  /// The tokens of the text that is looked for in a tab's candidates.
  public static func searchTokens(_ tab: TabID) -> Slot { Slot(tab, "searchTokens") }
  /// The distribution that a list of candidates shows; `list` tells apart several lists of a tab.
  public static func candidates(_ tab: TabID, list: Int) -> Slot { Slot(tab, "candidates", list) }
}

/// Says to which request an answer belongs.
public struct Ticket: Sendable, Hashable {
  /// Who asked.
  public var slot: Slot
  /// Grows with every request of the session: an answer to an older one is stale.
  public var version: Int

  /// The request `version` of a slot.
  public init(_ slot: Slot, version: Int) {
    self.slot = slot
    self.version = version
  }
}
