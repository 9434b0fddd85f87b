import Sampling
import Terms

/// The role of generating text by sampling, token by token.
public protocol Generating: Engine {
  /// Starts a stream. The last element is always `.finished`. Ending the iteration stops the work.
  func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent>
}

/// The role of beam search.
public protocol BeamSearching: Engine {
  /// Runs a beam search. `progress` receives the number of tokens generated so far.
  func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult
}

/// The role of translation: finding the prefix that names source and target language.
public protocol Translating: Engine {
  /// The prefix that instructs an encoder-decoder model to translate between two languages, given as codes (`en`).
  /// Example: `translate English to French: `. It comes from the model's configuration or is built from the languages'
  /// English names.
  func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String
}

/// When beam search stops.
public typealias EarlyStopping = Terms.EarlyStopping

/// The input that decoding continues from. It holds ids, not text, so that any position can be reproduced exactly.
public struct ModelContext: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// The encoder's input; encoder-decoder models only.
  public var encoderIDs: [Int]?
  /// The ids before the current position: prompt and continuation. For encoder-decoder models, the decoder's ids
  /// without the start token. For masked models, the whole input.
  public var ids: [Int]

  /// A context with these ids.
  public init(model: ModelReference, encoderIDs: [Int]? = nil, ids: [Int]) {
    self.model = model
    self.encoderIDs = encoderIDs
    self.ids = ids
  }
}

/// The part common to all requests for new text: context, sampler settings and limits.
public struct TextRequest: Sendable, Hashable {
  /// The context to continue.
  public var context: ModelContext
  /// The sampler settings. Beam search applies the logit processors (penalties, n-grams, minimum length, biases) to the
  /// log-softmax; it applies the sampling stages only if it samples.
  public var settings: SamplingSettings
  /// The maximum number of new tokens. The rest of the context is a limit too.
  public var maxTokens: Int
  /// Stop strings: the text ends before the first occurrence of one of them.
  public var stopStrings: [String]
  /// Ids that end the text besides the model's end-of-text ids: those that end a turn of a chat.
  public var endIDs: [Int] = []
  /// True to treat the ids that end a text as ordinary tokens.
  public var ignoresEndOfText: Bool
  /// The number of most probable tokens reported with each generated token.
  public var topCount: Int
  /// The time limit in seconds; `nil` for none.
  public var maxSeconds: Double?

  /// A request with the documented defaults.
  public init(
    context: ModelContext, settings: SamplingSettings = SamplingSettings(), maxTokens: Int = Limits.defaultTokens,
    stopStrings: [String] = [], ignoresEndOfText: Bool = false, topCount: Int = 0, maxSeconds: Double? = nil
  ) {
    self.context = context
    self.settings = settings
    self.maxTokens = maxTokens
    self.stopStrings = stopStrings
    self.ignoresEndOfText = ignoresEndOfText
    self.topCount = topCount
    self.maxSeconds = maxSeconds
  }
}

/// A request to generate tokens by sampling, or greedily at temperature 0. The members of ``text`` can be accessed
/// directly, as in `request.settings`.
@dynamicMemberLookup
public struct GenerationRequest: Sendable, Hashable {
  /// Context, settings and limits. `context.ids.prefix(promptCount)` is the prompt; later ids count as earlier output.
  public var text: TextRequest
  /// The number of context ids that belong to the prompt. Penalties distinguish prompt and output.
  public var promptCount: Int
  /// The seed of the random numbers.
  public var seed: UInt64
  /// The index of this sequence among those with the same seed; sequence i uses the random stream (seed, i).
  public var sequence: Int
  /// The number of prompt tokens in one forward pass; 0: the engine chooses.
  public var promptChunk: Int
  /// Speculative decoding; it does not change the generated tokens.
  public var speculation: Speculation

  /// A request that generates one sequence.
  public init(
    _ text: TextRequest, promptCount: Int? = nil, seed: UInt64 = 0, sequence: Int = 0, promptChunk: Int = 0,
    speculation: Speculation = .off
  ) {
    self.text = text
    self.promptCount = promptCount ?? text.context.ids.count
    self.seed = seed
    self.sequence = sequence
    self.promptChunk = promptChunk
    self.speculation = speculation
  }

  /// A request with the documented defaults.
  public init(
    context: ModelContext, promptCount: Int? = nil, settings: SamplingSettings = SamplingSettings(),
    maxTokens: Int = Limits.defaultTokens, seed: UInt64 = 0, sequence: Int = 0, stopStrings: [String] = [],
    ignoresEndOfText: Bool = false, topCount: Int = 0, promptChunk: Int = 0, speculation: Speculation = .off
  ) {
    self.init(
      TextRequest(
        context: context, settings: settings, maxTokens: maxTokens, stopStrings: stopStrings,
        ignoresEndOfText: ignoresEndOfText, topCount: topCount),
      promptCount: promptCount, seed: seed, sequence: sequence, promptChunk: promptChunk, speculation: speculation)
  }

  /// Access to a member of ``text``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<TextRequest, Value>) -> Value {
    get { text[keyPath: path] }
    set { text[keyPath: path] = newValue }
  }
}

/// Why a stream ended.
public enum FinishReason: Sendable, Hashable {
  /// The text contains a stop string.
  case stop
  /// The token limit or the end of the context was reached.
  case length
  /// The time limit was reached.
  case time
  /// An end-of-text token was generated.
  case endOfText
  /// The stream was canceled or stopped.
  case interrupted
  /// An error ended the stream.
  case failed(EngineError)

  /// The name in JSON: `stop`, `length`, `eos`, `interrupted` or `failed`. The limits of tokens and time are both
  /// `length`.
  public var name: String {
    switch self {
    case .stop: "stop"
    case .length, .time: "length"
    case .endOfText: "eos"
    case .interrupted: "interrupted"
    case .failed: "failed"
    }
  }
}

/// An event of a stream. First come any `.prompt` events, then the `.token` events, and last exactly one `.finished`.
public enum TokenEvent: Sendable, Hashable {
  /// `done` of `total` prompt tokens are processed.
  case prompt(done: Int, total: Int)
  /// A token was generated. `text` is the newly completed text: whole characters only, without end-of-text tokens and
  /// stop strings. It may be empty. The texts of all events together are the completion.
  case token(ScoredToken, text: String)
  /// The stream ended. `text` is the rest of the completion, held back until now.
  case finished(FinishReason, text: String, timing: GenerationTiming)
}

/// Duration and token counts of a stream.
public struct GenerationTiming: Sendable, Hashable {
  /// Seconds to process the prompt.
  public var promptSeconds: Double
  /// Seconds to generate the tokens.
  public var generateSeconds: Double
  /// Prompt tokens that were processed, not counting tokens taken from a cache.
  public var promptTokens: Int
  /// Tokens generated.
  public var tokens: Int
  /// Tokens proposed by speculative decoding.
  public var guessed: Int
  /// Proposed tokens that were accepted.
  public var guessedRight: Int

  /// Generated tokens a second; `nil` if nothing was measured.
  public var tokensPerSecond: Double? { tokens > 0 && generateSeconds > 0 ? Double(tokens) / generateSeconds : nil }

  /// A timing with these values.
  public init(
    promptSeconds: Double = 0, generateSeconds: Double = 0, promptTokens: Int = 0, tokens: Int = 0, guessed: Int = 0,
    guessedRight: Int = 0
  ) {
    self.promptSeconds = promptSeconds
    self.generateSeconds = generateSeconds
    self.promptTokens = promptTokens
    self.tokens = tokens
    self.guessed = guessed
    self.guessedRight = guessedRight
  }
}

/// How a beam search runs.
public struct BeamSearchSettings: Sendable, Hashable {
  /// The number of beams; 1 is greedy search.
  public var beams: Int
  /// The exponent of the length: score = sum of log-probabilities / (tokens generated, end of text
  /// included)^lengthPenalty.
  public var lengthPenalty: Double
  /// When to stop.
  public var earlyStopping: EarlyStopping
  /// The number of groups of diverse beam search, a divisor of `beams`; 1 is ordinary beam search. Not combined with
  /// sampling.
  public var groups = 1
  /// The penalty of diverse beam search: subtracted from a token's score for each use of the token by an earlier group
  /// in the same step.
  public var diversityPenalty = 0.0

  /// A request for a search.
  public init(
    beams: Int = Limits.defaultBeams, lengthPenalty: Double = 1, earlyStopping: EarlyStopping = .heuristic
  ) {
    self.beams = beams
    self.lengthPenalty = lengthPenalty
    self.earlyStopping = earlyStopping
  }

  /// Why beams cannot run in groups.
  public enum GroupProblem: Sendable, Hashable {
    /// The groups do not divide the beams.
    case indivisible
    /// Without a penalty all groups find the same texts.
    case noPenalty
    /// Groups cannot be combined with sampling.
    case sampled
  }

  /// Why the beams cannot run in their groups; `nil` if they can.
  /// - Parameter isSampled: whether continuations are sampled.
  public func groupProblem(isSampled: Bool) -> GroupProblem? {
    guard groups > 1 else { return nil }
    if beams % groups != 0 { return .indivisible }
    if diversityPenalty <= 0 { return .noPenalty }
    return isSampled ? .sampled : nil
  }
}

/// A request for a beam search. The members of ``text`` and ``search`` can be accessed directly, as in
/// `request.settings` and `request.beams`.
@dynamicMemberLookup
public struct BeamRequest: Sendable, Hashable {
  /// Context, settings and limits. Without a ``seed``, the sampling stages of the settings are not used.
  public var text: TextRequest
  /// How the search runs.
  public var search: BeamSearchSettings
  /// The number of hypotheses to return, best first; at most the number of beams.
  public var returned: Int
  /// The seed of beam sampling, which samples the continuations of each step; `nil` to take the best ones.
  public var seed: UInt64?

  /// A search for a text.
  public init(_ text: TextRequest, search: BeamSearchSettings, returned: Int = 1, seed: UInt64? = nil) {
    self.text = text
    self.search = search
    self.returned = returned
    self.seed = seed
  }

  /// A request with the documented defaults.
  public init(
    context: ModelContext, beams: Int = Limits.defaultBeams, returned: Int = 1, maxTokens: Int = Limits.defaultTokens,
    lengthPenalty: Double = 1,
    earlyStopping: EarlyStopping = .heuristic, settings: SamplingSettings = SamplingSettings(), topCount: Int = 0,
    stopStrings: [String] = [], ignoresEndOfText: Bool = false
  ) {
    self.init(
      TextRequest(
        context: context, settings: settings, maxTokens: maxTokens, stopStrings: stopStrings,
        ignoresEndOfText: ignoresEndOfText, topCount: topCount),
      search: BeamSearchSettings(beams: beams, lengthPenalty: lengthPenalty, earlyStopping: earlyStopping),
      returned: returned)
  }

  /// Access to a member of ``text``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<TextRequest, Value>) -> Value {
    get { text[keyPath: path] }
    set { text[keyPath: path] = newValue }
  }

  /// Access to a member of ``search``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<BeamSearchSettings, Value>) -> Value {
    get { search[keyPath: path] }
    set { search[keyPath: path] = newValue }
  }
}

/// One finished sequence.
public struct Completion: Sendable, Hashable {
  /// The text, without end-of-text token and stop string.
  public var text: String
  /// All generated tokens, including the end-of-text token.
  public var tokens: [ScoredToken]
  /// Why the sequence ended.
  public var finishReason: FinishReason
  /// The score in beam search; `nil` otherwise.
  public var score: Double?

  /// A completion with these values.
  public init(text: String, tokens: [ScoredToken], finishReason: FinishReason, score: Double? = nil) {
    self.text = text
    self.tokens = tokens
    self.finishReason = finishReason
    self.score = score
  }
}

/// The result of a beam search.
public struct BeamResult: Sendable, Hashable {
  /// The hypotheses, best first.
  public var completions: [Completion]
  /// Duration and token counts.
  public var timing: GenerationTiming

  /// A result with these values.
  public init(completions: [Completion], timing: GenerationTiming) {
    self.completions = completions
    self.timing = timing
  }
}
