/// A request to rank given continuations of a text by their probability; of a masked model, given fillings of the one
/// mask in it.
public struct ChoiceRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// Its family, which says what a choice is: a continuation, the whole output, or a filling.
  public var family: ModelFamily
  /// The mask token of a masked model.
  public var mask: TokenValue?
  /// The text; of an encoder-decoder model the input.
  public var text: String
  /// What is put before the input of an encoder-decoder model.
  public var prefix: String
  /// The choices, exactly as they follow the text or take the place of its mask.
  public var choices: [String]
  /// Whether each choice is also scored without the text, and ranked by the difference.
  public var isUnconditional: Bool
  /// Where the choices come from, for errors.
  public var place: String

  /// A request to rank choices by a model that is open.
  public init(
    _ choices: [String], after text: String, prefix: String = "", isUnconditional: Bool = false,
    place: String = "the choices", model: ModelReference, _ information: ModelInformation
  ) {
    self.model = model
    family = information.family
    mask = information.maskToken
    self.text = text
    self.prefix = prefix
    self.choices = choices
    self.isUnconditional = isUnconditional
    self.place = place
  }
}

/// A choice with its log-probability.
public struct RankedChoice: Sendable, Hashable {
  /// The choice.
  public var text: String
  /// Its tokens after the text, or in the place of the mask; at least one.
  public var tokens: [ScoredToken]
  /// The same tokens without the text: after the beginning of text alone, with an empty input, or alone in the input of
  /// a masked model; `nil` if that was not asked for.
  public var alone: [ScoredToken]?

  /// A choice with these tokens.
  public init(text: String, tokens: [ScoredToken], alone: [ScoredToken]? = nil) {
    self.text = text
    self.tokens = tokens
    self.alone = alone
  }

  /// The natural logarithm of its probability; `nil` if the engine does not know it.
  public var logprob: Double? { tokens.logprob }

  /// The same, divided by the number of tokens.
  public var logprobPerToken: Double? { tokens.logprobPerToken }

  /// The log-probability minus that without the text.
  public var corrected: Double? { logprob.flatMap { sum in alone?.logprob.map { sum - $0 } } }

  /// The number that choices are ranked by; -infinity if it is not known.
  var rankedBy: Double { (alone == nil ? logprob : corrected) ?? -.infinity }
}

/// The answer to a ``ChoiceRequest``.
public struct ChoiceRanking: Sendable, Hashable {
  /// The choices, best first. Equal ones are in the order of the request.
  public var choices: [RankedChoice]
  /// Whether some choices change how the text around them is tokenized. Their tokens then begin before the end of it.
  public var changesText: Bool

  /// A ranking with these values.
  public init(choices: [RankedChoice], changesText: Bool = false) {
    self.choices = choices
    self.changesText = changesText
  }
}

extension [ScoredToken] {
  /// The natural logarithm of the probability of all tokens; `nil` if there are none, or if one is not known.
  public var logprob: Double? {
    isEmpty || contains { $0.logprob == nil } ? nil : reduce(0) { $0 + ($1.logprob ?? 0) }
  }

  /// The same, divided by the number of tokens.
  public var logprobPerToken: Double? { logprob.map { $0 / Double(count) } }
}

extension EngineRouter {
  /// Ranks choices by their probability.
  /// - Throws: an error of kind `.input` if a choice has no tokens of its own, or if the text of a masked model has not
  ///   exactly one mask.
  public func rank(_ request: ChoiceRequest) async throws(EngineError) -> ChoiceRanking {
    var source: [Int]?
    if request.family == .seq2seq { source = try await ids(request.prefix + request.text, request.model) }
    var places: [ChoicePlace] = []
    for choice in request.choices {
      let spans = try await tokenize(try request.textToTokenize(choice), model: request.model)
      places.append(try request.place(of: choice, spans, source: source))
    }
    let conditional = try await scores(places)
    var alone: [[ScoredToken]]?
    if request.isUnconditional {
      var empty = ModelContext(model: request.model, ids: [])
      switch request.family {
      case .seq2seq: empty.encoderIDs = try await ids("", request.model)
      case .masked: empty.ids = try await ids(try request.knownMask().text, request.model)
      default: break
      }
      alone = try await scores(places.map { ChoicePlace(context: empty, ids: $0.ids) })
    }
    let choices = request.choices.indices.map { index in
      RankedChoice(text: request.choices[index], tokens: conditional[index], alone: alone?[index])
    }
    let ranked = choices.enumerated().sorted {
      ($1.element.rankedBy, $0.offset) < ($0.element.rankedBy, $1.offset)
    }
    return ChoiceRanking(
      choices: ranked.map(\.element),
      changesText: places.contains { $0.context.ids != places[0].context.ids })
  }

  private func ids(_ text: String, _ model: ModelReference) async throws(EngineError) -> [Int] {
    try await tokenize(text, model: model).map(\.token.id)
  }

  /// The scored tokens of each choice. Choices with the same context are scored together.
  private func scores(_ places: [ChoicePlace]) async throws(EngineError) -> [[ScoredToken]] {
    var scored = [[ScoredToken]](repeating: [], count: places.count)
    var left = Array(places.indices)
    while let first = left.first {
      let same = left.filter { places[$0].context == places[first].context }
      left.removeAll(where: same.contains)
      let found = try await score(
        ContinuationRequest(context: places[first].context, continuations: same.map { places[$0].ids }))
      for (index, tokens) in zip(same, found) { scored[index] = tokens }
    }
    return scored
  }
}

/// The ids of a choice, and the context that they follow or fill.
private struct ChoicePlace {
  var context: ModelContext
  var ids: [Int]
}

extension ChoiceRequest {
  /// The text that is tokenized to find the tokens of a choice.
  fileprivate func textToTokenize(_ choice: String) throws(EngineError) -> String {
    switch family {
    case .masked:
      let (before, after) = try partsAroundMask()
      return before + choice + after
    case .seq2seq: return choice
    default: return text + choice
    }
  }

  /// The place of a choice.
  /// - Parameters:
  ///   - spans: the tokens of ``textToTokenize(_:)``.
  ///   - source: the ids of an encoder-decoder model's input.
  fileprivate func place(
    of choice: String, _ spans: [TokenSpan], source: [Int]?
  ) throws(EngineError) -> ChoicePlace {
    if family == .masked { return try place(inMask: choice, spans) }
    var spans = spans
    while let last = spans.last, last.isSpecial, last.range.isEmpty { spans.removeLast() }
    let end = family == .seq2seq ? 0 : text.utf8.count
    let first = spans.firstIndex { $0.range.upperBound > end } ?? spans.count
    guard first < spans.count else { throw withoutTokens(choice) }
    let ids = spans.map(\.token.id)
    return ChoicePlace(
      context: ModelContext(model: model, encoderIDs: source, ids: Array(ids[..<first])), ids: Array(ids[first...]))
  }

  /// The tokens of a choice in the place of the mask, and the text with one mask for them.
  private func place(inMask choice: String, _ spans: [TokenSpan]) throws(EngineError) -> ChoicePlace {
    let start = try partsAroundMask().before.utf8.count
    let range = start..<start + choice.utf8.count
    let own = spans.indices.filter { spans[$0].range.overlaps(range) && !spans[$0].range.isEmpty }
    guard let first = own.first, let last = own.last else { throw withoutTokens(choice) }
    let ids = spans.map(\.token.id)
    var masked = ids
    masked.replaceSubrange(first...last, with: [try knownMask().id])
    return ChoicePlace(context: ModelContext(model: model, ids: masked), ids: Array(ids[first...last]))
  }

  /// The text before the one mask, and after it.
  private func partsAroundMask() throws(EngineError) -> (before: String, after: String) {
    let mask = try knownMask()
    let parts = text.split(separator: mask.text, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw EngineError(
        .input, "no single gap to fill", at: "the text", expected: "one mask token \(mask.text)",
        found: "\(parts.count - 1)")
    }
    return (parts[0], parts[1])
  }

  fileprivate func knownMask() throws(EngineError) -> TokenValue {
    guard let mask else {
      throw EngineError(
        .model, "the model has no mask token", at: "model '\(model)'", expected: "a mask token", found: "none")
    }
    return mask
  }

  private func withoutTokens(_ choice: String) -> EngineError {
    EngineError(
      .input, "a choice without tokens", at: place, expected: "a choice with at least one token of its own",
      found: "'\(choice)'", hint: "the tokenizer of \(model) drops it")
  }
}
