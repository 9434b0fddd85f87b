import EngineAPI
import Generation
import Models
import Sampling
import Tensors
import Tokenizers

/// Next-token distributions at any position of any text. Uses the kept hidden rows if the position has been read;
/// otherwise reads the missing tokens first.
extension LocalEngine: Distributing {
  /// The exact distribution over the whole vocabulary at one position. Returns the candidates of the request's window.
  public func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer {
    let loaded = try await model(of: request.context)
    try request.validate(for: loaded)
    let table = try await candidateTable(request, loaded)
    let candidate = { (id: Int) in table.row(of: id)?.map(loaded.token) }
    let order: CandidateTable.Order = request.ordersByChain ? .chain : .model
    let hits = request.search.isEmpty ? nil : loaded.search.ids(containing: request.search)
    let ids = table.ids(order) { hits?.contains($0) ?? true }
    let window = request.window.clamped(to: 0..<ids.count)
    let actual = request.context.ids.indices.contains(request.position) ? request.context.ids[request.position] : nil
    return DistributionAnswer(
      vocabularySize: table.distribution.vocabularySize, entropy: table.distribution.entropy, matches: ids.count,
      offset: window.lowerBound, candidates: ids[window].compactMap(candidate),
      stages: table.trace.stages.map { $0.map(loaded.token) }, steps: table.trace.steps,
      actual: actual.flatMap(candidate))
  }

  /// The candidate table of a request. Tables are cached by position and settings, so paging and searching compute
  /// nothing again, and other settings only apply the chain again.
  private func candidateTable(
    _ request: DistributionRequest, _ loaded: LoadedModel
  ) async throws(EngineError) -> CandidateTable {
    let key = TableKey(request)
    if let known = loaded.tables.table(for: key) { return known }
    let sibling = loaded.tables.table(at: key)
    let own: Distribution
    if let sibling {
      own = sibling.distribution
    } else {
      own = Distribution(logits: try await logits(request, loaded))
      guard !Task.isCancelled else { throw .cancelled }
      do throws(GenerationError) { try own.check(at: request.position) } catch { throw EngineError(error) }
    }
    var chain = SamplerChain(request.settings)
    var history = loaded.history(of: request)
    let constraints = loaded.family == .masked ? .none : loaded.constraints(of: request.context)
    let rules = request.settings.rules
    let vocabulary = own.vocabularySize
    func mask(_ history: TokenHistory) throws(GenerationError) -> TokenMask? {
      try constraints.mask(after: history, checking: rules, vocabulary: vocabulary)
    }
    if chain.needsSurprises, loaded.family != .masked {
      let sequence = try await sequence(
        reading: history.ids, source: loaded.route(of: request.context).source, of: loaded)
      history = chain.recalled(history, coins: nil, mask: { (try? mask($0)) ?? nil }) { position in
        sequence.model.logits(sequence.hiddenRow(at: position)).row(0)
      }
    }
    let present: TokenMask?
    do throws(GenerationError) { present = try mask(history) } catch { throw EngineError(error) }
    let trace = chain.trace(from: own, history: history, topCount: key.topCount, mask: present)
    if present != nil {
      do throws(GenerationError) { try chain.check(at: request.position) } catch { throw EngineError(error) }
    }
    let table = sibling?.with(trace) ?? CandidateTable(own, trace)
    loaded.tables.keep(table, for: key)
    return table
  }

  /// The raw logits for the token at the position. For a masked model that token is replaced by the mask.
  private func logits(_ request: DistributionRequest, _ loaded: LoadedModel) async throws(EngineError) -> [Float] {
    do {
      if case .masked(let model) = loaded.model {
        return try MaskedReader(model).logits(
          at: request.position, of: request.context.ids, maskID: loaded.maskID)
      }
      let ids = try loaded.decoderIDs(Array(request.context.ids.prefix(request.position)))
      let sequence = try await sequence(reading: ids, source: loaded.route(of: request.context).source, of: loaded)
      return try sequence.logits(after: ids)
    } catch {
      throw EngineError(any: error)
    }
  }
}

extension DistributionRequest {
  fileprivate func validate(for loaded: LoadedModel) throws(EngineError) {
    let last = loaded.family == .masked ? context.ids.count - 1 : context.ids.count
    guard position >= 0, position <= last else {
      throw EngineError(
        .usage, "no such position in the text", at: "model '\(loaded.information.reference)'",
        expected: "a position up to \(last)", found: "\(position)")
    }
  }
}

/// The inputs of a candidate table, as a cache key.
struct TableKey: Hashable {
  let encoderIDs: [Int]?
  let ids: [Int]
  let position: Int
  let promptCount: Int
  let settings: SamplingSettings
  let topCount: Int

  init(_ request: DistributionRequest) {
    encoderIDs = request.context.encoderIDs
    ids = request.context.ids
    position = request.position
    promptCount = request.promptCount
    settings = request.settings
    topCount = max(request.window.count, 10)
  }

  /// Whether the model's own distribution is the same.
  func isSamePlace(as other: TableKey) -> Bool {
    position == other.position && ids == other.ids && encoderIDs == other.encoderIDs
  }
}

/// A cache of the last candidate tables.
struct TableMemory {
  private static let capacity = 6
  private var entries: [(key: TableKey, table: CandidateTable)] = []

  func table(for key: TableKey) -> CandidateTable? { entries.first { $0.key == key }?.table }

  /// A stored table of the same position, whatever its sampler settings. The model's own distribution does not depend
  /// on them.
  func table(at key: TableKey) -> CandidateTable? { entries.last { $0.key.isSamePlace(as: key) }?.table }

  mutating func keep(_ table: CandidateTable, for key: TableKey) {
    entries.append((key, table))
    if entries.count > Self.capacity { entries.removeFirst() }
  }
}

/// Scoring of texts, token by token.
extension LocalEngine: Scoring {
  /// The tokens of a context with their probabilities under the model, one per id.
  public func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken] {
    let loaded = try await model(of: request.context)
    let cancellation = Cancellation { Task.isCancelled }
    let ids = request.context.ids
    do {
      let scored =
        switch loaded.model {
        case .causal(let model):
          try CausalScorer(model, topCount: request.topCount)
            .score(ids, stride: request.stride, cancellation, progress: progress)
        case .masked(let model):
          // Special tokens are part of the input but are not scored.
          try MaskedScorer(model, maskID: loaded.maskID, topCount: request.topCount)
            .score(ids, where: { !loaded.tokenizer.isSpecial(ids[$0]) }, cancellation, progress: progress)
        case .seq2seq(let model):
          try TargetScorer(model, startID: loaded.startID, topCount: request.topCount)
            .score(ids, source: loaded.route(of: request.context).source ?? [], cancellation, progress: progress)
        case .labeling: throw loaded.unfit("a model that predicts tokens")
        }
      return scored.map { $0.map(loaded.token) }
    } catch {
      throw EngineError(any: error)
    }
  }

  /// The tokens of a context in parts. A text of a causal or masked model is scored a chunk at a time, and other
  /// requests are served between chunks.
  public func scoreInParts(
    _ request: ScoreRequest, receive: @escaping @Sendable (ScoredPart) -> Void
  ) async throws(EngineError) {
    let loaded = try await model(of: request.context)
    if case .masked(let model) = loaded.model { return try await scoreInParts(request, model, loaded, receive) }
    guard case .causal(let model) = loaded.model else {
      return receive(ScoredPart(first: 0, tokens: try await score(request, progress: { _ in })))
    }
    let cancellation = Cancellation { Task.isCancelled }
    do {
      var scoring = try CausalScorer(model, topCount: request.topCount)
        .begin(request.context.ids, stride: request.stride)
      while true {
        let first = scoring.done
        let new = try scoring.next(cancellation)
        if new.isEmpty { return }
        receive(ScoredPart(first: first, tokens: new.map { $0.map(loaded.token) }))
        await Task.yield()
      }
    } catch {
      throw EngineError(any: error)
    }
  }

  private func scoreInParts(
    _ request: ScoreRequest, _ model: any MaskedModel, _ loaded: LoadedModel,
    _ receive: @escaping @Sendable (ScoredPart) -> Void
  ) async throws(EngineError) {
    let ids = request.context.ids
    let cancellation = Cancellation { Task.isCancelled }
    let scorer = MaskedScorer(model, maskID: loaded.maskID, topCount: request.topCount)
    var done = 0
    while done < ids.count {
      let new: [ScoredID]
      do throws(GenerationError) {
        new = try scorer.next(ids, from: done, where: { !loaded.tokenizer.isSpecial(ids[$0]) }, cancellation)
      } catch {
        throw EngineError(error)
      }
      receive(ScoredPart(first: done, tokens: new.map { $0.map(loaded.token) }))
      done += new.count
      await Task.yield()
    }
  }

  /// The tokens of several continuations of one text. The text is read once, or was read before.
  public func score(_ request: ContinuationRequest) async throws(EngineError) -> [[ScoredToken]] {
    let loaded = try await model(of: request.context)
    if case .masked(let model) = loaded.model { return try fillings(request, model, loaded) }
    guard loaded.family == .causal || loaded.family == .seq2seq else {
      throw loaded.unfit("a model that predicts tokens")
    }
    for ids in request.continuations { try loaded.check(ids, at: "a continuation", positions: true) }
    let start = try loaded.decoderIDs(request.context.ids)
    let longest = request.continuations.map(\.count).max() ?? 0
    try loaded.validateLength(start.count + max(0, longest - 1))
    let sequence = try await sequence(reading: start, source: loaded.route(of: request.context).source, of: loaded)
    do throws(GenerationError) {
      return try ContinuationScorer(after: start, in: sequence)
        .score(request.continuations, Cancellation { Task.isCancelled })
        .map { $0.map { $0.map(loaded.token) } }
    } catch {
      throw EngineError(error)
    }
  }

  /// The tokens of several fillings of the one gap of a text.
  private func fillings(
    _ request: ContinuationRequest, _ model: any MaskedModel, _ loaded: LoadedModel
  ) throws(EngineError) -> [[ScoredToken]] {
    let ids = request.context.ids
    let gaps = ids.indices.filter { ids[$0] == loaded.maskID }
    guard gaps.count == 1 else {
      throw EngineError(
        .input, "no single gap to fill", at: "the text", expected: "one mask token", found: "\(gaps.count)")
    }
    for filling in request.continuations { try loaded.check(filling, at: "a filling", positions: true) }
    let longest = request.continuations.map(\.count).max() ?? 0
    try loaded.validateLength(ids.count + max(0, longest - 1))
    do throws(GenerationError) {
      return try FillingScorer(model, maskID: loaded.maskID)
        .score(request.continuations, in: ids, gap: gaps[0], Cancellation { Task.isCancelled })
        .map { $0.map { $0.map(loaded.token) } }
    } catch {
      throw EngineError(error)
    }
  }
}
