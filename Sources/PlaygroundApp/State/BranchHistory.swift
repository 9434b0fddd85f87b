/// The states before each branch, so that one can go back and forth. Values of the whole branch are kept (they share
/// storage): a tree of branches is made of the same moves.
struct BranchHistory<Branch: Sendable & Equatable>: Sendable, Equatable {
  /// The oldest are dropped beyond this many.
  static var most: Int { 200 }
  private(set) var past: [Branch] = []
  private(set) var undone: [Branch] = []

  /// Remembers `branch` before it is left for another one.
  mutating func leave(_ branch: Branch) {
    past.append(branch)
    if past.count > Self.most { past.removeFirst() }
    undone = []
  }

  /// The branch before `current`.
  mutating func back(from current: Branch) -> Branch? {
    guard let last = past.popLast() else { return nil }
    undone.append(current)
    return last
  }

  /// The branch that was left by `back(from:)` last.
  mutating func forward(from current: Branch) -> Branch? {
    guard let next = undone.popLast() else { return nil }
    past.append(current)
    return next
  }
}
