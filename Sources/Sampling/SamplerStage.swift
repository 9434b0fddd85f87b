/// A stage of the sampler chain, named as on the command line, in the order of the chain. What each is stands in its
/// ``row``.
public enum SamplerStage: String, Sendable, Hashable, CaseIterable {
  /// Adds a bias to the logits of chosen ids.
  case logitBias = "logit-bias"
  /// Divides (or multiplies, where negative) the logits of ids that occurred in prompt or output (Keskar et al. 2019).
  case repetition
  /// Subtracts a constant from the logits of ids that occurred in the output.
  case presence
  /// Subtracts a multiple of the count of each id in the output.
  case frequency
  /// Penalizes ids that would continue a repetition, the more the longer it is (DRY, by llama.cpp's definition).
  case dry
  /// Removes each id that would complete an n-gram that stands in the text already.
  case noRepeatNGram = "no-repeat-ngram"
  /// Removes the end-of-text ids until the output has its minimum length.
  case minTokens = "min-tokens"
  /// Divides the logits by the temperature, which may follow the entropy.
  case temperature
  /// Keeps the ids whose logit is within n standard deviations of the highest one (Tang et al. 2024).
  case topNSigma = "top-n-sigma"
  /// Keeps the most probable ids up to a share of the entropy (top-H decoding, arXiv 2509.02510).
  case topH = "top-h"
  /// Keeps the k highest logits, ties of the last included (Fan et al. 2018).
  case topK = "top-k"
  /// Keeps the smallest set of most probable ids whose mass reaches p (Holtzman et al. 2020).
  case topP = "top-p"
  /// Keeps the ids at least p times as probable as the most probable one (Nguyen et al. 2024).
  case minP = "min-p"
  /// Keeps the ids whose surprise is nearest to the entropy, up to mass p (Meister et al. 2023).
  case typicalP = "typical-p"
  /// Keeps the ids of at least a probability (Hewitt et al. 2022).
  case epsilonCutoff = "epsilon-cutoff"
  /// Keeps the ids of at least a probability that falls with the entropy (Hewitt et al. 2022).
  case etaCutoff = "eta-cutoff"
  /// Now and then removes the most probable ids but one (XTC, by llama.cpp's definition).
  case xtc
  /// Keeps the ids below a surprise that follows the text's (mirostat 2; Basu et al. 2021).
  case mirostat

  /// The order in which the stages act unless the user chooses another.
  public static let defaultOrder: [SamplerStage] = allCases.filter(\.row.isStandard)
  /// The stages that change logits by what the text so far holds.
  public static let processors: [SamplerStage] = allCases.filter(\.isProcessor)

  /// The stage's row of the table.
  public var row: StageRow {
    guard let row = StageTable.byStage[self] else { preconditionFailure("stage \(rawValue) has no row") }
    return row
  }

  /// Whether the stage changes logits by what the text so far holds; such stages act in beam search too, and before
  /// the choice at temperature 0 wherever they stand.
  public var isProcessor: Bool { row.isProcessor }

  /// A short name for titles.
  public var letters: String { row.settings[0].letters }
}
