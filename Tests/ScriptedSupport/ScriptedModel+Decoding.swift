import EngineAPI
import Platform
import Sampling

extension ScriptedModel {
  /// All events of a stream, including its end. At temperature 0 each token is the most probable one, otherwise a
  /// seeded draw.
  public func events(_ request: GenerationRequest) throws(EngineError) -> [TokenEvent] {
    var context = request.context
    try check(context.ids)
    if let limit = summary.context.limit, context.ids.count >= limit {
      throw EngineError(
        .input, "the prompt is too long", at: summary.name, expected: "fewer than \(limit) tokens",
        found: "\(context.ids.count) tokens", hint: "shorten the prompt")
    }
    let total = context.ids.count
    var events: [TokenEvent] = total > 0 ? [.prompt(done: total, total: total)] : []
    var state = request.seed &+ UInt64(truncatingIfNeeded: request.sequence) &* 7919
    // As in the real engine, the random number of a token depends on the number of tokens after the prompt.
    for _ in min(request.promptCount, total)..<total {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    }
    var reason = FinishReason.length
    var made = 0
    for _ in 0..<min(request.maxTokens, (summary.context.limit ?? Int.max) - total) {
      let own = logprobs(context: context, position: context.ids.count, promptCount: request.promptCount)
      let chain = ScriptedChain(logprobs: own, settings: request.settings)
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var coin = Double(state >> 11) / Double(UInt64(1) << 53)
      let id =
        chain.probabilities.indices.first { id in
          coin -= chain.probabilities[id]
          return coin < 0
        } ?? chain.probabilities.lastIndex { $0 > 0 } ?? ScriptedModel.endOfText
      let isEnd = id == ScriptedModel.endOfText
      events.append(
        .token(
          scored(id, logprobs: own, sampled: log(chain.probabilities[id]), topCount: request.topCount),
          text: isEnd ? "" : token(id).text))
      context.ids.append(id)
      made += 1
      if isEnd, !request.ignoresEndOfText {
        reason = .endOfText
        break
      }
    }
    let timing = GenerationTiming(
      promptSeconds: 0.01, generateSeconds: Double(made) / 800, promptTokens: total, tokens: made)
    return events + [.finished(reason, text: "", timing: timing)]
  }

  /// Hypothesis 0 is greedy; hypothesis i starts with the token of rank i + 1 and continues greedily.
  public func beams(_ request: BeamRequest) throws(EngineError) -> BeamResult {
    try check(request.context.ids)
    var completions: [Completion] = []
    for start in 0..<max(1, min(request.returned, request.beams)) {
      var context = request.context
      var tokens: [ScoredToken] = []
      var reason = FinishReason.length
      for step in 0..<request.maxTokens {
        let own = logprobs(context: context, position: context.ids.count, promptCount: 0)
        let ranked = Self.ranked(own)
        let id = ranked[step == 0 ? min(start, ranked.count - 1) : 0]
        tokens.append(scored(id, logprobs: own, topCount: request.topCount))
        context.ids.append(id)
        if id == ScriptedModel.endOfText {
          reason = .endOfText
          break
        }
      }
      let sum = tokens.reduce(0) { $0 + ($1.logprob ?? 0) }
      completions.append(
        Completion(
          text: try text(of: tokens.map(\.token.id)), tokens: tokens, finishReason: reason,
          score: sum / pow(Double(max(1, tokens.count)), request.lengthPenalty)))
    }
    completions.sort { ($0.score ?? 0) > ($1.score ?? 0) }
    return BeamResult(
      completions: completions, timing: GenerationTiming(generateSeconds: 0.05, tokens: completions[0].tokens.count))
  }

  /// Scores every id of a text; the first one of a causal model has no log-probability.
  public func score(_ request: ScoreRequest) throws(EngineError) -> [ScoredToken] {
    let ids = request.context.ids
    try check(ids)
    return ids.indices.map { position in
      if position == 0, family == .causal {
        return ScoredToken(token: token(ids[0]), logprob: nil, rank: nil, entropy: nil)
      }
      let own = logprobs(context: request.context, position: position, promptCount: ids.count)
      return scored(ids[position], logprobs: own, topCount: request.topCount)
    }
  }

  /// Scores several continuations of one text, or several fillings of its one mask. The pieces of a filling are
  /// predicted from left to right, those not yet reached masked.
  public func score(_ request: ContinuationRequest) throws(EngineError) -> [[ScoredToken]] {
    var scored: [[ScoredToken]] = []
    let ids = request.context.ids
    guard family == .masked else {
      for continuation in request.continuations {
        var context = request.context
        context.ids += continuation
        scored.append(Array(try score(ScoreRequest(context: context)).suffix(continuation.count)))
      }
      return scored
    }
    let gaps = ids.indices.filter { ids[$0] == ScriptedModel.mask }
    guard gaps.count == 1 else {
      throw EngineError(
        .input, "no single gap to fill", at: "the text", expected: "one mask token", found: "\(gaps.count)")
    }
    for filling in request.continuations {
      try check(filling)
      var context = request.context
      context.ids.replaceSubrange(gaps[0]...gaps[0], with: filling.map { _ in ScriptedModel.mask })
      scored.append(
        filling.enumerated().map { index, id in
          defer { context.ids[gaps[0] + index] = id }
          let own = logprobs(context: context, position: gaps[0] + index, promptCount: 0)
          return self.scored(id, logprobs: own)
        })
    }
    return scored
  }

  /// The best words for each mask, and the fillings of all masks ranked by the product of their probabilities.
  public func fill(_ request: FillMaskRequest) throws(EngineError) -> FillMaskResult {
    try check(request.context.ids)
    let positions = request.context.ids.indices.filter { request.context.ids[$0] == ScriptedModel.mask }
    guard !positions.isEmpty else {
      throw EngineError(
        .input, "no mask", at: "the text", expected: "[MASK], the mask token of model '\(summary.name)'", found: "none",
        hint: "write [MASK] where a word is missing")
    }
    var masks: [MaskAnswer] = []
    var whole: [(ids: [Int], logprob: Double)] = [([], 0)]
    for position in positions {
      let own = logprobs(context: request.context, position: position, promptCount: 0)
      let ranked = Self.ranked(own)
        .filter { request.targets.isEmpty || request.targets.contains($0) }.prefix(request.topK)
      let candidates = try ranked.enumerated().map { index, id throws(EngineError) in
        var ids = request.context.ids
        ids[position] = id
        return MaskCandidate(
          ranked: RankedToken(token: token(id), logprob: own[id], rank: index + 1), sequence: try sequence(ids))
      }
      masks.append(MaskAnswer(position: position, entropy: bits(own.map(exp)), candidates: candidates))
      whole = whole.flatMap { filling in ranked.map { (filling.ids + [$0], filling.logprob + own[$0]) } }
        .sorted { $0.logprob > $1.logprob }.prefix(20).map(\.self)
    }
    var joint: [JointFilling] = []
    for filling in whole where positions.count > 1 && request.joint {
      var ids = request.context.ids
      for (position, id) in zip(positions, filling.ids) { ids[position] = id }
      joint.append(
        JointFilling(tokens: filling.ids.map(token), logprob: filling.logprob, sequence: try sequence(ids)))
    }
    return FillMaskResult(masks: masks, joint: joint)
  }

  /// The text of a masked input for display: without special tokens at its ends, with masks.
  private func sequence(_ ids: [Int]) throws(EngineError) -> String {
    try text(of: ids.filter { $0 != ScriptedModel.endOfText }, skippingSpecialTokens: false)
  }
}
