import Sampling

/// The best finished hypotheses of a search, as many as it has beams.
struct FinishedBeams {
  /// A finished hypothesis.
  struct Beam {
    var score: Double
    var place: Int
    var end: TextEnd
  }

  /// Best first; of equal ones the earlier first.
  private(set) var beams: [Beam] = []
  let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  var isFull: Bool { beams.count >= capacity }

  /// The score that a further hypothesis has to beat; `nil` while there is room.
  var worst: Double? { isFull ? beams.last?.score : nil }

  mutating func insert(_ beam: Beam) {
    let place = beams.firstIndex { $0.score < beam.score } ?? beams.count
    beams.insert(beam, at: place)
    if beams.count > capacity { beams.removeLast() }
  }
}
