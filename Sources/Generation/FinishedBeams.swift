import EngineAPI

/// Decodes the text of one hypothesis in order to find stop strings.
struct BeamText {
  private var decoder: any TokenTextDecoder
  private var scanner: StopStringScanner
  private var pieces: StopPieces

  /// An empty text after `context`. The decoder receives the context first, because it may affect the text that
  /// follows.
  init(decoder: any TokenTextDecoder, stopStrings: [String], context: [Int]) {
    self.decoder = decoder
    scanner = StopStringScanner(stopStrings)
    pieces = StopPieces(stopStrings)
    var before = ""
    for id in context {
      before += self.decoder.append(id)
      _ = pieces.append(decoder.piece(of: id))
    }
    scanner.begin(after: before)
  }

  /// Adds an id.
  /// - Returns: whether the text now contains a stop string.
  mutating func append(_ id: Int) -> Bool {
    guard !scanner.isEmpty else { return false }
    _ = scanner.append(decoder.append(id))
    return pieces.append(decoder.piece(of: id)) || scanner.isStopped
  }

  /// The text of these ids up to a stop string.
  func whole(_ ids: ArraySlice<Int>) -> String {
    var copy = self
    var text = ""
    for id in ids { text += copy.scanner.append(copy.decoder.append(id)) }
    text += copy.scanner.append(copy.decoder.finish())
    return text + copy.scanner.finish()
  }
}

/// The best finished hypotheses of a search, as many as it has beams.
struct FinishedBeams {
  /// A finished hypothesis.
  struct Beam {
    var score: Double
    var place: Int
    var end: FinishReason
  }

  /// Best first; ties go to the beam that finished earlier.
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
