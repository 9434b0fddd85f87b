import ArgumentParser
import EngineAPI
import JSONText
import Sampling

/// The options of beam search in commands that turn a text into another one: translations and summaries.
struct RewritingOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of beams (default: the model's, else \(Limits.defaultBeams)).", valueName: "n"),
    transform: OptionValue.integer("--num-beams", Limits.beams))
  var numBeams: Int?
  @Option(
    name: [.customShort("n"), .customLong("max-tokens"), .customLong("max-new-tokens")], parsing: .unconditional,
    help: ArgumentHelp(
      "At most this many tokens a result (default: the model's, else \(Limits.defaultTokens)).", valueName: "n"),
    transform: OptionValue.integer("-n/--max-tokens", Limits.tokens))
  var maxTokens: Int?
  @Option(
    name: [.customShort("N"), .customLong("num-return-sequences")], parsing: .unconditional,
    help: ArgumentHelp(
      "Candidates for each result (default: the model's, else the best as text, all beams in JSON).", valueName: "n"),
    transform: OptionValue.integer("-N/--num-return-sequences", Limits.beams))
  var returned: Int?
  @OptionGroup var ranking: RankingOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("List the k most probable tokens with each token, in JSON.", valueName: "k"),
    transform: OptionValue.integer("--top-logprobs", Limits.listed))
  var topLogprobs = 0
}

/// Turns texts into others by beam search, with options over a model's defaults.
struct Rewriter {
  private let open: OpenModel
  private let options: RewritingOptions
  private let processors: ProcessorOptions
  private let plan: SearchPlan
  /// The seed of the draws; `nil` where the best continuations are taken.
  let seed: UInt64?

  /// What the results depend on besides the model and the source.
  var json: JSONObject {
    var object: JSONObject = [
      "num_beams": .integer(plan.beams), "length_penalty": .double(plan.lengthPenalty),
      "early_stopping": plan.earlyStopping.json, "num_return_sequences": .integer(asked ?? plan.beams),
      "max_tokens": options.maxTokens.map { .integer($0) } ?? .null, "top_logprobs": .integer(options.topLogprobs),
    ]
    if let seed { object["seed"] = .integer(Int(clamping: seed)) }
    return object.followed(by: processors.applied(to: SamplingSettings()).rules.json)
  }

  /// Checks the options against each other and the model.
  /// - Parameter seed: returns the seed, if tokens are drawn.
  init(
    _ open: OpenModel, _ options: RewritingOptions, _ processors: ProcessorOptions, seed: () -> UInt64
  ) throws(CommandError) {
    let (model, defaults) = (open.information, open.information.decoding)
    let beams = options.numBeams ?? defaults.beams.count ?? Limits.defaultBeams
    try open.check(processors)
    if options.returned == nil, let count = defaults.beams.returned, count > beams {
      throw .tooManySequences(in: model, beams: beams)
    }
    let isDrawn = defaults.samples == true
    plan = try SearchPlan(
      beams: beams, options.ranking, isSampled: isDrawn,
      model)
    if let returned = options.returned, returned > beams {
      throw CommandError.badValue(
        option: "-N/--num-return-sequences", expected: "at most \(beams), the number of beams", found: "\(returned)",
        hint: "give --num-beams \(returned) as well")
    }
    self.seed = isDrawn ? seed() : nil
    self.open = open
    self.options = options
    self.processors = processors
  }

  /// The number of results asked for; `nil` where neither the options nor the model ask for several.
  var asked: Int? {
    options.returned ?? open.information.decoding.beams.returned.flatMap { $0 > 1 ? $0 : nil }
  }

  /// The best results for a source, best first, with the request that made them.
  /// - Parameters:
  ///   - ids: the encoder's input.
  ///   - begun: the ids that every result begins with.
  ///   - progress: receives the share of the tokens that have been made, 0…1.
  func rewrite(
    _ ids: [Int], after begun: [Int] = [], progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> (request: BeamRequest, result: BeamResult) {
    let (model, defaults) = (open.information, open.information.decoding)
    let limit = options.maxTokens ?? defaults.newTokens(after: 1) ?? Limits.defaultTokens
    guard limit > 0 else { throw model.nothingMayFollow(1) }
    var context = open.context(prompt: ids)
    context.ids += begun
    let text = TextRequest(
      context: context, settings: processors.applied(to: defaults.settings(after: 1)),
      maxTokens: limit, stopStrings: defaults.length.stopStrings,
      topCount: min(options.topLogprobs, model.vocabularySize ?? options.topLogprobs),
      maxSeconds: defaults.length.maxTime)
    let request = plan.request(for: text, returning: asked ?? plan.beams, seed: seed)
    return (request, try await open.engine.beamSearch(request) { progress(Double($0) / Double(limit)) })
  }
}
