/// A text that can be gone back to.
protocol KeptBranch: Sendable, Equatable {
  /// How many tokens it holds, of all its texts: what its memory grows with.
  var tokenCount: Int { get }
}

/// The states before each branch, so that one can go back and forth. Values of the whole branch are kept (they share
/// storage): a tree of branches is made of the same moves.
struct BranchHistory<Branch: KeptBranch>: Sendable, Equatable {
  /// The oldest are dropped beyond this many.
  static var most: Int { 200 }
  /// The oldest are dropped beyond this many tokens together, the last one stays: some 350 bytes are kept of each.
  static var mostTokens: Int { 16_384 }
  private(set) var past: [Branch] = []
  private(set) var undone: [Branch] = []
  /// Whether there is nothing to go back or forth to.
  var isEmpty: Bool { past.isEmpty && undone.isEmpty }

  /// Remembers `branch` before it is left for another one.
  mutating func leave(_ branch: Branch) {
    past.append(branch)
    undone = []
    var tokens = 0
    let kept = past.suffix(Self.most).reversed().prefix { branch in
      tokens += branch.tokenCount
      return tokens <= Self.mostTokens
    }
    past.removeFirst(past.count - max(1, kept.count))
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
