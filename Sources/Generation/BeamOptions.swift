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
