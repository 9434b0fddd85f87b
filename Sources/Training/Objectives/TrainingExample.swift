/// An example as a forward pass reads it, with the rows that the loss counts and what they should predict.
struct TrainingExample: Hashable, Sendable {
  /// What rows should predict.
  enum Targets: Hashable, Sendable {
    /// A class for each counted row: a token or a label.
    case classes([Int])
    /// For the only row, whether each label applies.
    case labels([Float])
    /// For the only row, a number for each output.
    case numbers([Float])
    /// Two answers; the example's own ids and positions are not used.
    case preference(PreferencePair)

    /// How many targets the loss is divided by.
    var count: Int { if case .classes(let classes) = self { classes.count } else { 1 } }
  }

  /// The source ids of an encoder-decoder model; otherwise empty.
  var source: [Int] = []
  /// The ids that the model reads; those of the decoder.
  var ids: [Int]
  /// The sentence that each id belongs to, or empty.
  var types: [Int] = []
  /// The positions whose rows count, in order. A model that labels texts ignores them.
  var positions: [Int]
  var targets: Targets

  /// Tokens that a pass reads.
  var tokens: Int {
    if case .preference(let pair) = targets { return pair.chosen.ids.count + pair.rejected.ids.count }
    return source.count + ids.count
  }

  /// The pair of answers, if it is one.
  var pair: PreferencePair? { if case .preference(let pair) = targets { pair } else { nil } }
}

/// A set of examples. What is drawn at random, such as masks, is a function of the epoch and the example's index.
protocol ExampleSet {
  /// The number of examples.
  var count: Int { get }

  /// An example in an epoch.
  func example(_ index: Int, epoch: Int) -> TrainingExample

  /// The ids of an example before anything is drawn at random, from which it follows whether the example is held out.
  func ids(_ index: Int) -> [Int]
}

/// Examples that are the same in each epoch.
struct FixedExamples: ExampleSet {
  let examples: [TrainingExample]

  var count: Int { examples.count }

  func example(_ index: Int, epoch: Int) -> TrainingExample { examples[index] }

  func ids(_ index: Int) -> [Int] {
    let example = examples[index]
    return example.source + example.ids + (example.pair.map { $0.chosen.ids + $0.rejected.ids } ?? [])
  }
}

/// Some of the examples of a set.
struct ExampleSubset: ExampleSet {
  let base: any ExampleSet
  let indices: [Int]

  var count: Int { indices.count }

  func example(_ index: Int, epoch: Int) -> TrainingExample { base.example(indices[index], epoch: epoch) }

  func ids(_ index: Int) -> [Int] { base.ids(indices[index]) }
}
