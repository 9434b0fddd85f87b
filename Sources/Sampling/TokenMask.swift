/// What must or must not come next, whatever the model and the chain say.
public enum TokenMask: Sendable, Hashable {
  /// None of these ids.
  case without([Int])
  /// One of these ids, all alike.
  case only([Int])
}
