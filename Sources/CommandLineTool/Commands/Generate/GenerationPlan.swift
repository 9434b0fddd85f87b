import EngineAPI
import JSONText
import Sampling
import Sessions

/// The options of a command that generates text.
struct PlanOptions: Sendable {
  let limits: LimitOptions
  let chain: ChainOptions
  let processors: ProcessorOptions
  let guessing: SpeculationOptions
  let sample: Bool
  /// The options of beam search; `nil` for a command that never searches.
  var beams: BeamOptions?
  /// How many texts; `nil` to take the model's default.
  var returned: Int?

  /// Refuses options that do not go together.
  func check() throws(CommandError) {
    try guessing.check()
    guard sample, chain.temperature == 0 else { return }
    throw .conflict("--sample", "--temperature 0", reason: "temperature 0 draws nothing")
  }
}

/// The effective settings of a command that generates text: its options over the model's defaults.
struct GenerationPlan {
  /// The request for the first text of a prompt. Beam search takes its ``GenerationRequest/text``.
  var request: GenerationRequest
  let search: SearchPlan
  let sequences: Int

  /// Creates the plan for a model and a prompt.
  /// - Parameters:
  ///   - context: the context to continue.
  ///   - promptCount: the number of prompt tokens. An encoder-decoder model reads them in its encoder.
  init(
    _ options: PlanOptions, _ model: ModelInformation, _ context: ModelContext, promptCount: Int, seed: UInt64
  ) throws(CommandError) {
    let start = model.startCount(promptCount: promptCount)
    let chain = options.chain
    // Temperature 0 never samples, whatever the model's file says.
    let isDrawn = chain.temperature != 0 && (options.sample || model.decoding.samples == true)
    var settings = options.processors.applied(to: chain.settings(over: model.decoding.settings(after: start)))
    if isDrawn, chain.temperature == nil, chain.preset == nil {
      settings.temperature = chain.temperature(model.decoding.sampling.temperature)
    }
    // A given sampling option asks for sampling, whatever the model's file says about beams.
    let wantsSampling = !isDrawn && !chain.givenSamplingOptions.isEmpty
    let given = options.beams
    let searches = given != nil
    let beams = given?.numBeams ?? (wantsSampling || !searches ? 1 : model.decoding.beams.count ?? 1)
    if beams > 1, !isDrawn, let option = chain.givenSamplingOptions.first {
      throw .conflict("--num-beams \(beams)", option, reason: "beam search does not sample without --sample")
    }
    search = try SearchPlan(
      beams: beams, given?.ranking, isSampled: isDrawn,
      groups: given?.numBeamGroups, diversityPenalty: given?.diversityPenalty, model)
    sequences = options.returned ?? (searches ? model.decoding.beams.returned : nil) ?? 1
    if beams > 1, sequences > beams {
      throw options.returned == nil
        ? CommandError.tooManySequences(in: model, beams: beams)
        : CommandError.tooManySequences(sequences, beams: beams)
    }
    let maxTokens =
      if let given = options.limits.maxTokens { given } else { try Self.defaultMaxTokens(model, start: start) }
    let text = TextRequest(
      context: context, settings: settings,
      maxTokens: maxTokens,
      stopStrings: options.limits.stop.isEmpty ? model.decoding.length.stopStrings : options.limits.stop,
      ignoresEndOfText: options.limits.ignoreEos,
      topCount: min(options.limits.topLogprobs, model.vocabularySize ?? options.limits.topLogprobs),
      maxSeconds: options.limits.maxTime ?? model.decoding.length.maxTime)
    request = GenerationRequest(
      text, seed: seed, promptChunk: options.limits.promptChunk, speculation: options.guessing.speculation)
  }

  /// The remaining context limits the default. A prompt that leaves none is refused by the engine.
  private static func defaultMaxTokens(_ model: ModelInformation, start: Int) throws(CommandError) -> Int {
    let wanted = model.decoding.newTokens(after: start) ?? Limits.defaultTokens
    guard wanted > 0 else { throw .engine(model.nothingMayFollow(start)) }
    guard model.family == .causal, let length = model.contextLength else { return wanted }
    return max(1, min(wanted, length - start))
  }

  /// `options` of the JSON object: every option with its effective value.
  var json: JSONObject {
    let (text, speculation) = (request.text, request.speculation)
    var object: JSONObject = ["max_tokens": .integer(text.maxTokens)]
    object = object.followed(by: text.settings.json).followed(by: [
      "num_beams": .integer(search.beams),
      "length_penalty": .double(search.lengthPenalty), "early_stopping": search.earlyStopping.json,
      "num_return_sequences": .integer(sequences), "stop": .array(text.stopStrings.map { .text($0) }),
      "ignore_eos": .bool(text.ignoresEndOfText), "top_logprobs": .integer(text.topCount),
      "prompt_chunk": .integer(request.promptChunk),
    ])
    object = object.followed(by: text.settings.rules.json)
    if search.beams > 1 { object["sample"] = .bool(search.isSampled) }
    if search.groups > 1 {
      object["num_beam_groups"] = .integer(search.groups)
      object["diversity_penalty"] = .double(search.diversityPenalty)
    }
    if let maxSeconds = text.maxSeconds { object["max_time"] = .double(maxSeconds) }
    if speculation.isOn {
      object["draft"] = speculation.draft.map { .text($0.description) } ?? .null
      object["prompt_lookup"] = .bool(speculation.looksUpPrompt)
      object["draft_max"] = .integer(speculation.most)
    }
    return object.followed(by: text.context.model.changesJSON)
  }
}

extension SamplingSettings {
  /// The chain in JSON: the values of the standard stages, those of other stages in the order, and the order.
  var json: JSONObject {
    var object = JSONObject()
    let rows = StageTable.rows.filter { $0.isStandard || order.contains($0.stage) }
    let shown = Set(
      rows.flatMap { row in
        row.settings.enumerated().filter { $0 == 0 || !row.isStandard || $1.number(self) != $1.initial }.map(\.1.name)
      })
    for setting in StageTable.settings where shown.contains(setting.name) {
      object[setting.key] = setting.value(in: self)
    }
    object["samplers"] = .array(order.map { .text($0.rawValue) })
    return object
  }
}

extension ContextRules {
  /// The processors outside the chain, under transformers' names.
  var json: JSONObject {
    var object = JSONObject()
    for setting in RuleTable.settings {
      object[setting.key] = setting.value(in: self)
    }
    return object
  }
}

extension EarlyStopping {
  /// As in transformers: `true`, `false` or `"never"`.
  var json: JSONValue {
    switch self {
    case .always: true
    case .heuristic: false
    case .never: "never"
    }
  }
}

/// Generates the texts of `generate` and writes them as they grow.
struct GenerationRun {
  /// The number of sequences decoded together. The texts do not depend on it.
  private static let sideBySide = 8

  let open: OpenModel
  let plan: GenerationPlan
  let writer: CompletionWriter
  /// The prompt, shown before the completions.
  let prompt: String
  /// The prompt in the session that keeps the texts; `nil` without one.
  let saved: SavedPrompt?
  /// The streams of the first sequences, if they were started before `run`.
  private var begun: [AsyncStream<TokenEvent>] = []

  /// A run of a plan.
  init(open: OpenModel, plan: GenerationPlan, writer: CompletionWriter, prompt: String, saved: SavedPrompt?) {
    (self.open, self.plan, self.writer, self.prompt, self.saved) = (open, plan, writer, prompt, saved)
  }

  /// Starts the first sequences, so that they are generated together with those of other runs.
  mutating func begin() {
    if plan.search.beams <= 1 { begun = start(numbers(from: 0)) }
  }

  /// The sequences that are decoded together, from the first on.
  private func numbers(from first: Int) -> Range<Int> { first..<min(first + Self.sideBySide, plan.sequences) }

  private func start(_ numbers: Range<Int>) -> [AsyncStream<TokenEvent>] {
    numbers.map { open.engine.generate(request(sequence: $0)) }
  }

  /// Generates all texts.
  func run(into report: inout GenerationReport) async throws {
    if plan.search.beams > 1 { return try await search(into: &report) }
    var first = 0
    while first < plan.sequences, !report.isInterrupted {
      let numbers = numbers(from: first)
      let beginning = ContinuousClock.now
      let streams = first == 0 && !begun.isEmpty ? begun : start(numbers)
      var timings: [GenerationTiming] = []
      for (number, stream) in zip(numbers, streams) where !report.isInterrupted {
        let (completion, timing) = try await follow(stream, number, since: beginning)
        report.add(completion)
        timings.append(timing)
      }
      report.add(sideBySide: timings)
      first = numbers.upperBound
    }
  }

  private func request(sequence: Int) -> GenerationRequest {
    var request = plan.request
    request.sequence = sequence
    return request
  }

  /// Reads one stream to its end, and writes and keeps its tokens.
  private func follow(
    _ stream: AsyncStream<TokenEvent>, _ number: Int, since start: ContinuousClock.Instant
  ) async throws -> (Completion, GenerationTiming) {
    let node = saved?.begin(.sampled(request(sequence: number)))
    try writer.begin(number, prompt: prompt)
    let result = try await stream.completion(
      showing: writer.console.progress, promptCount: plan.request.context.ids.count, since: start
    ) { token, text in
      if let node { saved?.saver.append(token, to: node) }
      try writer.write(token, text: text, sequence: number)
    } text: { rest in
      try writer.write(rest)
    } ended: { outcome in
      if let node { saved?.saver.finish(node, outcome) }
    }
    try writer.end()
    return result
  }

  private func search(into report: inout GenerationReport) async throws {
    let progress = writer.console.progress
    let limit = plan.request.maxTokens
    let request = plan.search.request(
      for: plan.request.text, returning: plan.sequences, seed: plan.search.isSampled ? plan.request.seed : nil)
    let start = ContinuousClock.now
    let result: BeamResult
    do {
      result = try await open.engine.beamSearch(request) { progress.show("searching", Double($0) / Double(limit)) }
    } catch {
      // An interrupted search has no result, but it took its time.
      report.add(sideBySide: [GenerationTiming(generateSeconds: (ContinuousClock.now - start) / .seconds(1))])
      throw error
    }
    saved?.saver.add(
      result.completions.map { ($0.tokens, Outcome($0.finishReason, timing: result.timing, score: $0.score)) },
      by: .beam(request), after: saved?.place, isSource: saved?.isSource ?? false)
    for (number, completion) in result.completions.enumerated() {
      report.add(completion)
      try writer.begin(number, prompt: prompt, score: completion.score)
      for token in completion.tokens { try writer.write(token, text: "", sequence: number) }
      try writer.write(completion.text)
      try writer.end()
    }
    report.add(sideBySide: [result.timing])
  }
}
