import ArgumentParser
import EngineAPI
import LocalFiles

/// The model, its number format and the number of threads.
struct ModelOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customShort("m"), .customLong("model")],
    help: ArgumentHelp(
      "A bundled model's name, a folder in Hugging Face layout or a GGUF file; NAME@FORMAT picks the number format.",
      valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("-m/--model"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The number format: \(OptionValue.names(of: NumberFormat.self)) (default: the file's own, else f32).",
      valueName: "format"),
    completion: .list(NumberFormat.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--dtype", as: NumberFormat.self))
  var dtype: NumberFormat?

  @Option(name: .threads, parsing: .unconditional, help: .threads, transform: OptionValue.threads)
  var threads: Int?

  /// The model to use.
  func reference(default name: String) throws(CommandError) -> ModelReference {
    try Self.reference(model ?? name, dtype: dtype)
  }

  /// The model to use, for a family of which no model is bundled.
  /// - Parameter command: the command, for the error.
  func reference(for command: String, _ family: ModelFamily) throws(CommandError) -> ModelReference {
    guard let model else { throw .noModel(command: command, family: family) }
    return try Self.reference(model, dtype: dtype)
  }

  /// The model named by `-m` in the format of `--dtype`, which must not contradict a format in the name.
  static func reference(_ name: String, dtype: NumberFormat?) throws(CommandError) -> ModelReference {
    var reference = ModelReference(parsing: name)
    guard let dtype else { return reference }
    if reference.name != name, reference.format != dtype {
      throw .conflict("-m \(name)", "--dtype \(dtype.rawValue)", reason: nil)
    }
    reference.format = dtype
    return reference
  }
}

/// Shell completion of model names: the bundled models and folders.
enum ModelCompletion {
  /// The completion kind. The shell calls the program for each completion, so new models appear without a new script.
  static let kind = CompletionKind.custom { _, _, prefix in
    let environment = ProcessEnvironment.current()
    return ModelFolders(BundledFolders(environment), environment: environment).completions(of: prefix)
  }
}

/// The format of the key-value cache.
struct CacheOption: ParsableArguments, Sendable {
  @Option(
    name: .customLong("cache-type"),
    help: ArgumentHelp(
      "The format of the key-value cache: f32, or bf16 in half the memory (default: f32).", valueName: "format"),
    completion: .list(CacheFormat.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--cache-type", as: CacheFormat.self))
  var type: CacheFormat?
}

/// The options of speculative decoding, which does not change the text.
struct SpeculationOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customLong("draft"), .customLong("model-draft")],
    help: ArgumentHelp("A smaller model with the same tokenizer, which guesses tokens ahead.", valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("--draft"))
  var draft: String?

  @Flag(help: "Guess tokens from repetitions in the text so far.")
  var promptLookup = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Guess at most n tokens at a time (default: \(Limits.defaultGuesses)).", valueName: "n"),
    transform: OptionValue.integer("--draft-max", Limits.guesses))
  var draftMax: Int?

  /// The request to the engine. A draft model computes in the number format in its name, else in f32.
  var speculation: Speculation {
    Speculation(
      looksUpPrompt: promptLookup, draft: draft.map { ModelReference(parsing: $0) },
      most: draftMax ?? Speculation.off.most)
  }

  /// The first option that was given, as written.
  var given: String? {
    draft.map { "--draft \($0)" } ?? (promptLookup ? "--prompt-lookup" : draftMax.map { "--draft-max \($0)" })
  }

  /// Refuses `--draft-max` without a source of guesses.
  func check() throws(CommandError) {
    guard draftMax != nil, draft == nil, !promptLookup else { return }
    throw .badValue(
      option: "--draft-max", expected: "--draft or --prompt-lookup beside it", found: "neither",
      hint: "name a source of guesses: --prompt-lookup, or --draft with a smaller model")
  }
}

/// The bundled models used without `-m`.
enum DefaultModel {
  /// Continues text.
  static let causal = "storyteller"
  /// Fills masks.
  static let masked = "cloze"
  /// Translates.
  static let seq2seq = "interpreter"
}
