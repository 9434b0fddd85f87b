import EngineAPI
import Sessions

@testable import PlaygroundApp

extension Trace {
  /// A trace of these tokens in a tree of their own.
  static func made(_ tokens: [ScoredToken]) -> Trace {
    var tree = SessionTree()
    let place = tree.begin(tokens, by: tree.add(.forced(model: ModelReference("m"))))
    return tree.trace(to: place)
  }

  /// The tokens that the user chose.
  var chosen: [Int] { tokens.indices.filter { tokens.isByHand(at: $0) } }
}
