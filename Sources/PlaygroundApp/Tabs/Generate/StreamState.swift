import EngineAPI
import Sampling
import Sessions

/// One stream of the Generate tab: its settings and its text.
struct StreamState: Sendable, Equatable {
  /// The maximum number of streams side by side.
  static let most = Limits.panes.upperBound

  /// A small number in words: `four`.
  static func word(_ count: Int) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return words.indices.contains(count) ? words[count] : String(count)
  }

  /// A number of streams in words: `four streams`.
  static func words(_ count: Int) -> String { "\(word(count)) \(count == 1 ? "stream" : "streams")" }

  /// Identifies the stream within the session.
  let id: Int
  /// The model.
  var model: ModelReference
  /// What the sampler overlay edits: chain, length and seed.
  var sampler: SamplerValues
  /// Whether the chain and the length come from the user or the configuration instead of the model's defaults.
  var settingsAreOwn: Bool
  /// What it shows; `nil` before the first text.
  var run: StreamRun?
  /// Its cursor in the tree, with the end of its text and the undo history; `nil` before the first text.
  var reader: CursorID?
  /// The token that the cursor is on; `nil` at the end, where the next one comes.
  var cursor: Int?
  /// The first line shown; `nil` follows the cursor or the end.
  var scroll: Int?
  /// The queued prompt: the stream starts with it once its model is open and the tokens are known.
  var waiting: StreamWait?
  /// The number of queued single-token steps.
  var stepsWaiting = 0

  /// How tokens are drawn.
  var settings: SamplingSettings {
    get { sampler.chain }
    set { sampler.chain = newValue }
  }
  /// The longest completion.
  var maxTokens: Int {
    get { sampler.maxTokens }
    set { sampler.maxTokens = newValue }
  }
  /// The seed.
  var seed: UInt64 {
    get { sampler.seed ?? 0 }
    set { sampler.seed = newValue }
  }
  /// Whether the user chose the seed and it has not been used since.
  var isSeedChosen: Bool {
    get { sampler.isSeedChosen }
    set { sampler.isSeedChosen = newValue }
  }

  /// Whether the engine works on it.
  var isRunning: Bool { run.map(\.isRunning) ?? false }

  /// The token index of the cursor: that of a token, or the number of tokens at the end of the text; `nil` at the end
  /// of a text that has ended.
  func place(endOfText: [Int]) -> Int? {
    guard let trace = run?.trace else { return nil }
    if let cursor { return min(cursor, trace.tokens.count) }
    return trace.end(endOfText: endOfText)
  }
}

/// A queued prompt: the stream starts with it as soon as it can.
struct StreamWait: Sendable, Equatable {
  /// The prompt.
  var text: String
  /// The version of its own request for tokens, if it had to ask.
  var awaited: Int?
  /// The answer to that request.
  var tokens: TokenizedText?
  /// Whether only one token is to be generated.
  var isStep = false
}

/// A completion that is shown or growing: its tokens in the tree and the status of its request.
struct StreamRun: Sendable, Equatable {
  /// The version of its request: events of others are stale.
  var version: Int
  /// The tokens after the prompt, in the tree.
  var trace: Trace
  /// The latest token of this request with all candidates that came with it: the tree keeps a few of these.
  var newest: ScoredToken?
  /// The tokens as wrapped text; grows with them.
  var text = TokenText()
  /// The entropies of the tokens; grows with them.
  var plot = EntropyPlot()
  /// The request that generates it.
  var request: GenerationRequest
  /// The prompt as it was written when the text began.
  var prompt: String
  /// The status of its request.
  var status: StreamStatus
  /// When the first token of this request came, in seconds.
  var firstTime: Double?
  /// When the latest token came, in seconds.
  var lastTime: Double?
  /// The number of tokens that this request has generated.
  var made = 0
  /// How long it took, once it is over.
  var timing: GenerationTiming?

  /// Whether the engine works on it.
  var isRunning: Bool {
    switch status {
    case .prompt, .running: true
    case .finished: false
    }
  }

  /// Whether its request generates a single token.
  var isStep: Bool { request.maxTokens == 1 }

  /// Tokens per second: of the whole request once it has ended, before that of the tokens so far.
  var rate: Double? {
    if let rate = timing?.tokensPerSecond { return rate }
    guard let firstTime, let lastTime, made > 1, lastTime > firstTime else { return nil }
    return Double(made - 1) / (lastTime - firstTime)
  }
}

/// The status of a stream.
enum StreamStatus: Sendable, Equatable {
  /// The prompt is being processed.
  case prompt(done: Int, total: Int)
  /// Tokens are being generated.
  case running
  /// It is over.
  case finished(FinishReason)
}

extension StreamRun {
  /// Restores an earlier text from the tree; `nil` if no request generated the place.
  init?(at place: Place, in tree: SessionTree) {
    guard let request = tree.generationRequest(of: place.node) else { return nil }
    // A text that was cut before its end has not ended.
    let outcome = place == tree.end(of: place.node) ? tree[place.node]?.outcome : nil
    self.init(
      version: 0, trace: tree.trace(to: place, promptCount: request.promptCount), request: request,
      prompt: tree.typedText(before: place) ?? "", status: .finished(outcome?.reason ?? .interrupted),
      timing: outcome?.timing)
  }
}

/// Records the seeds used for each request, so that no seed is used automatically twice for the same prompt, model and
/// settings.
///
/// Stores hashes of requests, a few bytes each. A hash collision only means that a seed is skipped.
struct SeedLedger: Sendable, Equatable {
  /// The number of uses of each request. It can be greater than 1 if the user chose the seed.
  private var used: [Int: Int] = [:]

  /// The first seed from `request.seed` on that has not been used for this request.
  func unusedSeed(for request: GenerationRequest) -> UInt64 {
    var request = request
    while hasUsed(request) { request.seed &+= 1 }
    return request.seed
  }

  /// Whether the seed of `request` has already been used for it.
  func hasUsed(_ request: GenerationRequest) -> Bool { used[SeedLedger.key(request)] != nil }

  /// Records that the seed of `request` is used for it.
  mutating func use(_ request: GenerationRequest) { used[SeedLedger.key(request), default: 0] += 1 }

  /// Undoes one use of a request that produced no text. After the last one, the seed counts as unused again.
  mutating func release(_ request: GenerationRequest) {
    let key = SeedLedger.key(request)
    used[key] = used[key].flatMap { $0 > 1 ? $0 - 1 : nil }
  }

  /// A hash of everything that a text depends on except the length limit, because a longer limit repeats the same text.
  private static func key(_ request: GenerationRequest) -> Int {
    var request = request
    request.maxTokens = 0
    request.topCount = 0
    return request.hashValue
  }
}
