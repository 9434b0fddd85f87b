import Platform
import TerminalUI

/// What the colors of a document show.
enum ReadingMeasure: String, Sendable, CaseIterable {
  /// How probable the model held what is there.
  case probability
  /// The place in the model's distribution.
  case rank
  /// The bits of information.
  case surprise
  /// How uncertain the model was before it saw what is there.
  case entropy

  /// The measure that the colors of streams show.
  init(_ measure: HeatMeasure) { self = ReadingMeasure(rawValue: measure.rawValue) ?? .probability }

  /// The next measure; after the last one comes the first.
  var next: ReadingMeasure {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }

  /// Where these figures lie on the heat scale, from 0 (expected) to 1 (surprising).
  ///
  /// A word has the probability, the surprise and the largest rank of its tokens together; a line has the means of a
  /// token of it.
  func fraction(_ figures: ReadingFigures, by unit: ReadingUnit) -> Double {
    let isMean = unit == .line
    switch self {
    case .probability:
      let logprob = isMean ? figures.logprob / Double(max(figures.tokens, 1)) : figures.logprob
      return HeatPlace.probability(Probability.of(logprob: logprob))
    case .rank: return Self.place(rank: isMean ? figures.typicalRank : Double(figures.rank))
    case .surprise: return HeatPlace.surprise(isMean ? figures.bitsPerToken : figures.bits)
    case .entropy: return HeatPlace.surprise(figures.entropy)
    }
  }

  /// The position of a rank, counted from 1. The steps end at ranks 10, 100 and 1,000, as in GLTR.
  static func place(rank: Double) -> Double {
    let decades = log10(max(rank, 1))
    let step = min(max(Int((decades - 1e-9).rounded(.up)) - 1, 0), 3)
    return HeatPlace.place(in: step, min(max(decades - Double(step), 0), 1))
  }

  /// The legend: the steps of the scale.
  func legend(by unit: ReadingUnit, isColored: Bool) -> HeatLegend {
    let words =
      switch self {
      case .probability: [">50 %", ">10 %", ">1 %", "less"]
      case .rank: ["to 10", "to 100", "to 1,000", "beyond"]
      case .surprise, .entropy: ["<1 bit", "<3", "<7", "more"]
      }
    let steps = words.enumerated().map { index, words in
      HeatLegend.Step([0.25, 0.75].map { HeatPlace.place(in: index, $0) }, words)
    }
    return HeatLegend("\(isColored ? "color" : "marks"): \(rawValue) \(unit.words)", steps: steps, isColored: isColored)
  }
}

/// What one color of a document stands for.
enum ReadingUnit: String, Sendable, CaseIterable {
  /// A token.
  case token
  /// A word with the space before it.
  case word
  /// A line of the text, up to its line break.
  case line

  /// The next unit; after the last one comes the first.
  var next: ReadingUnit {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }

  /// `by word`.
  var words: String { "by \(rawValue)" }
}
