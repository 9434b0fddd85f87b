import Models
import Sampling

/// How beams are searched.
public struct BeamOptions: Sendable {
  /// When a search may stop; the three values of the reference's `early_stopping`.
  public enum Stopping: Sendable, Hashable, CaseIterable {
    /// As soon as there are as many finished hypotheses as beams (`true`).
    case always
    /// When the best running hypothesis, at its present length, can't beat the worst finished one (`false`).
    case heuristic
    /// When no running hypothesis can beat the worst finished one at any length (`never`).
    case never
  }

  /// How many hypotheses run side by side; 1 is greedy search.
  public var beams: Int
  /// At most this many new tokens; what is left of the context bounds it too.
  public var maxTokens: Int
  /// score = sum of log-probabilities / (tokens made, end of text included)^lengthPenalty.
  public var lengthPenalty: Double
  /// When to stop.
  public var stopping: Stopping
  /// The penalties and biases, which act on log-probabilities. Stages that only sampling has are used where there is a
  /// ``seed``.
  public var settings: SamplingSettings
  /// The ids that end a hypothesis; empty: none does.
  public var endOfTextIDs: [Int]
  /// Texts at which a hypothesis ends.
  public var stopStrings: [String]
  /// How many of the most probable tokens come with each token.
  public var topCount: Int
  /// What breaks the repetitions that the stage `dry` looks for.
  public var sequenceBreakers = SequenceBreakers()
  /// What the model's folder forces or forbids.
  public var constraints: TokenConstraints
  /// The seed of beam sampling, which draws the continuations of a step; `nil`: the best ones are taken.
  public var seed: UInt64?
  /// In how many groups the beams run, which must divide them; 1 is plain beam search. Groups draw nothing.
  public var groups = 1
  /// What a group subtracts for a token each time that an earlier group has it in the same step.
  public var diversityPenalty = 0.0
  /// The id that fills up batches; a group that is done makes it, as in the reference.
  public var padID: Int?
  /// When the search ends at the latest.
  public var timeLimit: TimeLimit?

  /// Options.
  public init(
    beams: Int = 4, maxTokens: Int = 256, lengthPenalty: Double = 1, stopping: Stopping = .heuristic,
    settings: SamplingSettings = SamplingSettings(), endOfTextIDs: [Int] = [], stopStrings: [String] = [],
    topCount: Int = 0, constraints: TokenConstraints = .none
  ) {
    self.beams = beams
    self.maxTokens = maxTokens
    self.lengthPenalty = lengthPenalty
    self.stopping = stopping
    self.settings = settings
    self.endOfTextIDs = endOfTextIDs
    self.stopStrings = stopStrings
    self.topCount = topCount
    self.constraints = constraints
  }
}

/// The text of one hypothesis, as far as a search must know it: whether a stop string stands in it.
struct BeamText {
  private var decoder: any TokenTextDecoder
  private var scanner: StopStringScanner
  private var pieces: StopPieces

  /// The text after a context, which the decoder hears first.
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
  /// - Returns: whether a stop string stands in the text now.
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

/// A sequence that beam search found.
public struct BeamHypothesis: Sendable, Hashable {
  /// The tokens made, the end-of-text token included. `sampledLogprob` is what the token added to the sum.
  public var tokens: [DrawnToken]
  /// The text, without end-of-text and stop string.
  public var text: String
  /// The score.
  public var score: Double
  /// Why it ended; `.interrupted` where it had not when the search was left.
  public var end: TextEnd

  /// A hypothesis.
  public init(tokens: [DrawnToken], text: String, score: Double, end: TextEnd) {
    self.tokens = tokens
    self.text = text
    self.score = score
    self.end = end
  }
}

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
