import Sampling

/// The tokens of all hypotheses of a search, each with the one before it: hypotheses with a common beginning share it.
struct BeamTrail {
  private var steps: [(before: Int?, token: DrawnToken)] = []

  /// Adds a token after another.
  /// - Returns: its place.
  mutating func append(_ token: DrawnToken, after before: Int?) -> Int {
    steps.append((before, token))
    return steps.count - 1
  }

  /// The tokens that end at a place, in order.
  func tokens(endingAt place: Int?) -> [DrawnToken] {
    var tokens: [DrawnToken] = []
    var place = place
    while let at = place {
      tokens.append(steps[at].token)
      place = steps[at].before
    }
    return tokens.reversed()
  }

  /// A finished hypothesis with its tokens and its text.
  /// - Parameter emptyText: the text after the context.
  func hypothesis(_ beam: FinishedBeams.Beam, _ emptyText: BeamText) -> BeamHypothesis {
    let tokens = tokens(endingAt: beam.place)
    let ids = tokens.map(\.id)
    let text = emptyText.whole(beam.end == .endOfText ? ids.dropLast() : ids[...])
    return BeamHypothesis(tokens: tokens, text: text, score: beam.score, end: beam.end)
  }
}
