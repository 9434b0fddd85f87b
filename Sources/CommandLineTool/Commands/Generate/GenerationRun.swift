import EngineAPI

/// Makes the texts of `generate` and hands them on while they grow.
struct GenerationRun {
  /// How many sequences of a seed are decoded together; the text is the same for any number.
  private static let sideBySide = 8

  let open: OpenModel
  let plan: GenerationPlan
  let context: ModelContext
  let seed: UInt64
  let writer: CompletionWriter
  /// The text that completions go on from, to be shown before them.
  let prompt: String

  /// Makes all texts.
  func run(into report: inout GenerationReport) async throws {
    if plan.search.beams > 1 { return try await search(into: &report) }
    var first = 0
    while first < plan.sequences, !report.isInterrupted {
      let numbers = first..<min(first + Self.sideBySide, plan.sequences)
      let streams = numbers.map { open.engine.generate(request(sequence: $0)) }
      var timings: [GenerationTiming] = []
      for (number, stream) in zip(numbers, streams) where !report.isInterrupted {
        let (completion, timing) = try await follow(stream, number)
        report.add(completion)
        timings.append(timing)
      }
      report.add(sideBySide: timings)
      first = numbers.upperBound
    }
  }

  private func request(sequence: Int) -> GenerationRequest {
    var request = GenerationRequest(
      context: context, settings: plan.settings, maxTokens: plan.maxTokens, seed: seed, sequence: sequence,
      stopStrings: plan.stopStrings, ignoresEndOfText: plan.ignoresEndOfText, topCount: plan.topCount,
      promptChunk: plan.promptChunk, speculation: plan.speculation)
    request.maxSeconds = plan.maxSeconds
    return request
  }

  /// Follows one stream to its end. A stream that is cut off without one was interrupted: what it told counts.
  private func follow(
    _ stream: AsyncStream<TokenEvent>, _ number: Int
  ) async throws -> (Completion, GenerationTiming) {
    var completion = Completion(text: "", tokens: [], finishReason: .interrupted)
    var ending = GenerationTiming()
    try writer.begin(number, prompt: prompt)
    for await event in stream {
      switch event {
      case .prompt(let done, let total):
        if done < total { writer.console.progress.show("reading the prompt", Double(done) / Double(max(total, 1))) }
      case .token(let token, let text):
        completion.tokens.append(token)
        completion.text += text
        try writer.write(token, text: text, sequence: number)
      case .finished(.failed(let error), _, _) where error.kind != .interrupted:
        throw error
      case .finished(let reason, let text, let timing):
        completion.text += text
        if case .failed = reason {} else { completion.finishReason = reason }
        ending = timing
        try writer.write(text)
      }
    }
    try writer.end()
    return (completion, ending)
  }

  private func search(into report: inout GenerationReport) async throws {
    let progress = writer.console.progress
    let limit = plan.maxTokens
    var request = BeamRequest(
      context: context, beams: plan.search.beams, returned: plan.sequences, maxTokens: limit,
      lengthPenalty: plan.search.lengthPenalty, earlyStopping: plan.search.earlyStopping, settings: plan.settings,
      topCount: plan.topCount, stopStrings: plan.stopStrings, ignoresEndOfText: plan.ignoresEndOfText)
    request.seed = plan.search.isSampled ? seed : nil
    request.groups = plan.search.groups
    request.diversityPenalty = plan.search.diversityPenalty
    request.maxSeconds = plan.maxSeconds
    let result = try await open.engine.beamSearch(request) { progress.show("searching", Double($0) / Double(limit)) }
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
