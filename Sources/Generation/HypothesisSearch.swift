import Sampling

/// A search that keeps several hypotheses and makes all of them one token longer at a time.
public protocol HypothesisSearch: AnyObject {
  /// How many tokens the running hypotheses have.
  var made: Int { get }
  /// Whether the search is over.
  var isFinished: Bool { get }
  /// Makes every running hypothesis one token longer.
  /// - Throws: ``GenerationError/cancelled``, and the search is where it was before the step;
  ///   ``GenerationError/model(_:)``, and it can't go on.
  func step(_ cancellation: Cancellation) throws(GenerationError)
  /// The best hypotheses, best first: finished ones, and those still running where there are not enough.
  /// - Parameter count: at most this many.
  func hypotheses(_ count: Int) -> [BeamHypothesis]
}

extension HypothesisSearch {
  /// Makes every running hypothesis one token longer.
  /// - Throws: ``GenerationError/model(_:)``; the search can't go on then.
  public func step() throws(GenerationError) { try step(.never) }
}

extension BeamOptions {
  /// A search with these options: beam search, or with more than one group diverse beam search.
  /// Parameters and errors are those of ``BeamSearch/init(sequence:ids:promptCount:decoder:options:_:)``.
  public func search(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder,
    _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> any HypothesisSearch {
    if groups > 1 {
      return try DiverseBeamSearch(
        sequence: sequence, ids: ids, promptCount: promptCount, decoder: decoder, options: self, cancellation)
    }
    return try BeamSearch(
      sequence: sequence, ids: ids, promptCount: promptCount, decoder: decoder, options: self, cancellation)
  }

  /// How many continuations of so many hypotheses a step looks at.
  func candidateCount(_ hypotheses: Int) -> Int {
    let product = hypotheses.multipliedReportingOverflow(by: leastKept)
    return product.overflow ? .max : product.partialValue
  }

  /// One more than there are end-of-text ids, at least 2: so many continuations of a hypothesis hold one that goes on.
  var leastKept: Int { max(2, 1 + endOfTextIDs.count) }

  /// The score of a hypothesis.
  func score(_ sum: Double, length: Int) -> Double { sum / Natural.power(Double(length), lengthPenalty) }
}
