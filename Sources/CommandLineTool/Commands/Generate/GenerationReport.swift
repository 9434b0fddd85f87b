import EngineAPI
import JSONText

/// The results of `generate` so far, for its JSON output, complete or interrupted.
struct GenerationReport {
  let model: ModelReference
  let seed: UInt64
  let text: String
  private var options = JSONObject()
  private var prompt: [TokenValue] = []
  private var loadSeconds = 0.0
  private var timing = GenerationTiming()
  private(set) var completions: [Completion] = []
  private(set) var isInterrupted = false

  init(model: ModelReference, seed: UInt64, text: String) {
    self.model = model
    self.seed = seed
    self.text = text
  }

  /// Records the plan and the prompt after the model was opened.
  mutating func begin(_ plan: GenerationPlan, _ tokens: [TokenValue], loadSeconds: Double) {
    options = plan.json
    prompt = tokens
    self.loadSeconds = loadSeconds
  }

  /// Adds a text, complete or interrupted.
  mutating func add(_ completion: Completion) {
    completions.append(completion)
    if completion.finishReason == .interrupted { isInterrupted = true }
  }

  /// Adds the timings of sequences that ran together; they took as long as the slowest.
  mutating func add(sideBySide timings: [GenerationTiming]) {
    timing.promptSeconds += timings.map(\.promptSeconds).max() ?? 0
    timing.generateSeconds += timings.map(\.generateSeconds).max() ?? 0
    timing.promptTokens += timings.reduce(0) { $0 + $1.promptTokens }
    timing.tokens += timings.reduce(0) { $0 + $1.tokens }
    timing.guessed += timings.reduce(0) { $0 + $1.guessed }
    timing.guessedRight += timings.reduce(0) { $0 + $1.guessedRight }
  }

  /// Records an interruption before any text was complete.
  mutating func interrupt() {
    if !isInterrupted { add(Completion(text: "", tokens: [], finishReason: .interrupted)) }
  }

  /// Tokens per second; `nil` if nothing was measured.
  var tokensPerSecond: Double? { timing.tokensPerSecond }

  /// The numbers of tokens guessed and guessed right; `nil` if none was guessed.
  var guesses: (made: Int, right: Int)? { timing.guessed > 0 ? (timing.guessed, timing.guessedRight) : nil }

  /// The number of tokens generated.
  var tokens: Int { completions.reduce(0) { $0 + $1.tokens.count } }

  /// Why generation ended, if there is one text or a limit or signal ended it.
  var ending: FinishReason? {
    if isInterrupted { return .interrupted }
    if completions.contains(where: { $0.finishReason == .time }) { return .time }
    return completions.count == 1 ? completions.first?.finishReason : nil
  }

  /// The object of `--json`.
  var json: JSONObject {
    let head: JSONObject = ["schema": 1]
    return head.followed(by: facts(completions.map { $0.json(tokens: true) }))
  }

  /// The last line of `--jsonl`; the tokens were written before.
  var lastLine: JSONObject {
    let reason = isInterrupted ? FinishReason.interrupted : completions.first?.finishReason ?? .length
    let head: JSONObject = ["type": "finished", "schema": 1, "finish_reason": .text(reason.name)]
    return head.followed(by: facts(completions.map { $0.json(tokens: false) }))
  }

  private func facts(_ completions: [JSONObject]) -> JSONObject {
    var object: JSONObject = [
      "model": .text(model.description), "seed": .integer(Int(clamping: seed)), "options": .object(options),
      "prompt": ["text": .text(text), "tokens": .objects(prompt.map(\.json))],
      "completions": .objects(completions),
      "timing": [
        "load_s": .double(loadSeconds), "prompt_s": .double(timing.promptSeconds),
        "generate_s": .double(timing.generateSeconds),
        "prompt_tokens_per_s": .number(rate(timing.promptTokens, timing.promptSeconds)),
        "tokens_per_s": .number(tokensPerSecond),
      ],
    ]
    if let guesses {
      object["speculation"] = [
        "drafted": .integer(guesses.made), "accepted": .integer(guesses.right),
        "accepted_share": .double(Double(guesses.right) / Double(guesses.made)),
      ]
    }
    return object
  }

  private func rate(_ count: Int, _ seconds: Double) -> Double? { seconds > 0 ? Double(count) / seconds : nil }
}

extension Completion {
  /// `{"text", "finish_reason", "score", "tokens"}`; the score only if there is one.
  func json(tokens isWanted: Bool) -> JSONObject {
    var object: JSONObject = ["text": .text(text), "finish_reason": .text(finishReason.name)]
    if let score { object["score"] = .double(score) }
    if isWanted { object["tokens"] = .objects(tokens.map(\.generatedJSON)) }
    return object
  }
}
