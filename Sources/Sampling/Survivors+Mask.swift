extension Survivors {
  /// Applies a mask. Ids outside the row do not count; a mask that would leave nothing leaves the best id.
  mutating func apply(_ mask: TokenMask) {
    let best = LogitOrder.best(logits)
    switch mask {
    case .without(let ids):
      for id in ids { update(id) { _ in -.infinity } }
    case .only(let ids):
      let allowed = Set(ids)
      for index in 0..<count {
        let id = id(at: index)
        let isAllowed = allowed.contains(id)
        update(id) { _ in isAllowed ? 0 : -.infinity }
      }
    }
    clean(fallback: best)
  }
}
