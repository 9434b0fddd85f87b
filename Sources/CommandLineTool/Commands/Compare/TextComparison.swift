import EngineAPI
import JSONText
import Sampling
import Synchronization

/// The opened sides of a comparison.
struct TextComparison: Sendable {
  /// The sides, each with its open model. A model that several sides share is opened once.
  let sides: [Side]
  /// Whether all sides have the same vocabulary, so that their distributions can be compared.
  let hasOneVocabulary: Bool
  private let topCount: Int
  private let prefixes: [String]

  /// A side.
  struct Side: Sendable {
    let option: SideOption
    let open: OpenModel
    /// The settings of its chain; `nil` without one.
    let settings: SamplingSettings?
  }

  /// Opens the models of a command and checks that they can be compared.
  init(_ command: Compare, in run: CommandRun) async throws {
    let engine = try await run.engine(threads: command.threads, cache: command.cache.type)
    var sides: [Side] = []
    for option in command.models {
      var reference = ModelReference(parsing: option.name)
      if reference.format == nil { reference.format = command.dtype }
      reference.changes = option.changes
      let open: OpenModel
      if let known = sides.first(where: { $0.open.reference == reference }) {
        open = known.open
      } else {
        open = try await run.open(reference, on: engine)
      }
      let chain = try option.chain()
      if let chain { try open.check(chain) }
      sides.append(
        Side(
          option: option, open: open,
          settings: chain?.settings(
            over: open.information.decoding.settings(after: open.information.startCount(promptCount: 1)))))
    }
    self.sides = sides
    try Self.check(sides, command)
    let first = sides[0].open.information
    hasOneVocabulary = sides.allSatisfy {
      let other = $0.open.information
      return other.vocabularyFingerprint != nil && other.vocabularyFingerprint == first.vocabularyFingerprint
        && other.vocabularySize == first.vocabularySize
    }
    // The table of a text shows the first choices.
    topCount = max(command.topLogprobs, command.outputForm == .text && command.file == nil ? 1 : 0)
    var prefixes: [String] = []
    if command.from != nil || command.to != nil {
      for side in sides {
        prefixes.append(
          try await side.open.engine.translationPrefix(
            from: command.from ?? "en", to: command.to ?? "fr", model: side.open.reference))
      }
    }
    self.prefixes = prefixes
  }

  /// Refuses sides of different families, and options that the family has no use for.
  private static func check(_ sides: [Side], _ command: Compare) throws(CommandError) {
    let first = sides[0].open
    let family = first.information.family
    for side in sides {
      try side.open.require(.causal, .masked, .seq2seq, for: "compare")
      guard side.open.information.family == family else {
        throw .wrongFamily(
          command: "compare", model: side.open.reference.description, family: side.open.information.family,
          expected: [family], hint: "all sides are of one family: the first, \(first.reference), decides")
      }
    }
    if family != .causal, let side = sides.first(where: { $0.option.prompt != nil }) {
      throw .badValue(
        option: "-m \(side.option.text)", expected: "prompt= only with a causal model",
        found: "\(CommandError.article(family)) model", hint: "leave prompt= out")
    }
    guard family == .seq2seq else {
      for (option, value) in [("--target", command.target), ("--from", command.from), ("--to", command.to)]
      where value != nil {
        throw .optionWithoutUse(option: option, model: first.reference.description, family: family)
      }
      return
    }
  }

  /// Whether the sides translate the text, instead of reading a target.
  func comparesTranslations(_ target: String?) -> Bool {
    target == nil && sides[0].open.information.family == .seq2seq
  }

  /// Translates a text with the beams of each side, and scores each translation under the others.
  func translations(of text: String) async throws -> ComparedTranslations {
    try await ComparedTranslations(sides, of: text, prefixes: prefixes, hasOneVocabulary: hasOneVocabulary)
  }

  /// Compares the sides over a text. If the work is interrupted, the result has the positions so far.
  func compare(
    _ text: String, _ target: String?, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> ComparisonResult {
    let family = sides[0].open.information.family
    if family == .seq2seq, target == nil {
      throw CommandError.engine(
        EngineError(
          .input, "no target", at: "the text", expected: "a target for an encoder-decoder model", found: "none",
          hint: #"write lines such as {"text": "How are you?", "target": "Comment vas-tu ?"}"#))
    }
    let compared = target ?? text
    var contexts: [ModelContext] = []
    var spans: [[TokenSpan]] = []
    var leading: [Int] = []
    let hasPrompts = sides.contains { $0.option.prompt != nil }
    for (index, side) in sides.enumerated() {
      var own = try await side.open.tokens(compared)
      var before: [Int] = []
      if hasPrompts {
        // The text has the same tokens on all sides: what the tokenizer puts before it belongs to the prompt.
        let added = own.prefix(while: \.isSpecial)
        own.removeFirst(added.count)
        before =
          if let prompt = side.option.prompt { try await side.open.tokens(prompt).map(\.token.id) } else {
            added.map(\.token.id)
          }
      }
      leading.append(before.count)
      let source =
        target == nil ? nil : try await side.open.tokens((prefixes.isEmpty ? "" : prefixes[index]) + text)
      contexts.append(
        ModelContext(
          model: side.open.reference, encoderIDs: source?.map(\.token.id), ids: before + own.map(\.token.id)))
      spans.append(own)
    }
    let hasOneText = spans.allSatisfy { $0.map(\.token.id) == spans[0].map(\.token.id) }
    guard hasOneVocabulary, hasOneText else {
      return try await score(
        contexts, leading, spans, of: Array(compared.utf8),
        notes: hasOneVocabulary ? ["the tokenizers cut this text differently, so only its bytes are compared"] : [],
        progress)
    }
    let request = ComparisonRequest(
      sides: sides.indices.map {
        ComparedSide(context: contexts[$0], leading: leading[$0], settings: sides[$0].settings)
      },
      topCount: sides[0].open.listed(topCount))
    let received = Mutex<[ComparedPosition]>([])
    var costs: [SideCost] = []
    var isInterrupted = false
    do {
      costs = try await sides[0].open.engine.compare(request) { part in
        received.withLock { $0 += part.positions }
        progress(part.fraction)
      }
    } catch {
      guard CommandError(error) == .interrupted else { throw error }
      isInterrupted = true
    }
    let positions = received.withLock { $0 }
    let masks =
      family == .masked && !isInterrupted
      ? try await ComparedMasks(
        sides, contexts, topK: max(topCount, Limits.defaultFillings), hasOneText: true) : nil
    let scores = sides.indices.map { side in
      var tokens = spans[side].map { ScoredToken(unpredicted: $0.token) }
      for position in positions { tokens[position.index] = position.readings[side] }
      return ScoreSummary(tokens, ranges: spans[side].map(\.range))
    }
    return ComparisonResult(
      names: sides.map(\.open.reference.description), hasOneVocabulary: hasOneVocabulary, positions: positions,
      scores: scores, costs: costs, stretches: nil, masks: masks, notes: [], isInterrupted: isInterrupted)
  }

  /// Scores a text under each side, for sides whose tokens can't be compared.
  private func score(
    _ contexts: [ModelContext], _ leading: [Int], _ spans: [[TokenSpan]], of text: [UInt8], notes: [String],
    _ progress: @escaping @Sendable (Double) -> Void
  ) async throws -> ComparisonResult {
    var scored: [[ScoredToken]] = []
    var costs: [SideCost] = []
    let clock = ContinuousClock()
    for (index, context) in contexts.enumerated() {
      let start = clock.now
      scored.append(
        try await sides[index].open.engine.score(ScoreRequest(context: context)) {
          progress((Double(index) + $0) / Double(contexts.count))
        }.suffix(context.ids.count - leading[index]).map(\.self))
      costs.append(SideCost(seconds: (clock.now - start) / .seconds(1), tokens: context.ids.count))
    }
    return ComparisonResult(
      names: sides.map(\.open.reference.description), hasOneVocabulary: hasOneVocabulary, positions: nil,
      scores: zip(scored, spans).map { ScoreSummary($0, ranges: $1.map(\.range)) }, costs: costs,
      stretches: TextStretch.common(of: zip(scored, spans).map { ($0, $1.map(\.range)) }, in: text),
      masks: sides[0].open.information.family == .masked
        ? try await ComparedMasks(
          sides, contexts, topK: max(topCount, Limits.defaultFillings), hasOneText: false) : nil,
      notes: notes, isInterrupted: false)
  }

  /// `{"sides": [{"model", "dtype", "settings", "weight_bytes"}], "timing": {"load_s", "tokens_per_s"}}`.
  func sidesJSON(_ costs: [SideCost]) -> JSONObject {
    let list = sides.map { side in
      var object: JSONObject = [
        "model": .text(side.open.reference.description),
        "dtype": .text(side.open.information.format?.rawValue),
        "weight_bytes": .whole(side.open.information.weightBytes),
      ]
      if let settings = side.settings { object["settings"] = .object(settings.json) }
      if let prompt = side.option.prompt { object["prompt"] = .text(prompt) }
      return object.followed(by: side.open.reference.changesJSON)
    }
    let timing: JSONObject = [
      "load_s": .array(sides.map { .double($0.open.information.loadSeconds) }),
      "tokens_per_s": .array(costs.map { .number($0.tokensPerSecond) }),
    ]
    return ["sides": .objects(list), "timing": .object(timing)]
  }
}

extension SideCost {
  /// The tokens that the model read in a second; `nil` if no time was measured.
  var tokensPerSecond: Double? { seconds > 0 ? Double(tokens) / seconds : nil }
}
