import EngineAPI
import Platform
import Sampling

extension ScriptedModel {
  /// The log-probabilities of all ids at a position: seeded noise, with the next token of the script far more probable.
  func logprobs(context: ModelContext, position: Int, promptCount: Int) -> [Double] {
    let before = family == .masked ? context.ids : Array(context.ids.prefix(position))
    var state = before.suffix(3).reduce(seed &+ UInt64(position)) { ($0 ^ UInt64($1 &+ 17)) &* 0x9E37_79B9_7F4A_7C15 }
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }
    var logits = vocabulary.indices.map { id in noise() * 2 - (id < 258 ? 8 : 0) }
    for (index, id) in preferred(context: context, position: position, promptCount: promptCount).enumerated() {
      logits[id] = 6 - Double(index) * 0.6 + noise() * 0.5
    }
    let high = logits.max() ?? 0
    let logSum = high + log(logits.reduce(0) { $0 + exp($1 - high) })
    return logits.map { $0 - logSum }
  }

  /// The preferred ids at a position, most probable first.
  private func preferred(context: ModelContext, position: Int, promptCount: Int) -> [Int] {
    if family == .masked {
      let masks = context.ids.indices.filter { context.ids[$0] == ScriptedModel.mask }
      guard let mask = masks.firstIndex(of: position), fillings.indices.contains(mask) else { return [] }
      return fillings[mask].compactMap { word in vocabulary.firstIndex(of: Array(word.utf8)) }
    }
    let written = position - promptCount
    guard written >= 0 else { return [] }
    return [written < scriptIDs.count ? scriptIDs[written] : ScriptedModel.endOfText]
  }

  /// The distribution at a position after the chain. Temperature, top-k, top-p and min-p are applied; the other stages
  /// are listed without effect.
  public func answer(_ request: DistributionRequest) throws(EngineError) -> DistributionAnswer {
    try check(request.context.ids)
    if request.context.ids.isEmpty, family == .causal {
      throw EngineError(
        .input, "nothing to go on from", at: summary.name, expected: "a prompt", found: "none", hint: "type a prompt")
    }
    let limit = family == .masked ? request.context.ids.count - 1 : request.context.ids.count
    guard (0...max(0, limit)).contains(request.position) else {
      throw EngineError(
        .usage, "no such place", at: summary.name, expected: "0 to \(limit)", found: String(request.position))
    }
    let own = logprobs(context: request.context, position: request.position, promptCount: request.promptCount)
    let chain = ScriptedChain(logprobs: own, settings: request.settings)
    let ranked = Self.ranked(own)
    var cumulative = 0.0
    var candidates: [Candidate] = []
    for (index, id) in ranked.enumerated() {
      cumulative += exp(own[id])
      candidates.append(
        Candidate(
          ranked: RankedToken(token: token(id), logprob: own[id], rank: index + 1), cumulative: cumulative,
          chainProbability: chain.probabilities[id], removedBy: chain.removedBy[id], steps: chain.steps(of: id)))
    }
    let at = request.position
    let actual =
      at < request.context.ids.count
      ? candidates.first { $0.ranked.token.id == request.context.ids[at] } : nil
    if request.ordersByChain {
      let kept = candidates.filter { chain.probabilities[$0.ranked.token.id] > 0 }
      candidates =
        kept.sorted { chain.probabilities[$0.ranked.token.id] > chain.probabilities[$1.ranked.token.id] }
        + candidates.filter { chain.probabilities[$0.ranked.token.id] <= 0 }
    }
    if !request.search.isEmpty {
      let ignoresCase = request.search == request.search.lowercased()
      candidates = candidates.filter {
        (ignoresCase ? $0.ranked.token.text.lowercased() : $0.ranked.token.text).contains(request.search)
      }
    }
    let window = request.window.clamped(to: 0..<candidates.count)
    return DistributionAnswer(
      vocabularySize: vocabulary.count, entropy: bits(own.map(exp)), matches: candidates.count,
      offset: window.lowerBound, candidates: Array(candidates[window]), stages: chain.stages, steps: chain.steps,
      actual: actual)
  }

  /// The ids by value, highest first; ties go to the lower id.
  static func ranked(_ values: [Double]) -> [Int] {
    values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
  }

  /// The token `id` at a position with its log-probability, rank and entropy.
  func scored(
    _ id: Int, logprobs own: [Double], sampled: Double? = nil, topCount: Int = 0
  ) -> ScoredToken {
    let ranked = Self.ranked(own)
    let rank = 1 + (ranked.firstIndex(of: id) ?? 0)
    let top = ranked.prefix(topCount).enumerated().map {
      RankedToken(token: token($1), logprob: own[$1], rank: $0 + 1)
    }
    return ScoredToken(
      token: token(id), logprob: own[id], rank: rank, entropy: bits(own.map(exp)), sampledLogprob: sampled, top: top)
  }
}

/// The entropy of probabilities, in bits.
func bits(_ probabilities: [Double]) -> Double {
  -probabilities.reduce(0) { $1 > 0 ? $0 + $1 * log2($1) : $0 }
}
