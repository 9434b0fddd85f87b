import ArgumentParser
import EngineAPI
import LocalFiles

/// Which model, in which number format, on how many threads.
struct ModelOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customShort("m"), .customLong("model")],
    help: ArgumentHelp(
      "A bundled model's name or a folder in Hugging Face layout; NAME@FORMAT picks the number format.",
      valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("-m/--model"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The number format: f32, bf16, q8 or q4 (default: the folder's own if packed, else f32).", valueName: "format"),
    completion: .list(NumberFormatName.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--dtype", as: NumberFormatName.self))
  var dtype: NumberFormatName?

  @Option(
    name: [.customShort("t"), .customLong("threads")], parsing: .unconditional,
    help: ArgumentHelp("Threads that compute (default: the physical cores at hand).", valueName: "n"),
    transform: OptionValue.integer("-t/--threads", Limits.threads))
  var threads: Int?

  /// The model to use.
  func reference(default name: String) throws(CommandError) -> ModelReference {
    try Self.reference(model ?? name, dtype: dtype)
  }

  /// What `-m` names, in the format of `--dtype`, which may not contradict a format in the name.
  static func reference(_ name: String, dtype: NumberFormatName?) throws(CommandError) -> ModelReference {
    var reference = ModelReference(parsing: name)
    guard let dtype else { return reference }
    if reference.name != name, reference.format != dtype {
      throw .conflict("-m \(name)", "--dtype \(dtype.rawValue)", reason: nil)
    }
    reference.format = dtype
    return reference
  }
}

/// What a shell offers where a model is named: the bundled models, and folders.
enum ModelCompletion {
  /// The kind for the argument parser. The shells call the program for it, so new models are found without a new script.
  static let kind = CompletionKind.custom { _, _, prefix in
    let environment = ProcessEnvironment.current()
    return ModelFolders(BundledFolders(environment), environment: environment).completions(of: prefix)
  }
}

/// What decoders keep of the text that they have read.
struct CacheOption: ParsableArguments, Sendable {
  @Option(
    name: .customLong("cache-type"),
    help: ArgumentHelp(
      "Keys and values of the text read so far: f32, or bf16 in half the memory (default: f32).", valueName: "format"),
    completion: .list(CacheFormatName.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--cache-type", as: CacheFormatName.self))
  var type: CacheFormatName?
}

/// Guessing tokens ahead. The text is the same with and without.
struct SpeculationOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customLong("draft"), .customLong("model-draft")],
    help: ArgumentHelp("A smaller model with the same tokenizer guesses tokens ahead.", valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("--draft"))
  var draft: String?

  @Flag(help: "Tokens are guessed from repetitions in the text so far.")
  var promptLookup = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Guess at most n tokens at a time (default: 7).", valueName: "n"),
    transform: OptionValue.integer("--draft-max", Limits.guesses))
  var draftMax: Int?

  /// What the engine is asked for. A draft model computes in the number format that its name gives, else in f32.
  var speculation: Speculation {
    Speculation(
      looksUpPrompt: promptLookup, draft: draft.map { ModelReference(parsing: $0) },
      most: draftMax ?? Speculation.off.most)
  }

  /// The first option that was given, as written.
  var given: String? {
    draft.map { "--draft \($0)" } ?? (promptLookup ? "--prompt-lookup" : draftMax.map { "--draft-max \($0)" })
  }

  /// A limit of guesses needs something that guesses.
  func check() throws(CommandError) {
    guard draftMax != nil, draft == nil, !promptLookup else { return }
    throw .badValue(
      option: "--draft-max", expected: "--draft or --prompt-lookup beside it", found: "neither",
      hint: "name what guesses: --prompt-lookup, or --draft with a smaller model")
  }
}

/// The bundled models that commands use without `-m`.
enum DefaultModel {
  /// For text that goes on.
  static let causal = "storyteller"
  /// For gaps.
  static let masked = "cloze"
  /// For translation.
  static let seq2seq = "interpreter"
}
