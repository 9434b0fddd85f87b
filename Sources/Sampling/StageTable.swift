/// The stage table: one row per stage, in the order of the chain.
///
/// To add a stage, add a case to ``SamplerStage``, its values to ``SamplingSettings``, a row here, and a function to
/// ``Survivors`` with a test against reference values. Command line, configuration file, JSON, playground and help use
/// the row.
public enum StageTable {
  /// The rows, in the order of ``SamplerStage``.
  public static let rows = processors + filters
  /// The settings of all stages in the order of help and JSON: filters, processors, then lists.
  public static let settings = {
    let all = (filters + processors).flatMap(\.settings)
    return all.filter { $0.number(SamplingSettings(order: [])) != nil }
      + all.filter { $0.number(SamplingSettings(order: [])) == nil }
  }()

  static let byStage = Dictionary(rows.map { ($0.stage, $0) }, uniquingKeysWith: { first, _ in first })

  private static let whole = NumberBounds.whole(0...NumberBounds.most)

  private static let processors: [StageRow] = [
    StageRow(
      .logitBias, isProcessor: true,
      [
        StageSetting(
          "logit-bias", letters: "bias", .biases(\.logitBias), placeholder: "id=bias",
          help: "Add BIAS to the logit of token ID; may be repeated.")
      ],
      isOn: { !$0.logitBias.isEmpty },
      act: { survivors, settings, _ in survivors.add(settings.logitBias) }),
    StageRow(
      .repetition, isProcessor: true,
      [
        StageSetting(
          "repeat-penalty", aliases: ["repetition-penalty"], file: .init("repetition_penalty", actsWithoutDraws: true),
          letters: "rep", .number(\.repetitionPenalty), .above(0), step: 0.05, placeholder: "x",
          help: "Divides logits of tokens in prompt and output (default: 1, off).")
      ],
      isOn: { $0.repetitionPenalty != 1 && $0.repetitionPenalty > 0 },
      act: { survivors, settings, context in
        survivors.penalize(context.history.distinctIDs, by: settings.repetitionPenalty)
      }),
    StageRow(
      .presence, isProcessor: true,
      [
        StageSetting(
          "presence-penalty", letters: "pres", .number(\.presencePenalty), step: 0.1, placeholder: "x",
          help: "Subtracted from logits of tokens in the output (default: 0, off).")
      ],
      isOn: { $0.presencePenalty != 0 && !$0.presencePenalty.isNaN },
      act: { survivors, settings, context in survivors.subtractPresence(settings.presencePenalty, context.history) }),
    StageRow(
      .frequency, isProcessor: true,
      [
        StageSetting(
          "frequency-penalty", letters: "freq", .number(\.frequencyPenalty), step: 0.1, placeholder: "x",
          help: "Subtracted for each time a token occurs in the output (default: 0, off).")
      ],
      isOn: { $0.frequencyPenalty != 0 && !$0.frequencyPenalty.isNaN },
      act: { survivors, settings, context in survivors.subtractFrequency(settings.frequencyPenalty, context.history) }),
    StageRow(
      .dry, isProcessor: true, isStandard: false,
      [
        StageSetting(
          "dry-multiplier", letters: "dry", .number(\.dryMultiplier), .atLeast(0), step: 0.1, placeholder: "x",
          help: "Penalty of a token that continues a repetition (default: 0, off)."),
        StageSetting(
          "dry-base", letters: "dry-base", .number(\.dryBase), .atLeast(1), step: 0.05, placeholder: "x",
          help: "The factor by which DRY's penalty grows with each repeated token (default: 1.75)."),
        StageSetting(
          "dry-allowed-length", letters: "dry-len", .count(\.dryAllowedLength), whole, placeholder: "n",
          help: "Repetitions of up to n tokens are free of DRY's penalty (default: 2)."),
        StageSetting(
          "dry-penalty-last-n", letters: "dry-last", .count(\.dryPenaltyLastN), .whole(-1...NumberBounds.most),
          step: 16,
          placeholder: "n", help: "Look for repetitions in the last n tokens (default: -1, all)."),
        StageSetting(
          "dry-sequence-breaker", letters: "dry-break", .texts(\.drySequenceBreakers), placeholder: "string",
          help: "Text that ends a repetition for DRY; may be repeated; none: no text (default: newline, :, \", *)."),
      ],
      isOn: { $0.dryMultiplier > 0 && $0.dryBase >= 1 && $0.dryPenaltyLastN != 0 },
      act: { survivors, settings, context in survivors.penalizeRepetitions(settings, context.history) }),
    StageRow(
      .noRepeatNGram, isProcessor: true,
      [
        StageSetting(
          "no-repeat-ngram-size", file: .init("no_repeat_ngram_size", .cutBelow, actsWithoutDraws: true),
          letters: "ngram", .count(\.noRepeatNGramSize), whole, placeholder: "n",
          help: "Let no run of n tokens occur twice (default: 0, off).")
      ],
      isOn: { $0.noRepeatNGramSize > 0 },
      act: { survivors, settings, context in
        survivors.remove(context.history.idsCompletingNGrams(of: settings.noRepeatNGramSize))
      }),
    StageRow(
      .minTokens, isProcessor: true,
      [
        StageSetting(
          "min-tokens", file: .init("min_new_tokens", .cutBelow, actsWithoutDraws: true), letters: "min",
          .count(\.minTokens), whole, placeholder: "n", help: "No end of text before n tokens (default: 0, off).")
      ],
      isOn: { $0.minTokens > 0 },
      act: { survivors, settings, context in
        if context.history.outputCount < settings.minTokens { survivors.remove(context.history.endOfTextIDs) }
      }),
  ]

  private static let filters: [StageRow] = [
    StageRow(
      .temperature,
      [
        StageSetting(
          "temperature", aliases: ["temp"], file: .init("temperature"), letters: "T", .number(\.temperature),
          .atLeast(0), step: 0.05, placeholder: "x",
          help: "Divides the logits (default: 1); 0 takes the highest one."),
        StageSetting(
          "dynatemp-range", letters: "T-range", .number(\.dynatempRange), .atLeast(0), step: 0.05, placeholder: "x",
          help: "Let the temperature follow the entropy, up to x above or below (default: 0, off)."),
        StageSetting(
          "dynatemp-exp", aliases: ["dynatemp-exponent"], letters: "T-exp", .number(\.dynatempExponent), .atLeast(0),
          step: 0.1, placeholder: "x", help: "The exponent of the entropy in dynamic temperature (default: 1)."),
      ],
      isOn: { ($0.temperature != 1 || $0.dynatempRange > 0) && $0.temperature >= 0 },
      act: { survivors, settings, _ in
        if settings.dynatempRange > 0 {
          survivors.divide(
            byDynamic: settings.temperature, range: settings.dynatempRange, exponent: settings.dynatempExponent)
        } else {
          survivors.divide(by: settings.temperature)
        }
      }),
    StageRow(
      .topNSigma, isStandard: false,
      [
        StageSetting(
          "top-n-sigma", aliases: ["top-nsigma"], letters: "n-sigma", .number(\.topNSigma), .atLeast(0), step: 0.1,
          placeholder: "n", help: "Keep logits within n standard deviations of the highest (default: 0, off).")
      ],
      isOn: { $0.topNSigma > 0 },
      act: { survivors, settings, context in
        survivors.keepWithinDeviations(settings.topNSigma, least: context.least)
      }),
    StageRow(
      .topH, isStandard: false,
      [
        StageSetting(
          // transformers has no value that turns top-H off.
          "top-h", file: .init("top_h", bounds: .positiveShare), letters: "h", .number(\.topH), .share, step: 0.01,
          placeholder: "x",
          help: "Keep the most probable tokens up to this share of the entropy (default: 0, off).")
      ],
      isOn: { $0.topH > 0 },
      act: { survivors, settings, _ in survivors.keepEntropy(settings.topH) }),
    StageRow(
      .topK,
      [
        StageSetting(
          "top-k", file: .init("top_k"), letters: "k", .count(\.topK), whole, step: 5, placeholder: "k",
          help: "Keep the k highest logits, ties included (default: 0, off).")
      ],
      isOn: { $0.topK > 0 },
      act: { survivors, settings, context in survivors.keepHighest(max(settings.topK, context.least)) }),
    StageRow(
      .topP,
      [
        StageSetting(
          "top-p", file: .init("top_p", .cutAbove), letters: "p", .number(\.topP), .share, step: 0.01,
          placeholder: "p", help: "Keep the fewest tokens whose mass reaches p (default: 1, off).")
      ],
      isOn: { $0.topP < 1 },
      act: { survivors, settings, context in survivors.keepNucleus(settings.topP, least: context.least) }),
    StageRow(
      .minP,
      [
        StageSetting(
          "min-p", file: .init("min_p"), letters: "min-p", .number(\.minP), .share, step: 0.01, placeholder: "p",
          help: "Keep tokens at least p times as probable as the best (default: 0, off).")
      ],
      isOn: { $0.minP > 0 },
      act: { survivors, settings, context in survivors.keepAbove(share: settings.minP, least: context.least) }),
    StageRow(
      .typicalP,
      [
        StageSetting(
          "typical-p", aliases: ["typical"], file: .init("typical_p", .cutAbove), letters: "typ",
          .number(\.typicalP), .positiveShare, step: 0.01, placeholder: "p",
          help: "Keep tokens of typical surprise, up to mass p (default: 1, off).")
      ],
      isOn: { $0.typicalP < 1 },
      act: { survivors, settings, context in survivors.keepTypical(settings.typicalP, least: context.least) }),
    StageRow(
      .epsilonCutoff, isStandard: false,
      [
        StageSetting(
          "epsilon-cutoff", file: .init("epsilon_cutoff", .ignored), letters: "eps", .number(\.epsilonCutoff),
          .shareBelow1, step: 0.0001, decimals: 4, placeholder: "p",
          help: "Keep tokens of at least probability p (default: 0, off).")
      ],
      isOn: { $0.epsilonCutoff > 0 && $0.epsilonCutoff < 1 },
      act: { survivors, settings, context in
        survivors.keepAbove(probability: settings.epsilonCutoff, least: context.least)
      }),
    StageRow(
      .etaCutoff, isStandard: false,
      [
        StageSetting(
          "eta-cutoff", file: .init("eta_cutoff", .ignored), letters: "eta", .number(\.etaCutoff), .shareBelow1,
          step: 0.0001, decimals: 4, placeholder: "p",
          help: "Like epsilon-cutoff, with a threshold that falls as the entropy grows (default: 0, off).")
      ],
      isOn: { $0.etaCutoff > 0 && $0.etaCutoff < 1 },
      act: { survivors, settings, context in
        survivors.keepAbove(entropyScaled: settings.etaCutoff, least: context.least)
      }),
    StageRow(
      .xtc, isStandard: false,
      [
        StageSetting(
          "xtc-probability", letters: "xtc", .number(\.xtcProbability), .share, step: 0.05, placeholder: "p",
          help: "The probability that XTC removes all top choices but the least probable (default: 0, off)."),
        StageSetting(
          "xtc-threshold", letters: "xtc-t", .number(\.xtcThreshold), .share, step: 0.01, placeholder: "p",
          help: "The minimum probability of XTC's top choices (default: 0.1)."),
      ],
      isOn: { $0.xtcProbability > 0 },
      act: { survivors, settings, context in
        guard context.coin < settings.xtcProbability else { return }
        survivors.removeTopChoices(threshold: settings.xtcThreshold, least: context.least)
      }),
    StageRow(
      .mirostat, isStandard: false,
      [
        StageSetting(
          "mirostat-tau", aliases: ["mirostat-ent"], letters: "miro", .number(\.mirostatTau), .atLeast(0), step: 0.1,
          placeholder: "x", help: "Mirostat 2: steer the surprise to x bits per token (default: 0, off)."),
        StageSetting(
          "mirostat-eta", aliases: ["mirostat-lr"], letters: "miro-eta", .number(\.mirostatEta), .atLeast(0),
          step: 0.01,
          placeholder: "x", help: "How quickly mirostat 2 steers (default: 0.1)."),
      ],
      isOn: { $0.mirostatTau > 0 },
      act: { survivors, settings, context in
        survivors.keepBelow(surprise: context.history.surpriseBound(settings.mirostatTau, settings.mirostatEta))
      }),
  ]
}
