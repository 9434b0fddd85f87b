// swift-tools-version: 6.2
import PackageDescription

// Each target imports only targets of a lower level. `Sources/README.md` describes the targets;
// `Tests/ArchitectureTests` checks every import line against this table.

/// Whether warnings are errors, as in `.ci/run`. Otherwise warnings of a newer compiler would break a user's build.
let isStrict = Context.environment["TRIPTYCH_STRICT"] != nil

let strict: [SwiftSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []

/// Settings of targets with hot loops (tokenizers, parsers, samplers, layers). They are optimized in debug builds too,
/// so that the tests are fast.
let hot: [SwiftSetting] = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Whether only the tests of readers and kernels are built, and what these need: for the sanitizers in `.ci/run`.
let isReadersOnly = Context.environment["TRIPTYCH_READERS"] != nil

/// Settings of the kernels. The compiler must not fuse or reorder floating-point operations, because results must have
/// the same bits everywhere. With the checks of sanitizers, -O3 would take many minutes for each instruction set.
let kernelSettings: [CSetting] =
  [.unsafeFlags([isReadersOnly ? "-O1" : "-O3", "-ffp-contract=off", "-fno-math-errno"])]
  + (isStrict ? [.treatAllWarnings(as: .error)] : [])

func target(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], resources: resources, swiftSettings: strict)
}

/// The fuzz targets: a short seeded test or, if `TRIPTYCH_FUZZER` is set, an executable for libFuzzer (see
/// `Tests/README.md`).
let fuzzing: [Target] = {
  let path = "Tests/FuzzTests"
  let readers: [Target.Dependency] = [
    "Checkpoints", "Corpora", "EngineAPI", "Engines", "JSONText", "LocalFiles", "Models", "Templates", "Tensors",
    "TerminalUI", "TestSupport", "Tokenizers", "Training",
  ]
  if Context.environment["TRIPTYCH_FUZZER"] != nil {
    return [
      .executableTarget(
        name: "fuzz", dependencies: readers, path: path, exclude: ["FuzzTests.swift"], swiftSettings: hot)
    ]
  }
  return [
    .testTarget(name: "FuzzTests", dependencies: readers, path: path, exclude: ["Fuzzer"], swiftSettings: hot)
  ]
}()

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "triptych",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "triptych", targets: ["triptych"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Level 0
    .target(
      name: "CKernels",
      cSettings: kernelSettings,
      linkerSettings: [.linkedLibrary("pthread", .when(platforms: [.linux]))]),
    .target(name: "CShortage", cSettings: isStrict ? [.treatAllWarnings(as: .error)] : []),
    .systemLibrary(name: "CNCurses", providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])]),
    target("Platform"),
    target("TerminalUI", ["Platform", yams], settings: hot),
    target("Terms"),
    // Level 1
    target("JSONText", ["Platform", "Terms"], settings: hot),
    target("Sampling", ["CKernels", "Terms"], settings: hot),
    target("Tensors", ["CKernels", "Terms"], settings: hot),
    .target(
      name: "CursesTerminal", dependencies: ["CNCurses", "CShortage", "TerminalUI"], swiftSettings: strict,
      linkerSettings: [
        .linkedLibrary("ncursesw", .when(platforms: [.linux])), .linkedLibrary("ncurses", .when(platforms: [.macOS])),
      ]),
    target("Metrics", ["Platform", "Terms"], settings: hot),
    // Level 2
    target("Tokenizers", ["JSONText", "Terms", heap], settings: hot),
    target("Templates", ["JSONText", "Platform", "Terms"], settings: hot),
    target("Checkpoints", ["CShortage", "JSONText", "Platform", "Tensors", "Terms"]),
    target("Layers", ["Platform", "Tensors", "Terms"], settings: hot),
    target("EngineAPI", ["Sampling", "Terms"]),
    // Level 3
    target("Models", ["Checkpoints", "JSONText", "Layers", "Platform", "Sampling", "Tensors", "Terms"], settings: hot),
    .target(
      name: "Sessions", dependencies: ["EngineAPI", "JSONText", "Platform", "Sampling", "TerminalUI", "Terms"],
      exclude: ["Session.schema.json"], swiftSettings: hot),
    target("LocalFiles", ["EngineAPI", "JSONText", "Platform", "Sampling", "TerminalUI", "Terms", yams]),
    target("Corpora", ["CShortage", "JSONText", "Platform", "Terms", "Tokenizers"], settings: hot),
    target("TokenizerTraining", ["JSONText", "Sampling", "Terms", "Tokenizers"], settings: hot),
    // Level 4
    target(
      "Training",
      [
        "CKernels", "Checkpoints", "Corpora", "EngineAPI", "JSONText", "Metrics", "Models", "Platform", "Templates",
        "Tensors", "Terms", "Tokenizers",
      ],
      settings: hot),
    target("PlaygroundApp", ["EngineAPI", "Platform", "Sampling", "Sessions", "TerminalUI"], settings: hot),
    target("Generation", ["EngineAPI", "Models", "Sampling", "Tensors", "Terms", "Tokenizers"], settings: hot),
    // Level 5
    target(
      "Inspection",
      [
        "Checkpoints", "EngineAPI", "Generation", "Layers", "Models", "Sampling", "Tensors", "Terms",
      ], settings: hot),
    target(
      "PlaygroundRuntime", ["EngineAPI", "LocalFiles", "Platform", "PlaygroundApp", "Sessions", "TerminalUI", logging]),
    target(
      "CommandLineTool",
      [
        "Corpora", "EngineAPI", "JSONText", "LocalFiles", "Platform", "PlaygroundApp", "Sampling", "Sessions",
        "TerminalUI", "TokenizerTraining", "Tokenizers", argumentParser,
      ]),
    // Level 6
    target(
      "Engines",
      [
        "Checkpoints", "EngineAPI", "Generation", "Inspection", "JSONText", "Layers", "Models", "Platform", "Sampling",
        "Templates", "Tensors", "Tokenizers", "Training",
      ]),
    // Level 7
    .executableTarget(
      name: "triptych",
      dependencies: [
        "CShortage", "CommandLineTool", "CursesTerminal", "EngineAPI", "Engines", "LocalFiles", "PlaygroundApp",
        "PlaygroundRuntime", "TerminalUI",
      ],
      swiftSettings: strict),

    // Tests
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "ScriptedSupport", dependencies: ["EngineAPI", "Platform", "Sampling", "TerminalUI"],
      path: "Tests/ScriptedSupport", swiftSettings: strict),
    .target(name: "AllocationCount", path: "Tests/AllocationCount"),
    .target(
      name: "WideKernels", dependencies: ["CKernels"], path: "Tests/WideKernels",
      cSettings: kernelSettings + [.headerSearchPath("../../Sources/CKernels")]),
    tests("ArchitectureTests", []),
    tests("JSONTextTests", ["JSONText"]),
    tests("TerminalUITests", ["AllocationCount", "ScriptedSupport", "TerminalUI"]),
    tests("KernelTests", ["CKernels", "Tensors", "WideKernels"]),
    tests("LayerTests", ["Checkpoints", "JSONText", "Layers", "Tensors"]),
    tests("TokenizerTests", ["Checkpoints", "Tokenizers", "JSONText"]),
    tests("MetricsTests", ["JSONText", "Metrics"]),
    tests("CorpusTests", ["Corpora", "JSONText", "Tokenizers"]),
    tests("TokenizerTrainingTests", ["JSONText", "TokenizerTraining", "Tokenizers"]),
    tests("TemplateTests", ["Templates", "JSONText"]),
    tests("SamplingTests", ["Sampling"]),
    tests("CheckpointTests", ["Checkpoints", "JSONText", "Tensors", "Terms"]),
    tests(
      "ModelTests",
      ["AllocationCount", "Checkpoints", "JSONText", "Layers", "Models", "Sampling", "Tensors", "Terms"]),
    tests(
      "GenerationTests",
      ["EngineAPI", "Generation", "JSONText", "Models", "Checkpoints", "Tensors", "Tokenizers", "Sampling"]),
    tests(
      "InspectionTests",
      ["Checkpoints", "EngineAPI", "Inspection", "JSONText", "Models", "Sampling", "Tensors", "Terms"]),
    tests("PlaygroundAppTests", ["PlaygroundApp", "EngineAPI", "Sessions", "TerminalUI", "ScriptedSupport"]),
    tests("SessionTests", ["EngineAPI", "JSONText", "Platform", "Sampling", "Sessions", "TerminalUI", "Terms"]),
    tests(
      "TrainingTests",
      ["CKernels", "Checkpoints", "EngineAPI", "JSONText", "Models", "Tensors", "Terms", "Tokenizers", "Training"]),
    tests("LocalFilesTests", ["EngineAPI", "JSONText", "LocalFiles", "TerminalUI"]),
    tests(
      "PlaygroundRuntimeTests", ["PlaygroundRuntime", "PlaygroundApp", "LocalFiles", "ScriptedSupport", "Sessions"]),
    tests("EngineTests", ["Engines", "EngineAPI", "Generation", "Models", "Platform"]),
    tests(
      "CommandLineTests",
      [
        "CommandLineTool", "EngineAPI", "Engines", "JSONText", "LocalFiles", "PlaygroundApp", "Sampling",
        "ScriptedSupport",
      ]),
    tests("WholeProgramTests", ["JSONText"]),
  ] + fuzzing,
  swiftLanguageModes: [.v6]
)

if isReadersOnly {
  var needed: Set<String> = []
  var open = [
    "FuzzTests", "JSONTextTests", "CheckpointTests", "CorpusTests", "TokenizerTests", "LocalFilesTests", "KernelTests",
  ]
  while let name = open.popLast() {
    guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else { continue }
    for case .byNameItem(let dependency, _) in target.dependencies { open.append(dependency) }
  }
  package.products = []
  package.targets.removeAll { !needed.contains($0.name) }
}
