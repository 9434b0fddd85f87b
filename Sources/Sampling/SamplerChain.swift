/// The sampler chain: the stages between the model's logits and the chosen token, in the user's order.
///
/// Each stage has the meaning of the logits processor or warper in Hugging Face transformers. No stage removes every
/// id; at least the best one is kept. At temperature 0 the token is the highest logit after all penalties and biases of
/// the chain, ties to the lower id, wherever temperature is in the order. The stages after temperature then see a
/// distribution of one id.
///
/// A chain reuses its buffers from step to step, so each stream needs its own.
public struct SamplerChain: Sendable {
  /// The settings.
  public let settings: SamplingSettings
  /// The active stages, in the order of the settings.
  private let active: [StageRow]
  private var survivors = Survivors()

  /// Whether masks, rules and penalties together removed all ids of the last row. One id was then kept regardless.
  public var hasNothingLeft: Bool { survivors.wasEmptied }
  /// The flaw of the logits in the last call of ``draw(from:history:coin:stageCoin:topCount:mask:)``.
  public private(set) var flaw: LogitFlaw?

  /// Creates a chain.
  public init(_ settings: SamplingSettings) {
    self.settings = settings
    active = settings.order.filter(settings.isActive).map(\.row)
    survivors.biases = SequenceBiasTable(settings.rules.sequenceBias)
  }

  /// Chooses the next token.
  ///
  /// - Parameters:
  ///   - logits: the model's raw logits, by id; at least one.
  ///   - history: the text so far.
  ///   - coin: a uniform random number in [0, 1); not used at temperature 0.
  ///   - stageCoin: a uniform random number in [0, 1) for stages that act at random (XTC).
  ///   - topCount: the number of most probable ids to return with the token.
  ///   - mask: forced or forbidden ids. With `.only`, processors and rules do not act.
  public mutating func draw(
    from logits: [Float], history: TokenHistory, coin: Double, stageCoin: Double = 0, topCount: Int = 0,
    mask: TokenMask? = nil
  ) -> ScoredID {
    let own = Distribution(logits: logits)
    flaw = own.flaw
    let (id, sampledLogprob) = choose(own, history, coin, stageCoin, mask)
    return own.scored(id, sampledLogprob: sampledLogprob, topCount: topCount)
  }

  private mutating func choose(
    _ own: Distribution, _ history: TokenHistory, _ coin: Double, _ stageCoin: Double, _ mask: TokenMask?
  ) -> (id: Int, logprob: Double) {
    if settings.isGreedy { return (greedyChoice(own.logits, history, mask), 0) }
    narrow(own.logits, history, stageCoin, mask)
    return survivors.draw(coin: coin)
  }

  /// Applies the whole chain to a row.
  private mutating func narrow(
    _ logits: [Float], _ history: TokenHistory, _ stageCoin: Double, _ mask: TokenMask?
  ) {
    survivors.reset(to: logits)
    if let mask { survivors.apply(mask) }
    let context = StageRow.Context(history: history, coin: stageCoin)
    if case .only = mask {
      for row in active where !row.isProcessor { survivors.apply(row, settings, context) }
      return
    }
    survivors.applyBefore(settings.rules, history)
    var decays = true
    for row in active {
      if !row.isProcessor, decays {
        survivors.apply(settings.rules.lengthDecay, history)
        decays = false
      }
      survivors.apply(row, settings, context)
    }
    if decays { survivors.apply(settings.rules.lengthDecay, history) }
  }

  /// Whether the chain uses the surprises of the output tokens (see ``recalled(_:coins:mask:logits:)``).
  public var needsSurprises: Bool { active.contains { $0.stage == .mirostat } }

  /// Recomputes the surprise of each output token, for a stream that continues a text that it did not draw itself. The
  /// values equal, bit for bit, those of a stream with the same settings and coins that drew the ids.
  ///
  /// - Parameters:
  ///   - history: the text.
  ///   - coins: the stream's random numbers.
  ///   - mask: returns the forced or forbidden ids at a point of the text.
  ///   - logits: returns the raw logits after the id at a position of the text.
  public mutating func recalled<Failure: Error>(
    _ history: TokenHistory, coins: SeededGenerator?, mask: (TokenHistory) -> TokenMask? = { _ in nil },
    logits: (Int) throws(Failure) -> [Float]
  ) throws(Failure) -> TokenHistory {
    var text = history.withoutOutput()
    for id in history.output {
      guard !text.ids.isEmpty else {
        text.append(id)
        continue
      }
      let own = Distribution(logits: try logits(text.ids.count - 1))
      narrow(own.logits, text, coins?.stageCoin(at: text.outputCount) ?? 0, mask(text))
      let logprob = survivors.index(of: id).map { survivors.logprob(at: $0) } ?? .nan
      text.append(id, surprise: -logprob / Natural.ln2)
    }
    return text
  }

  /// The highest logit after all penalties and biases.
  private mutating func greedyChoice(_ logits: [Float], _ history: TokenHistory, _ mask: TokenMask?) -> Int {
    guard mask != nil || hasProcessors else {
      survivors.forgetRow()
      return LogitOrder.best(logits)
    }
    process(logits, history, mask)
    return survivors.id(at: LogitOrder.best(survivors.logits))
  }

  private mutating func process(_ logits: [Float], _ history: TokenHistory, _ mask: TokenMask?) {
    survivors.reset(to: logits)
    if let mask { survivors.apply(mask) }
    if case .only = mask { return }
    survivors.applyBefore(settings.rules, history)
    let context = StageRow.Context(history: history)
    for row in active where row.isProcessor { survivors.apply(row, settings, context) }
    survivors.apply(settings.rules.lengthDecay, history)
  }

  /// Traces the effect of each stage on the model's own distribution. See ``trace(from:history:topCount:mask:)``.
  /// - Precondition: the distribution's coverage is `.whole`.
  public mutating func trace(
    from own: Distribution, history: TokenHistory, topCount: Int = 0, mask: TokenMask? = nil
  ) -> ChainTrace {
    trace(from: own.logits, history: history, topCount: topCount, mask: mask)
  }

  /// Traces the effect of each stage on a distribution. Stages that act at random are traced as acting.
  ///
  /// - Parameters:
  ///   - logits: the model's raw logits, by id; at least one.
  ///   - history: the text so far.
  ///   - topCount: the number of most probable ids in each stage's result.
  ///   - mask: forced or forbidden ids.
  public mutating func trace(
    from logits: [Float], history: TokenHistory, topCount: Int = 0, mask: TokenMask? = nil
  ) -> ChainTrace {
    let greedy = settings.isGreedy ? greedyChoice(logits, history, mask) : nil
    survivors.reset(to: logits)
    var recorder = ChainTrace.Recorder(survivors, vocabularySize: logits.count, topCount: topCount)
    if let mask { survivors.apply(mask) }
    let isForced = if case .only = mask { true } else { false }
    if !isForced { survivors.applyBefore(settings.rules, history) }
    if mask != nil || !isForced && settings.rules.actsBefore { recorder.change(survivors) }
    var decays = !isForced && settings.rules.lengthDecay != nil
    var isDecided = false
    let context = StageRow.Context(history: history)
    for stage in settings.order {
      if decays, !stage.isProcessor, settings.isActive(stage) {
        survivors.apply(settings.rules.lengthDecay, history)
        recorder.change(survivors)
        decays = false
      }
      guard settings.isActive(stage), !isDecided, !(isForced && stage.isProcessor) else {
        recorder.pass(stage)
        continue
      }
      if stage == .temperature, let greedy {
        survivors.keepOnly(greedy)
        isDecided = true
      } else {
        survivors.apply(stage.row, settings, context)
      }
      recorder.record(stage, survivors)
    }
    if decays {
      survivors.apply(settings.rules.lengthDecay, history)
      recorder.change(survivors)
    }
    return recorder.trace()
  }

  /// Whether ``processed(_:history:mask:)`` changes anything.
  public var hasProcessors: Bool { settings.rules.isActive || active.contains(where: \.isProcessor) }

  /// The logits (or log-probabilities) after only the penalties and biases of the chain, in its order, for the scores
  /// of beam search. Removed ids have -infinity. Ids forced by a mask have 0, unless the row is renormalized.
  public mutating func processed(_ logits: [Float], history: TokenHistory, mask: TokenMask? = nil) -> [Float] {
    process(logits, history, mask)
    if settings.rules.renormalizes { survivors.renormalize() }
    return survivingRow(logits.count)
  }

  /// The logits (or log-probabilities) after the whole chain, for the scores and draws of beam sampling. Removed ids
  /// have -infinity.
  /// - Parameter least: the minimum number of ids that each filter keeps.
  public mutating func filtered(
    _ logits: [Float], history: TokenHistory, stageCoin: Double = 0, mask: TokenMask? = nil, least: Int
  ) -> [Float] {
    process(logits, history, mask)
    let context = StageRow.Context(history: history, least: least, coin: stageCoin)
    for row in active where !row.isProcessor { survivors.apply(row, settings, context) }
    if settings.rules.renormalizes { survivors.renormalize() }
    return survivingRow(logits.count)
  }

  /// The logits after the whole chain, as a draw uses them. Removed ids have -infinity; at temperature 0 all but one
  /// are removed. Stages with a random decision make it.
  public mutating func narrowed(_ logits: [Float], history: TokenHistory) -> [Float] {
    if settings.isGreedy {
      var row = [Float](repeating: -.infinity, count: logits.count)
      row[greedyChoice(logits, history, nil)] = 0
      return row
    }
    narrow(logits, history, 0, nil)
    return survivingRow(logits.count)
  }

  private func survivingRow(_ count: Int) -> [Float] {
    var row = [Float](repeating: -.infinity, count: count)
    for index in 0..<survivors.count { row[survivors.id(at: index)] = survivors.logits[index] }
    return row
  }
}
