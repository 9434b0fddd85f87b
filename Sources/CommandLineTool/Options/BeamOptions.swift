import ArgumentParser
import EngineAPI

/// The options of beam search.
struct BeamOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of beams (default: the model's, else 1, no beam search).", valueName: "n"),
    transform: OptionValue.integer("--num-beams", Limits.beams))
  var numBeams: Int?

  @OptionGroup var ranking: RankingOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Diverse beam search: beams run in n groups of equal size (default: the model's, else 1, off).", valueName: "n"),
    transform: OptionValue.integer("--num-beam-groups", Limits.groups))
  var numBeamGroups: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Subtracted from a token's score for each earlier group that chose it in the same step (default: the model's).",
      valueName: "x"),
    transform: OptionValue.number("--diversity-penalty", .above(0)))
  var diversityPenalty: Double?
}

/// How beam search ranks its hypotheses, and when it stops.
struct RankingOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A score is divided by length^x (default: the model's, else 1); above 0 favors longer texts.", valueName: "x"),
    transform: OptionValue.number("--length-penalty", .any))
  var lengthPenalty: Double?

  @Option(
    help: ArgumentHelp(
      "When to stop: true, false or never, as in transformers (default: the model's, else false).", valueName: "when"),
    completion: .list(EarlyStopping.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--early-stopping", as: EarlyStopping.self))
  var earlyStopping: EarlyStopping?
}

/// A beam search: options over the model's defaults, checked against each other. Its settings can be accessed directly,
/// as in `plan.beams`.
@dynamicMemberLookup
struct SearchPlan {
  /// How the search runs.
  let settings: BeamSearchSettings
  /// Whether continuations are sampled.
  let isSampled: Bool

  /// One of the settings.
  subscript<Value>(dynamicMember path: KeyPath<BeamSearchSettings, Value>) -> Value { settings[keyPath: path] }

  /// Creates a plan. Options that were not given are `nil`.
  init(
    beams: Int, _ ranking: RankingOptions?, isSampled: Bool,
    groups: Int? = nil, diversityPenalty: Double? = nil, _ model: ModelInformation
  ) throws(CommandError) {
    let defaults = model.decoding.beams
    var settings = BeamSearchSettings(
      beams: beams, lengthPenalty: ranking?.lengthPenalty ?? defaults.lengthPenalty ?? 1,
      earlyStopping: ranking?.earlyStopping ?? defaults.earlyStopping ?? .heuristic)
    settings.diversityPenalty = diversityPenalty ?? defaults.diversityPenalty ?? 0
    // Groups in the model's file are ignored without beams, as in transformers; groups given as an option are an error.
    settings.groups = groups ?? (beams > 1 ? defaults.groups ?? 1 : 1)
    self.settings = settings
    self.isSampled = isSampled && beams > 1
    guard settings.groups > 1 || diversityPenalty == nil else {
      throw .badValue(
        option: "--diversity-penalty", expected: "more than one group of beams", found: "\(settings.groups)",
        hint: "give --num-beams and --num-beam-groups as well")
    }
    let place = (groups: "--num-beam-groups", penalty: "--diversity-penalty")
    switch settings.groupProblem(isSampled: isSampled) {
    case nil: return
    case .indivisible:
      throw Self.misfit(
        isOption: groups != nil, place.groups, model, expected: "a divisor of \(beams), the number of beams",
        found: "\(settings.groups)", hint: groups == nil ? "give --num-beam-groups 1 as well" : nil)
    case .noPenalty:
      throw Self.misfit(
        isOption: groups != nil, place.penalty, model, expected: "a number above 0, without which all groups are equal",
        found: diversityPenalty ?? defaults.diversityPenalty == nil ? "none" : "\(settings.diversityPenalty)",
        hint: "give \(place.penalty) 1 as well")
    case .sampled:
      if groups != nil {
        throw .conflict("\(place.groups) \(settings.groups)", "sampling", reason: "groups of beams draw nothing")
      }
      throw Self.misfit(
        isOption: false, place.groups, model, expected: "1 if tokens are sampled (do_sample)",
        found: "\(settings.groups)", hint: "give --temperature 0 or --num-beam-groups 1 as well")
    }
  }

  /// The request for a text by this search.
  /// - Parameter seed: the seed for sampling; `nil` to take the best continuations.
  func request(for text: TextRequest, returning count: Int, seed: UInt64?) -> BeamRequest {
    BeamRequest(text, search: settings, returned: count, seed: seed)
  }

  /// The error for an inconsistent value: wrong usage if it comes from an option, a model error if it comes from the
  /// model's file.
  private static func misfit(
    isOption: Bool, _ option: String, _ model: ModelInformation, expected: String, found: String, hint: String?
  ) -> CommandError {
    if isOption { return .badValue(option: option, expected: expected, found: found, hint: hint) }
    let key = option.drop { $0 == "-" }.map { $0 == "-" ? "_" : String($0) }.joined()
    return .engine(
      EngineError(
        .model, "wrong value", at: "\(key) in generation_config.json of \(model.reference)", expected: expected,
        found: found, hint: hint))
  }
}

extension CommandError {
  /// The error for a model's file that asks for more sequences than beams.
  static func tooManySequences(in model: ModelInformation, beams: Int) -> CommandError {
    .engine(
      EngineError(
        .input, "more sequences than beams", at: "num_return_sequences of model '\(model.reference)'",
        expected: "at most \(beams), the number of beams", found: "\(model.decoding.beams.returned ?? 1)",
        hint: "give -N with a smaller number, or more beams with --num-beams"))
  }

  /// The error for more sequences than beams.
  static func tooManySequences(_ sequences: Int, beams: Int) -> CommandError {
    .badValue(
      option: "-N/--num-return-sequences", expected: "at most \(beams), the number of beams", found: "\(sequences)",
      hint: "give --num-beams \(sequences) as well")
  }
}
