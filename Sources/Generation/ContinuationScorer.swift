import EngineAPI
import Models
import Sampling
import Tensors

/// Scores several continuations of a text that has been read once.
public struct ContinuationScorer {
  /// The number of tokens in one forward pass over several continuations.
  private static let idsAtOnce = 512

  private let sequence: ReadSequence
  private let start: [Int]

  /// A scorer of what follows `start` in a sequence that has read it.
  /// - Parameter start: the ids that the decoder has read before each continuation, at least one.
  public init(after start: [Int], in sequence: ReadSequence) {
    precondition(!start.isEmpty && sequence.ids.count >= start.count, "the text before the continuations was not read")
    self.start = start
    self.sequence = sequence
  }

  /// The scored tokens of each continuation. Continuations are read together, and each starts from the same state.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/flawedLogits(_:position:)``,
  ///   ``GenerationError/cancelled``.
  public func score(
    _ continuations: [[Int]], _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [[ScoredID]] {
    for ids in continuations { try sequence.model.check(ids) }
    let first = sequence.model.logits(sequence.hiddenRow(at: start.count - 1)).row(0)
    var scored: [[ScoredID]] = []
    while scored.count < continuations.count {
      try cancellation.check()
      var batch: [[Int]] = []
      for ids in continuations[scored.count...] {
        guard batch.isEmpty || batch.reduce(ids.count, { $0 + $1.count }) <= Self.idsAtOnce else { break }
        batch.append(ids)
      }
      scored += try score(batch: batch, first, cancellation)
    }
    return scored
  }

  private func score(
    batch: [[Int]], _ first: [Float], _ cancellation: Cancellation
  ) throws(GenerationError) -> [[ScoredID]] {
    var scored = try batch.map { ids throws(GenerationError) in
      try ids.first.map { id throws(GenerationError) in
        [try ScoredID(id, logits: first, topCount: 0, position: start.count)]
      } ?? []
    }
    // The last id of a continuation predicts nothing.
    let read = batch.indices.filter { batch[$0].count > 1 }
    guard !read.isEmpty else { return scored }
    let segments = read.map { index in
      let fork = sequence.fork()
      fork.truncate(to: start.count)
      return fork.segment(reading: Array(batch[index].dropLast()))
    }
    let places = read.flatMap { index in (1..<batch[index].count).map { (index, $0) } }
    try sequence.model.forEachRow(of: try sequence.model.read(segments).tensor, cancellation) {
      (row, logits) throws(GenerationError) in
      let (index, place) = places[row]
      scored[index].append(
        try ScoredID(batch[index][place], logits: logits, topCount: 0, position: start.count + place))
    }
    return scored
  }
}
