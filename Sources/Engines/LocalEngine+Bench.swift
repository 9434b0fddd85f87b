import EngineAPI
import Generation
import Models
import Platform
import Sampling
import Tensors

/// Speed measurements for `triptych bench`: random ids, no end of text, and one warm-up run before the measured runs.
extension LocalEngine: Benchmarking {
  /// Measures a model's speed.
  public func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult {
    let loaded = try await model(request.model)
    let promptTokens = try request.promptTokens(fitting: loaded.information)
    var runs: [BenchRun] = []
    for run in 0...request.runs {
      guard !Task.isCancelled else { throw .cancelled }
      var generator = SeededGenerator(seed: UInt64(run), sequence: 0)
      let result: BenchRun
      do {
        switch loaded.model {
        case .causal(let model): result = try Self.measure(model, request, promptTokens, &generator)
        case .masked(let model):
          result = try Self.measure(model, promptTokens, &generator) { ids throws(ModelError) in
            try model.forward([MaskedSequence(ids: ids, wanted: .all)])
          }
        case .labeling(let model):
          result = try Self.measure(model, promptTokens, &generator) { ids throws(ModelError) in
            try model.forward([MaskedSequence(ids: ids, wanted: .all)])
          }
        case .seq2seq(let model): result = try Self.measure(model, loaded, request, promptTokens, &generator)
        }
      } catch {
        throw EngineError(any: error)
      }
      if run > 0 { runs.append(result) }
      progress(Double(run + 1) / Double(request.runs + 1))
      await Task.yield()
    }
    return BenchResult(
      model: loaded.information, threads: ThreadTeam.threadCount, instructionSet: ThreadTeam.instructionSet,
      peakResidentBytes: peakResidentBytes(), cacheFormat: loaded.model.base.facts.cacheFormat,
      cacheBytes: runs.last?.cacheBytes, promptTokens: promptTokens,
      promptTokensPerSecond: Spread(runs.map(\.prompt)),
      decodeTokensPerSecond: Spread(runs.compactMap(\.decode)),
      endToEndTokensPerSecond: Spread(runs.compactMap(\.endToEnd)),
      kernels: request.kernels ? KernelBench().figures() : [])
  }

  /// The result of one run, in tokens per second.
  private struct BenchRun {
    var prompt: Double
    var decode: Double?
    var endToEnd: Double?
    /// The size of the first sequence's keys and values, in bytes.
    var cacheBytes: Int?
  }

  private static func measure(
    _ model: any CausalModel, _ request: BenchRequest, _ promptTokens: Int, _ generator: inout SeededGenerator
  ) throws(ModelError) -> BenchRun {
    let prompt = generator.ids(promptTokens, below: model.facts.vocabularySize)
    let first = model.makeState()
    let whole = StopWatch()
    _ = model.logits(try model.forward([Segment(ids: prompt, state: first, wanted: .last)]).tensor)
    let promptSeconds = whole.seconds
    let states = [first] + (1..<request.streams).map { _ in first.fork() }
    let decoding = StopWatch()
    for _ in 0..<request.newTokens {
      let next = generator.ids(states.count, below: model.facts.vocabularySize)
      let segments = zip(next, states).map { Segment(ids: [$0], state: $1, wanted: .last) }
      _ = model.logits(try model.forward(segments).tensor)
    }
    let made = Double(request.newTokens * request.streams)
    return BenchRun(
      prompt: Double(prompt.count) / promptSeconds, decode: made / decoding.seconds, endToEnd: made / whole.seconds,
      cacheBytes: first.cacheBytes)
  }

  private static func measure(
    _ model: any LanguageModel, _ promptTokens: Int, _ generator: inout SeededGenerator,
    forward: (_ ids: [Int]) throws(ModelError) -> HiddenRows
  ) throws(ModelError) -> BenchRun {
    let ids = generator.ids(promptTokens, below: model.facts.vocabularySize)
    let watch = StopWatch()
    _ = model.logits(try forward(ids).tensor)
    return BenchRun(prompt: Double(ids.count) / watch.seconds)
  }

  private static func measure(
    _ model: any Seq2SeqModel, _ loaded: LoadedModel, _ request: BenchRequest, _ promptTokens: Int,
    _ generator: inout SeededGenerator
  ) throws(GenerationError) -> BenchRun {
    let source = generator.ids(promptTokens, below: model.facts.vocabularySize)
    let whole = StopWatch()
    let sequence = try ReadSequence(model, source: source)
    let encodeSeconds = whole.seconds
    let decoding = StopWatch()
    let search = try BeamSearch(
      sequence: sequence, ids: [loaded.startID], promptCount: 1, decoder: loaded.tokenizer.makeStreamingDecoder(),
      options: Decoding(
        BeamRequest(
          context: ModelContext(model: request.model, ids: []), beams: request.beams, maxTokens: request.newTokens)))
    while !search.isFinished { try search.step() }
    return BenchRun(
      prompt: Double(source.count) / encodeSeconds, decode: Double(request.newTokens) / decoding.seconds,
      endToEnd: Double(request.newTokens) / whole.seconds)
  }
}

extension BenchRequest {
  /// The number of prompt tokens, checked against the context length.
  fileprivate func promptTokens(fitting model: ModelInformation) throws(EngineError) -> Int {
    guard let limit = model.contextLength else { return promptTokens ?? Limits.defaultMeasuredPrompt }
    let decoded = model.family == .causal ? newTokens : 0
    let prompt = promptTokens ?? max(1, min(Limits.defaultMeasuredPrompt, limit - decoded))
    guard prompt + decoded <= limit else {
      throw EngineError(
        .usage, "the benchmark does not fit the context", at: "model '\(model.reference)'",
        expected: "at most \(limit) tokens", found: "\(prompt + decoded)",
        hint: "lower the number of prompt tokens or of new tokens", settings: [.promptTokens, .newTokens])
    }
    return prompt
  }
}

extension SeededGenerator {
  /// Random ids.
  fileprivate mutating func ids(_ count: Int, below bound: Int) -> [Int] {
    (0..<count).map { _ in min(bound - 1, Int(nextCoin() * Double(bound))) }
  }
}

/// Measures the seconds since its creation.
struct StopWatch {
  private let start = ContinuousClock.now

  var seconds: Double {
    let passed = start.duration(to: .now).components
    return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
  }
}

/// The peak resident size of the process, in bytes.
func peakResidentBytes() -> Int {
  var usage = rusage()
  #if canImport(Darwin)
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0
  #else
    return getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss * 1024 : 0
  #endif
}
