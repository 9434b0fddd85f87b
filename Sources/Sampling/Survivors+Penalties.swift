/// The stages that change logits by what the text so far holds. ``clean(fallback:)`` follows each.
extension Survivors {
  /// Applies a stage.
  mutating func apply(_ row: StageRow, _ settings: SamplingSettings, _ context: StageRow.Context) {
    guard row.isProcessor else { return row.act(&self, settings, context) }
    let best = LogitOrder.best(logits)
    row.act(&self, settings, context)
    clean(fallback: best)
  }

  /// Adds to the logits of ids.
  mutating func add(_ biases: [Int: Double]) {
    for (id, bias) in biases { update(id) { $0 + Float(bias) } }
  }

  /// Divides the logits of ids, or multiplies them where they are negative.
  mutating func penalize(_ ids: some Sequence<Int>, by penalty: Double) {
    let penalty = Float(penalty)
    for id in ids { update(id) { Self.bounded($0 < 0 ? $0 * penalty : $0 / penalty) } }
  }

  /// Subtracts from the logits of the ids that occur in the output.
  mutating func subtractPresence(_ penalty: Double, _ history: TokenHistory) {
    let penalty = Float(penalty)
    for id in history.outputCounts.keys { update(id) { Self.bounded($0 - penalty) } }
  }

  /// Subtracts from the logit of each id as often as it occurs in the output.
  mutating func subtractFrequency(_ penalty: Double, _ history: TokenHistory) {
    let penalty = Float(penalty)
    for (id, count) in history.outputCounts { update(id) { Self.bounded($0 - penalty * Float(count)) } }
  }

  /// Removes ids.
  mutating func remove(_ ids: some Sequence<Int>) {
    for id in ids { update(id) { _ in -.infinity } }
  }

  /// A penalty makes a token unlikely, never impossible: what overflows stays at the ends of the numbers.
  static func bounded(_ logit: Float) -> Float {
    max(-.greatestFiniteMagnitude, min(logit, .greatestFiniteMagnitude))
  }
}
