import Sampling
import Terms

/// The role of making texts by sampling, token by token.
public protocol Generating: Engine {
  /// Starts a stream. The last element is always `.finished`; leaving the stream stops the work.
  func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent>
}

/// The role of beam search.
public protocol BeamSearching: Engine {
  /// Beam search. `progress` receives the count of tokens made so far.
  func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult
}

/// The role of translation: the prefix that tells a model its two languages.
public protocol Translating: Engine {
  /// The prefix that tells an encoder-decoder model to translate from one language (a code, `en`) to another:
  /// `translate English to French: `, from the model's own configuration or the languages' English names.
  func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String
}

/// When beam search may stop.
public typealias EarlyStopping = Terms.EarlyStopping

/// What is decoded from: ids, not text, so that a place in a text can be gone back to exactly.
public struct ModelContext: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// The encoder's input, of encoder-decoder models.
  public var encoderIDs: [Int]?
  /// The ids before the place in question: of the prompt and what follows it. Of encoder-decoder models the decoder's,
  /// without its start token; of masked models the whole input.
  public var ids: [Int]

  /// A context.
  public init(model: ModelReference, encoderIDs: [Int]? = nil, ids: [Int]) {
    self.model = model
    self.encoderIDs = encoderIDs
    self.ids = ids
  }
}

/// What every request for a new text says: what is continued, how tokens are chosen, and when the text ends.
public struct TextRequest: Sendable, Hashable {
  /// The context to continue.
  public var context: ModelContext
  /// How the tokens are chosen. Beam search lets the processors act on the log-softmax (penalties, n-grams, minimum
  /// length, biases), and the sampling stages where it draws.
  public var settings: SamplingSettings
  /// At most this many new tokens; what is left of the context bounds it too.
  public var maxTokens: Int
  /// Stop strings: the text ends before the first one that it contains.
  public var stopStrings: [String]
  /// Whether end-of-text ids are ordinary tokens.
  public var ignoresEndOfText: Bool
  /// How many of the most probable tokens come with each token.
  public var topCount: Int
  /// The time limit in seconds; `nil` for none.
  public var maxSeconds: Double?

  /// A request with the defaults of the contract.
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

/// A stream of tokens to be made by sampling (or greedily, at temperature 0). What ``text`` says is read and changed as
/// if it were the request's own: `request.settings`.
@dynamicMemberLookup
public struct GenerationRequest: Sendable, Hashable {
  /// What the stream goes on from and how. `context.ids.prefix(promptCount)` is the prompt, what follows counts as output
  /// made before.
  public var text: TextRequest
  /// How many of the context's ids are the prompt (penalties tell prompt and output apart).
  public var promptCount: Int
  /// The seed.
  public var seed: UInt64
  /// Which of several sequences of one seed this is; sequence i draws from (seed, i).
  public var sequence: Int
  /// Prompts run in pieces of this many tokens; 0: the engine chooses.
  public var promptChunk: Int
  /// How tokens are guessed ahead; changes no token.
  public var speculation: Speculation

  /// A stream that makes a text.
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

  /// A request with the defaults of the contract.
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

  /// Something that ``text`` says.
  public subscript<Value>(dynamicMember path: WritableKeyPath<TextRequest, Value>) -> Value {
    get { text[keyPath: path] }
    set { text[keyPath: path] = newValue }
  }
}

/// Why a stream ended.
public enum FinishReason: Sendable, Hashable {
  /// A stop string stands in the text.
  case stop
  /// The limit of tokens or the context's end was reached.
  case length
  /// The limit of time was reached.
  case time
  /// An end-of-text token was made.
  case endOfText
  /// The stream was left or stopped.
  case interrupted
  /// It could not go on.
  case failed(EngineError)

  /// The name in JSON: `stop`, `length`, `eos`, `interrupted`, `failed`. Both limits, of tokens and of time, are
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

/// What a stream tells, in this order: some `.prompt`, then `.token`s, and always one `.finished` as the last.
public enum TokenEvent: Sendable, Hashable {
  /// So many of the prompt's tokens have run.
  case prompt(done: Int, total: Int)
  /// A token was made. `text` is what became final with it: whole characters only, without end-of-text and stop
  /// strings; it may be empty, and the pieces of all events together are the completion's text.
  case token(ScoredToken, text: String)
  /// The end. `text` is what was held back and is final now. No event follows.
  case finished(FinishReason, text: String, timing: GenerationTiming)
}

/// How long a stream took.
public struct GenerationTiming: Sendable, Hashable {
  /// Seconds for the prompt.
  public var promptSeconds: Double
  /// Seconds for the tokens after it.
  public var generateSeconds: Double
  /// Tokens of the prompt that ran (those taken from a cache are not counted).
  public var promptTokens: Int
  /// Tokens made.
  public var tokens: Int
  /// Tokens that were guessed ahead.
  public var guessed: Int
  /// Guesses that were right.
  public var guessedRight: Int

  /// A timing.
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

/// Beam search over a context. What ``text`` says is read and changed as if it were the request's own:
/// `request.settings`.
@dynamicMemberLookup
public struct BeamRequest: Sendable, Hashable {
  /// What is continued and how. Where there is no ``seed``, the settings' sampling stages are not used.
  public var text: TextRequest
  /// How many hypotheses run side by side; 1 is greedy search.
  public var beams: Int
  /// How many of the best are returned, at most `beams`.
  public var returned: Int
  /// score = sum of log-probabilities / (tokens made, end of text included)^penalty.
  public var lengthPenalty: Double
  /// When to stop.
  public var earlyStopping: EarlyStopping
  /// The seed of beam sampling, which draws the continuations of each step; `nil`: the best ones are taken.
  public var seed: UInt64?
  /// In how many groups the beams run (diverse beam search), which must divide them; 1 is plain beam search. Groups draw
  /// nothing.
  public var groups = 1
  /// What a group subtracts for a token each time that an earlier group has it in the same step.
  public var diversityPenalty = 0.0

  /// A search for a text.
  public init(
    _ text: TextRequest, beams: Int = Limits.defaultBeams, returned: Int = 1, lengthPenalty: Double = 1,
    earlyStopping: EarlyStopping = .heuristic
  ) {
    self.text = text
    self.beams = beams
    self.returned = returned
    self.lengthPenalty = lengthPenalty
    self.earlyStopping = earlyStopping
  }

  /// A request with the defaults of the contract.
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
      beams: beams, returned: returned, lengthPenalty: lengthPenalty, earlyStopping: earlyStopping)
  }

  /// Something that ``text`` says.
  public subscript<Value>(dynamicMember path: WritableKeyPath<TextRequest, Value>) -> Value {
    get { text[keyPath: path] }
    set { text[keyPath: path] = newValue }
  }
}

/// One finished sequence: of beam search, with its score.
public struct Completion: Sendable, Hashable {
  /// The text, without end-of-text and stop string.
  public var text: String
  /// Every token made, the end-of-text token included.
  public var tokens: [ScoredToken]
  /// Why it ended.
  public var finishReason: FinishReason
  /// The score of beam search; `nil` otherwise.
  public var score: Double?

  /// A completion.
  public init(text: String, tokens: [ScoredToken], finishReason: FinishReason, score: Double? = nil) {
    self.text = text
    self.tokens = tokens
    self.finishReason = finishReason
    self.score = score
  }
}

/// What beam search returns: the best first.
public struct BeamResult: Sendable, Hashable {
  /// The hypotheses, best first.
  public var completions: [Completion]
  /// How long it took.
  public var timing: GenerationTiming

  /// A result.
  public init(completions: [Completion], timing: GenerationTiming) {
    self.completions = completions
    self.timing = timing
  }
}
