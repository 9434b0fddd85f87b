import EngineAPI
import Sessions
import TerminalUI

/// Two branches side by side, from the place where they part.
struct TreeComparison: Sendable, Equatable {
  /// A branch.
  struct Side: Sendable, Equatable {
    /// Where it ends.
    var place: Place
    /// Its tokens from a few before the parting on.
    var trace: Trace
    /// The same as wrapped text.
    var text = TokenText()
  }

  /// The tokens before the parting that are shown.
  static let context = 12

  /// The branches.
  var left: Side
  var right: Side
  /// The number of tokens that both begin with.
  var parting: Int
  /// The number of these tokens that are shown.
  var shared: Int

  /// Compares the texts that end at two places; `nil` if they are the same text.
  init?(_ left: Place, _ right: Place, in tree: SessionTree) {
    let (first, second) = (tree.path(to: left), tree.path(to: right))
    let most = min(first.count, second.count)
    parting = (0..<most).first { first[$0].token.id != second[$0].token.id } ?? most
    guard parting < max(first.count, second.count) else { return nil }
    shared = min(parting, TreeComparison.context)
    let start = parting - shared
    let side = { (place: Place) in
      var trace = tree.trace(to: place, promptCount: start)
      trace.hasSource = false
      return Side(place: place, trace: trace)
    }
    (self.left, self.right) = (side(left), side(right))
  }

  /// A side by its index.
  subscript(index: Int) -> Side {
    get { index == 0 ? left : right }
    set { if index == 0 { left = newValue } else { right = newValue } }
  }
}

extension TreeState {
  /// Remembers the branch, or puts it beside the one that is remembered; then ends the comparison.
  mutating func compare(_ shell: inout Shell) {
    guard let place = cursorPlace(shell.tree) else { return }
    if comparison != nil {
      (comparison, reference) = (nil, nil)
      return
    }
    let key = shell.keys.key(for: .compareBranches, in: .tree, tab: Self.id)?.label() ?? ""
    guard let first = reference, first != place else {
      reference = reference == nil ? place : nil
      shell.notice =
        reference == nil ? "nothing is compared" : "\(key) on another branch shows the difference, here again ends it"
      return
    }
    guard let both = TreeComparison(first, place, in: shell.tree) else {
      shell.notice = "both branches are the same text"
      return
    }
    comparison = both
    setFocus(.tree)
  }
}
