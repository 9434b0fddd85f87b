/// The allowed imports of each target, checked against every import line.
enum TargetTable {
  /// A row of the table.
  struct Target {
    let level: Int
    let imports: Set<String>

    init(_ level: Int, _ imports: Set<String> = []) {
      self.level = level
      self.imports = imports
    }
  }

  /// The Swift and C targets under `Sources`, by name.
  static let targets: [String: Target] = [
    "CKernels": Target(0),
    "CNCurses": Target(0),
    "CShortage": Target(0),
    "Platform": Target(0),
    "TerminalUI": Target(0, ["Yams"]),
    "Terms": Target(0),
    "JSONText": Target(1, ["Terms"]),
    "Sampling": Target(1, ["CKernels", "Terms"]),
    "Tensors": Target(1, ["CKernels", "Terms"]),
    "Metrics": Target(1, ["Terms"]),
    "CursesTerminal": Target(1, ["CNCurses", "CShortage", "TerminalUI"]),
    "Tokenizers": Target(2, ["JSONText", "Terms", "Collections"]),
    "Templates": Target(2, ["JSONText", "Terms"]),
    "Checkpoints": Target(2, ["CShortage", "JSONText", "Tensors", "Terms"]),
    "Layers": Target(2, ["Tensors", "Terms"]),
    "EngineAPI": Target(2, ["Sampling", "Terms"]),
    "Models": Target(3, ["Checkpoints", "JSONText", "Layers", "Sampling", "Tensors", "Terms"]),
    "Sessions": Target(3, ["EngineAPI", "JSONText", "Sampling", "TerminalUI", "Terms"]),
    "LocalFiles": Target(3, ["EngineAPI", "JSONText", "Sampling", "TerminalUI", "Terms", "Yams"]),
    "Corpora": Target(3, ["CShortage", "JSONText", "Terms", "Tokenizers"]),
    "TokenizerTraining": Target(3, ["JSONText", "Sampling", "Terms", "Tokenizers"]),
    "PlaygroundApp": Target(4, ["EngineAPI", "Sampling", "Sessions", "TerminalUI", "Collections"]),
    "Generation": Target(4, ["EngineAPI", "Models", "Sampling", "Tensors", "Terms", "Tokenizers", "Collections"]),
    "Training": Target(
      4,
      [
        "CKernels", "Checkpoints", "Corpora", "EngineAPI", "JSONText", "Metrics", "Models", "Templates", "Tensors",
        "Terms", "Tokenizers",
      ]),
    "PlaygroundRuntime": Target(
      5, ["EngineAPI", "LocalFiles", "PlaygroundApp", "Sessions", "TerminalUI", "Logging"]),
    "Inspection": Target(
      5, ["Checkpoints", "EngineAPI", "Generation", "Layers", "Models", "Sampling", "Tensors", "Terms"]),
    "Engines": Target(
      6,
      [
        "Checkpoints", "EngineAPI", "Generation", "Inspection", "JSONText", "Layers", "Models", "Sampling", "Templates",
        "Tensors", "Tokenizers", "Training",
      ]),
    "CommandLineTool": Target(
      5,
      [
        "Corpora", "EngineAPI", "JSONText", "LocalFiles", "PlaygroundApp", "Sampling", "Sessions", "TerminalUI",
        "TokenizerTraining", "Tokenizers", "ArgumentParser",
      ]),
    // Only the executable may import everything.
    "triptych": Target(
      7,
      [
        "ArgumentParser", "CShortage", "Checkpoints", "CommandLineTool", "CursesTerminal", "EngineAPI", "Engines",
        "LocalFiles",
        "Models", "PlaygroundApp", "PlaygroundRuntime", "Sampling", "TerminalUI",
      ]),
  ]

  /// The toolchain's modules that a target may import. Other targets use the C library only through `Platform`. The app
  /// consists of pure functions: it may use only the C library's mathematics (see `SourceRuleTests`), no files and no
  /// queues.
  static func systemModules(of target: String) -> Set<String> {
    if target == "EngineAPI" { return ["Swift"] }
    if target == "PlaygroundApp" { return ["Swift", "Platform"] }
    if target == "Platform" { return ["Glibc", "Musl", "Darwin"] }
    return ["Swift", "Foundation", "FoundationEssentials", "Platform", "Dispatch", "Synchronization"]
  }

  /// The package that a module belongs to.
  static func package(of module: String) -> String {
    ["DequeModule", "HeapModule", "OrderedCollections", "BitCollections", "HashTreeCollections"].contains(module)
      ? "Collections" : module
  }
}
