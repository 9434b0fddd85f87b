import Platform

/// Whether probabilities are as high as the share of right predictions (Guo et al. 2017).
public struct Calibration: Sendable, Hashable {
  /// The predictions whose confidence is in one range.
  public struct Bin: Sendable, Hashable {
    /// The lower end of the range, which is not part of it (in the first bin it is).
    public var lower: Double
    /// The upper end of the range.
    public var upper: Double
    /// The number of predictions.
    public var count: Int
    /// The mean confidence; 0 without predictions.
    public var confidence: Double
    /// The share of right predictions; 0 without predictions.
    public var accuracy: Double
  }

  /// Bins of equal width from 0 to 1.
  public let bins: [Bin]
  /// The mean difference between confidence and accuracy, weighted by the predictions of each bin.
  public let expectedError: Double
  /// The largest difference between confidence and accuracy in a bin.
  public let maximumError: Double
  /// The mean squared distance between the probabilities and the outcome (Brier 1950): from 0 to 2, the sum over all
  /// labels. For two labels it is twice what scikit-learn's `brier_score_loss` returns.
  public let brierScore: Double
  /// The mean negative logarithm of the true label's probability, in nats; a probability of 0 counts as the smallest
  /// positive double.
  public let logLoss: Double

  /// Compares predicted distributions with true labels. The confidence is the highest probability; of equal ones the
  /// label with the lower number is predicted.
  /// - Parameters:
  ///   - probabilities: for each example, the probability of each label.
  ///   - labels: for each example, the number of its true label.
  ///   - binCount: the number of bins, at least 1.
  /// - Throws: ``MetricError`` for empty lists or lists of different lengths, labels without probability, and values
  ///   that are no probabilities.
  public init(probabilities: [[Double]], labels: [Int], binCount: Int = 15) throws(MetricError) {
    try MetricError.checkCounts(probabilities.count, labels.count, of: "probabilities and labels")
    guard !labels.isEmpty else {
      throw MetricError("no predictions", at: "probabilities", expected: "at least one", found: "none")
    }
    let binCount = max(1, binCount)
    var counts = [Int](repeating: 0, count: binCount)
    var (confidences, rights) = ([Double](repeating: 0, count: binCount), [Int](repeating: 0, count: binCount))
    var (squares, logarithms) = (0.0, 0.0)
    for (number, (row, label)) in zip(probabilities, labels).enumerated() {
      let place = "example \(number + 1)"
      guard row.indices.contains(label) else {
        throw MetricError("label without probability", at: place, expected: "0 to \(row.count - 1)", found: "\(label)")
      }
      var best = 0
      for (index, value) in row.enumerated() {
        guard value >= 0, value <= 1 else {
          throw MetricError("not a probability", at: place, expected: "a number from 0 to 1", found: "\(value)")
        }
        if value > row[best] { best = index }
        let distance = value - (index == label ? 1 : 0)
        squares += distance * distance
      }
      logarithms -= log(max(row[label], .leastNonzeroMagnitude))
      let bin = min(max(Int((row[best] * Double(binCount)).rounded(.up)) - 1, 0), binCount - 1)
      counts[bin] += 1
      confidences[bin] += row[best]
      if best == label { rights[bin] += 1 }
    }
    bins = (0..<binCount).map { bin in
      let count = Double(max(counts[bin], 1))
      return Bin(
        lower: Double(bin) / Double(binCount), upper: Double(bin + 1) / Double(binCount), count: counts[bin],
        confidence: confidences[bin] / count, accuracy: Double(rights[bin]) / count)
    }
    let all = Double(labels.count)
    expectedError = bins.reduce(0) { $0 + Double($1.count) / all * abs($1.confidence - $1.accuracy) }
    maximumError = bins.reduce(0) { max($0, abs($1.confidence - $1.accuracy)) }
    brierScore = squares / all
    logLoss = logarithms / all
  }
}
