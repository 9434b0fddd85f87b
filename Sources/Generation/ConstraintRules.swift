import Models
import Sampling

/// What a model's folder forces or forbids, as a mask for each step. Meanings are those of the reference's logits
/// processors.
struct ConstraintRules: Sendable {
  private let constraints: TokenConstraints
  private let isEmpty: Bool
  private let limit: Int
  private let beginIndex: Int

  /// Rules for a text that goes on from `startCount` ids by at most `limit`.
  init(_ constraints: TokenConstraints, startCount: Int, limit: Int) {
    self.constraints = constraints
    isEmpty = constraints == .none
    self.limit = limit
    beginIndex = startCount == 1 && constraints.forcedBosTokenID != nil ? 2 : startCount
  }

  /// The mask of the next token, of which `made` came before.
  func mask(_ history: TokenHistory, made: Int) -> TokenMask? {
    guard !isEmpty else { return nil }
    if made == limit - 1, !constraints.forcedEosTokenIDs.isEmpty { return .only(constraints.forcedEosTokenIDs) }
    if history.ids.count == 1, let first = constraints.forcedBosTokenID { return .only([first]) }
    var forbidden = constraints.suppressed
    if history.ids.count == beginIndex { forbidden += constraints.suppressedAtBeginning }
    for word in constraints.badWords where history.ids.suffix(word.count - 1).elementsEqual(word.dropLast()) {
      if let last = word.last { forbidden.append(last) }
    }
    return forbidden.isEmpty ? nil : .without(forbidden)
  }
}
