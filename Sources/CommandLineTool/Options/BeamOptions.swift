import ArgumentParser
import EngineAPI

/// The options of beam search.
struct BeamOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of beams (default: the model's, else 1, no beam search).", valueName: "n"),
    transform: OptionValue.integer("--num-beams", Limits.beams))
  var numBeams: Int?

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

/// The settings of a beam search: options over the model's defaults, checked against each other.
struct SearchPlan {
  let beams: Int
  let lengthPenalty: Double
  let earlyStopping: EarlyStopping
  /// Whether continuations are sampled.
  let isSampled: Bool
  /// The number of groups of beams.
  let groups: Int
  let diversityPenalty: Double

  /// Creates a plan. Options that were not given are `nil`.
  init(
    beams: Int, lengthPenalty: Double? = nil, earlyStopping: EarlyStopping? = nil, isSampled: Bool,
    groups: Int? = nil, diversityPenalty: Double? = nil, _ model: ModelInformation
  ) throws(CommandError) {
    self.beams = beams
    self.isSampled = isSampled && beams > 1
    self.lengthPenalty = lengthPenalty ?? model.defaultLengthPenalty ?? 1
    self.earlyStopping = earlyStopping ?? model.defaultEarlyStopping ?? .heuristic
    self.diversityPenalty = diversityPenalty ?? model.decoding.diversityPenalty ?? 0
    // Groups in the model's file are ignored without beams, as in transformers; groups given as an option are an error.
    self.groups = groups ?? (beams > 1 ? model.decoding.beamGroups ?? 1 : 1)
    guard self.groups > 1 else {
      guard diversityPenalty == nil else {
        throw .badValue(
          option: "--diversity-penalty", expected: "more than one group of beams", found: "\(self.groups)",
          hint: "give --num-beams and --num-beam-groups as well")
      }
      return
    }
    let place = (groups: "--num-beam-groups", penalty: "--diversity-penalty")
    guard beams % self.groups == 0 else {
      throw Self.misfit(
        isOption: groups != nil, place.groups, model, expected: "a divisor of \(beams), the number of beams",
        found: "\(self.groups)", hint: groups == nil ? "give --num-beam-groups 1 as well" : nil)
    }
    guard self.diversityPenalty > 0 else {
      throw Self.misfit(
        isOption: groups != nil, place.penalty, model, expected: "a number above 0, as groups are alike without",
        found: diversityPenalty ?? model.decoding.diversityPenalty == nil ? "none" : "\(self.diversityPenalty)",
        hint: "give \(place.penalty) 1 as well")
    }
    guard !isSampled else {
      if groups != nil {
        throw .conflict("\(place.groups) \(self.groups)", "sampling", reason: "groups of beams draw nothing")
      }
      throw Self.misfit(
        isOption: false, place.groups, model, expected: "1 where tokens are drawn (do_sample)",
        found: "\(self.groups)", hint: "give --temperature 0 or --num-beam-groups 1 as well")
    }
  }

  /// The request for a text by this search.
  /// - Parameter seed: the seed of the draws; `nil` where the best continuations are taken.
  func request(for text: TextRequest, returning count: Int, seed: UInt64?) -> BeamRequest {
    var request = BeamRequest(
      text, beams: beams, returned: count, lengthPenalty: lengthPenalty, earlyStopping: earlyStopping)
    request.seed = seed
    request.groups = groups
    request.diversityPenalty = diversityPenalty
    return request
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
