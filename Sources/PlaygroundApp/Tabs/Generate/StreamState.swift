import EngineAPI
import Sampling
import Sessions

/// One stream of the Generate tab: what it is made with, and what was made.
struct StreamState: Sendable, Equatable {
  /// How many streams stand side by side at most.
  static let most = Limits.panes.upperBound

  /// A small number in words: `four`.
  static func word(_ count: Int) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return words.indices.contains(count) ? words[count] : String(count)
  }

  /// A number of streams in words: `four streams`.
  static func words(_ count: Int) -> String { "\(word(count)) \(count == 1 ? "stream" : "streams")" }

  /// Tells the streams of a session apart.
  let id: Int
  /// The model.
  var model: ModelReference
  /// How tokens are drawn.
  var settings: SamplingSettings
  /// Whether `settings` came from the person (or the configuration) and not from the model's own defaults.
  var settingsAreOwn: Bool
  /// The longest completion.
  var maxTokens: Int
  /// The seed.
  var seed: UInt64
  /// Whether the person chose `seed`, and it has made nothing since.
  var isSeedChosen = false
  /// What it shows; `nil` before the first text.
  var run: StreamRun?
  /// Its cursor in the tree: where its text ends, and what undo leads back to; `nil` before the first text.
  var reader: CursorID?
  /// The token that the cursor is on; `nil` at the end, where the next one comes.
  var cursor: Int?
  /// The first line shown; `nil` follows the cursor or the end.
  var scroll: Int?
  /// The prompt that it will begin with as soon as its model and the tokens are there.
  var waiting: StreamWait?
  /// Tokens that were asked for one by one while one of them was being made.
  var stepsWaiting = 0

  /// Whether the engine works on it.
  var isRunning: Bool { run.map(\.isRunning) ?? false }

  /// The index of the place that the cursor is on: of a token, or the one behind the last; a text that has ended has
  /// none behind its end.
  func place(endOfText: [Int]) -> Int? {
    guard let trace = run?.trace else { return nil }
    if let cursor { return min(cursor, trace.tokens.count) }
    return trace.end(endOfText: endOfText)
  }
}

/// A prompt that a stream waits to begin with.
struct StreamWait: Sendable, Equatable {
  /// The prompt.
  var text: String
  /// The version of its own request for tokens, if it had to ask.
  var awaited: Int?
  /// The answer to that request.
  var tokens: TokenizedText?
  /// Whether one token is to be made, and no more.
  var isStep = false
}

/// One completion as it grows: what the tree holds of it, and how far its request is.
struct StreamRun: Sendable, Equatable {
  /// The version of its request: events of others are stale.
  var version: Int
  /// The tokens that the tree holds behind the prompt.
  var trace: Trace
  /// The latest token of this request with the candidates that came with it: the tree does not keep these.
  var newest: ScoredToken?
  /// The tokens as wrapped text; grows with them.
  var text = TokenText()
  /// The entropies of the tokens; grows with them.
  var plot = EntropyPlot()
  /// How it was asked for.
  var request: GenerationRequest
  /// The prompt as it was written when the text began.
  var prompt: String
  /// How far it is.
  var status: StreamStatus
  /// When its first token of this request came, and the latest, in seconds.
  var firstTime: Double?
  /// When its latest token came, in seconds.
  var lastTime: Double?
  /// How many tokens this request has made.
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

  /// Whether it makes one token alone.
  var isStep: Bool { request.maxTokens == 1 }

  /// Tokens a second: of the whole request once it is over, before that of the tokens that have come.
  var rate: Double? {
    if let timing, timing.tokens > 0, timing.generateSeconds > 0 {
      return Double(timing.tokens) / timing.generateSeconds
    }
    guard let firstTime, let lastTime, made > 1, lastTime > firstTime else { return nil }
    return Double(made - 1) / (lastTime - firstTime)
  }
}

/// How far a stream is.
enum StreamStatus: Sendable, Equatable {
  /// The prompt runs.
  case prompt(done: Int, total: Int)
  /// Tokens come.
  case running
  /// It is over.
  case finished(FinishReason)
}

extension StreamRun {
  /// A text that was made before, as the tree has it; nil for a place that no request made.
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

/// Which seeds have made a text from which request: of itself no seed is used twice for the same prompt, model and
/// settings.
///
/// Requests are kept as hashes, a few bytes each. Two requests of the same hash would cost one seed, and no text.
struct SeedLedger: Sendable, Equatable {
  /// How often each request was made: a chosen seed may make the same text again.
  private var used: [Int: Int] = [:]

  /// The first seed from `request.seed` on that has not made a text of this request.
  func unusedSeed(for request: GenerationRequest) -> UInt64 {
    var request = request
    while hasUsed(request) { request.seed &+= 1 }
    return request.seed
  }

  /// Whether the seed of `request` has made its text.
  func hasUsed(_ request: GenerationRequest) -> Bool { used[SeedLedger.key(request)] != nil }

  /// The seed of `request` makes a text now.
  mutating func use(_ request: GenerationRequest) { used[SeedLedger.key(request), default: 0] += 1 }

  /// No text came of `request` after all: where it was the only one, its seed is as good as new.
  mutating func release(_ request: GenerationRequest) {
    let key = SeedLedger.key(request)
    used[key] = used[key].flatMap { $0 > 1 ? $0 - 1 : nil }
  }

  /// What a text depends on, the limit of its length aside: a longer limit would show the same text again.
  private static func key(_ request: GenerationRequest) -> Int {
    var request = request
    request.maxTokens = 0
    request.topCount = 0
    return request.hashValue
  }
}
