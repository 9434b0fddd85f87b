import Platform

/// How well predicted labels agree with the true ones; the definitions are those of scikit-learn, with 0 for a ratio
/// without denominator.
public struct ClassificationReport: Sendable, Hashable {
  /// The figures of one label, from 0 to 1.
  public struct Figures: Sendable, Hashable {
    /// The share of its predictions that are right.
    public var precision: Double
    /// The share of its examples that are found.
    public var recall: Double
    /// The harmonic mean of both.
    public var f1: Double
    /// The number of its examples.
    public var support: Int

    init(right: Int, predicted: Int, actual: Int) {
      precision = predicted > 0 ? Double(right) / Double(predicted) : 0
      recall = actual > 0 ? Double(right) / Double(actual) : 0
      f1 = predicted + actual > 0 ? 2 * Double(right) / Double(predicted + actual) : 0
      support = actual
    }

    init(precision: Double, recall: Double, f1: Double, support: Int) {
      self.precision = precision
      self.recall = recall
      self.f1 = f1
      self.support = support
    }

    /// Means of several labels.
    static func mean(_ figures: [Figures], weight: (Figures) -> Double) -> Figures {
      var sum = Figures(precision: 0, recall: 0, f1: 0, support: 0)
      var total = 0.0
      for figures in figures {
        let weight = weight(figures)
        total += weight
        sum.precision += weight * figures.precision
        sum.recall += weight * figures.recall
        sum.f1 += weight * figures.f1
        sum.support += figures.support
      }
      guard total > 0 else { return sum }
      sum.precision /= total
      sum.recall /= total
      sum.f1 /= total
      return sum
    }
  }

  /// The labels, in the order of the rows and columns.
  public let labels: [String]
  /// The number of examples with the true label of the row and the predicted label of the column.
  public let confusion: [[Int]]
  /// The figures of each label.
  public let figures: [Figures]
  /// The number of examples.
  public let count: Int
  /// The share of examples with the right label.
  public let accuracy: Double

  /// Compares labels.
  /// - Parameter labels: the order of the labels; labels that it does not name follow, sorted by their code points.
  /// - Throws: ``MetricError`` if the lists are empty or have different lengths.
  public init(actual: [String], predicted: [String], labels: [String] = []) throws(MetricError) {
    try MetricError.checkCounts(actual.count, predicted.count, of: "true and predicted labels")
    guard !actual.isEmpty else {
      throw MetricError("no labels", at: "true and predicted labels", expected: "at least one", found: "none")
    }
    let named = labels.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let others = Set(actual).union(predicted).subtracting(named)
    let order = named + others.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    let index = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: order.count), count: order.count)
    for (actual, predicted) in zip(actual, predicted) {
      if let row = index[actual], let column = index[predicted] { confusion[row][column] += 1 }
    }
    self.labels = order
    self.confusion = confusion
    count = actual.count
    accuracy = Double(order.indices.reduce(0) { $0 + confusion[$1][$1] }) / Double(actual.count)
    figures = order.indices.map { label in
      Figures(
        right: confusion[label][label], predicted: confusion.reduce(0) { $0 + $1[label] },
        actual: confusion[label].reduce(0, +))
    }
  }

  /// The means of all labels, each with the same weight.
  public var macro: Figures { .mean(figures) { _ in 1 } }

  /// The means of all labels, weighted by their numbers of examples.
  public var weighted: Figures { .mean(figures) { Double($0.support) } }

  /// The figures of all decisions together. With one label for each example, all three equal the accuracy.
  public var micro: Figures { Figures(precision: accuracy, recall: accuracy, f1: accuracy, support: count) }

  /// Matthews' correlation coefficient, from −1 to 1 (Gorodkin 2004 for more than two labels).
  public var matthewsCorrelation: Double {
    let right = Double(labels.indices.reduce(0) { $0 + confusion[$1][$1] })
    let actual = confusion.map { Double($0.reduce(0, +)) }
    let predicted = labels.indices.map { column in Double(confusion.reduce(0) { $0 + $1[column] }) }
    let all = Double(count)
    let product = { (a: [Double], b: [Double]) in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let covariance = right * all - product(actual, predicted)
    let spread = (all * all - product(predicted, predicted)) * (all * all - product(actual, actual))
    return spread > 0 ? covariance / sqrt(spread) : 0
  }
}

/// How well predicted sets of labels agree with the true ones, where an example may have any number of labels. The
/// definitions are those of scikit-learn, with 0 for a ratio without denominator.
public struct MultilabelReport: Sendable, Hashable {
  /// The labels, sorted by their code points.
  public let labels: [String]
  /// The figures of each label.
  public let figures: [ClassificationReport.Figures]
  /// The figures of all decisions together.
  public let micro: ClassificationReport.Figures
  /// The share of examples whose sets are equal.
  public let accuracy: Double

  /// Compares sets of labels.
  /// - Throws: ``MetricError`` if the lists are empty or have different lengths.
  public init(actual: [Set<String>], predicted: [Set<String>]) throws(MetricError) {
    try MetricError.checkCounts(actual.count, predicted.count, of: "true and predicted labels")
    guard !actual.isEmpty else {
      throw MetricError("no examples", at: "true and predicted labels", expected: "at least one", found: "none")
    }
    labels = (actual + predicted).reduce(into: Set<String>()) { $0.formUnion($1) }
      .sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    let pairs = Array(zip(actual, predicted))
    let count = { (label: String) in
      (
        right: pairs.filter { $0.0.contains(label) && $0.1.contains(label) }.count,
        predicted: predicted.filter { $0.contains(label) }.count, actual: actual.filter { $0.contains(label) }.count
      )
    }
    let counts = labels.map(count)
    figures = counts.map { ClassificationReport.Figures(right: $0.right, predicted: $0.predicted, actual: $0.actual) }
    micro = ClassificationReport.Figures(
      right: counts.reduce(0) { $0 + $1.right }, predicted: counts.reduce(0) { $0 + $1.predicted },
      actual: counts.reduce(0) { $0 + $1.actual })
    accuracy = Double(pairs.filter { $0.0 == $0.1 }.count) / Double(pairs.count)
  }

  /// The means of all labels, each with the same weight.
  public var macro: ClassificationReport.Figures { .mean(figures) { _ in 1 } }
}
