import ArgumentParser
import EngineAPI

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
