import Models
import Sampling
import Tensors

/// A hypothesis that runs.
struct RunningBeam {
  var state: SequenceState
  var history: TokenHistory
  /// What its tokens added up to.
  var sum: Double
  /// The place of its last token in the trail; `nil` before the first.
  var place: Int?
  var text: BeamText

  /// The hypothesis with one more token. It shares the state; see `giveEachItsState()`.
  func followed(by candidate: BeamCandidate, place: Int, text: BeamText) -> RunningBeam {
    var next = self
    next.history.append(candidate.id)
    next.sum = candidate.sum
    next.place = place
    next.text = text
    return next
  }
}

extension [RunningBeam] {
  /// How many hypotheses a forward pass reads. Between two passes a search can be cancelled.
  static var rowsOfAPass: Int { 64 }

  /// The raw logits after each hypothesis, whose last id is read. `[hypotheses][vocabulary]`
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``; nothing is read then.
  func nextLogits(_ model: any DecoderModel, _ cancellation: Cancellation) throws(GenerationError) -> [[Float]] {
    var rows: [[Float]] = []
    rows.reserveCapacity(count)
    do throws(GenerationError) {
      while rows.count < count {
        try cancellation.check()
        let part = self[rows.count..<Swift.min(rows.count + Self.rowsOfAPass, count)]
        let segments = part.map { Segment(ids: [$0.history.ids[$0.history.ids.count - 1]], state: $0.state) }
        let logits = model.logits(try model.read(segments).tensor)
        for row in 0..<part.count { rows.append(logits.row(row)) }
      }
    } catch {
      for beam in self[..<rows.count] { beam.state.truncate(to: beam.state.count - 1) }
      throw error
    }
    return rows
  }

  /// Takes back what `nextLogits` read.
  func forgetLast() {
    for beam in self { beam.state.truncate(to: beam.state.count - 1) }
  }

  /// Hypotheses that share a parent share its state: all but the last of them get a fork.
  mutating func giveEachItsState() {
    var taken: Set<ObjectIdentifier> = []
    for index in indices.reversed() where !taken.insert(ObjectIdentifier(self[index].state)).inserted {
      self[index].state = self[index].state.fork()
    }
  }
}
