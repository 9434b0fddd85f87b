import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Measures the speed of a model.
struct Bench: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Speed in tokens a second, memory, and the kernels against the machine's limits.",
    usage: "triptych bench [<options>]",
    discussion: """
      EXAMPLES
        triptych bench
        triptych bench -m ./gpt2 --prompt-tokens 512 -n 128 --threads 2
        triptych bench -m interpreter --num-beams 4 --json
        triptych bench --kernels

      The prompt is random token ids, and end-of-text tokens do not end decoding.
      Each figure is over all runs, after one warm-up.
      Kernels: GB/s against the memory's, GFLOP/s against the peak of f32 multiply-adds.
      Data in the caches and 8-bit products may exceed these limits.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of the prompt (default: \(Limits.defaultMeasuredPrompt), or what the context leaves).", valueName: "n"),
    transform: OptionValue.integer("--prompt-tokens", Limits.measuredTokens))
  var promptTokens: Int?
  @Option(
    name: [.customShort("n"), .customLong("max-tokens"), .customLong("max-new-tokens")], parsing: .unconditional,
    help: ArgumentHelp("Tokens to decode (default: \(Limits.defaultMeasuredTokens)).", valueName: "n"),
    transform: OptionValue.integer("-n/--max-tokens", Limits.measuredTokens))
  var maxTokens = Limits.defaultMeasuredTokens
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Beams, for encoder-decoder models (default: 1).", valueName: "n"),
    transform: OptionValue.integer("--num-beams", Limits.beams))
  var numBeams = 1
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sequences decoded together, for causal models (default: 1).", valueName: "n"),
    transform: OptionValue.integer("--streams", Limits.streams))
  var streams = 1
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Measured runs (default: \(Limits.defaultRuns)).", valueName: "n"),
    transform: OptionValue.integer("--runs", Limits.runs))
  var runs = Limits.defaultRuns
  @Flag(help: "Also measure each kernel against the machine's limits.")
  var kernels = false
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal, changes)
    let open = try await run.open(reference, with: model, cache: cache.type)
    let progress = run.console.progress
    let result = try await open.engine.bench(
      BenchRequest(
        model: reference, promptTokens: promptTokens, newTokens: maxTokens, beams: numBeams, streams: streams,
        runs: runs, kernels: kernels)
    ) { progress.show("measuring", $0) }
    if outputForm == .object {
      try run.console.write(result.json(kernels: kernels))
    } else {
      for line in result.lines(run.console.ink) { try run.console.writeLine(line) }
    }
    return 0
  }
}

extension BenchResult {
  /// The object of the command-line contract.
  func json(kernels isWanted: Bool) -> JSONObject {
    var object: JSONObject = [
      "schema": 1, "model": .text(model.reference.description), "family": .text(model.family.rawValue),
      "dtype": .text(model.format?.rawValue), "threads": .integer(threads), "isa": .text(instructionSet),
      "load_s": .double(model.loadSeconds), "weight_bytes": .whole(model.weightBytes),
      "peak_rss_bytes": .integer(peakResidentBytes), "prompt_tokens_per_s": json(promptTokensPerSecond),
      "decode_tokens_per_s": json(decodeTokensPerSecond), "end_to_end_tokens_per_s": json(endToEndTokensPerSecond),
    ]
    if let promptTokens { object["prompt_tokens"] = .integer(promptTokens) }
    if let cacheBytes {
      object["cache_type"] = .text(cacheFormat.rawValue)
      object["cache_bytes"] = .integer(cacheBytes)
    }
    if isWanted {
      object["kernels"] = .objects(
        kernels.map {
          ["name": .text($0.name), "value": .double($0.value), "unit": .text($0.unit), "limit": .double($0.limit)]
        })
    }
    return object
  }

  /// The text output: what was measured, then the figures.
  func lines(_ ink: Ink) -> [String] {
    var facts = [
      model.reference.description.onOneLine, model.family.rawValue, model.format?.rawValue ?? "format not known",
      NumberText.counted(threads, "thread"), instructionSet,
      "loaded in \(NumberText.fixed(model.loadSeconds, decimals: 2)) s",
      "weights \(model.weightBytes.map(NumberText.bytes) ?? "not known")",
    ]
    if let cacheBytes { facts.append("cache \(NumberText.bytes(cacheBytes)) \(cacheFormat.rawValue)") }
    facts.append("peak memory \(NumberText.bytes(peakResidentBytes))")
    let first = facts.joined(separator: " · ")
    var speeds = Table([.left("tokens a second"), .right("median"), .right("lowest"), .right("highest")])
    for (name, spread) in [
      (promptTokens.map { "prompt of \($0)" } ?? "prompt", promptTokensPerSecond), ("decode", decodeTokensPerSecond),
      ("end to end", endToEndTokensPerSecond),
    ] {
      guard let spread else { continue }
      speeds.add([.init(name), figure(spread.median, .accent), figure(spread.min), figure(spread.max)])
    }
    guard !kernels.isEmpty else { return [first] + speeds.lines(ink) }
    var table = Table([.left("kernel"), .right("reached"), .right("limit"), .left("unit"), .right("share")])
    for kernel in kernels {
      table.add([
        .init(kernel.name), figure(kernel.value, .accent), figure(kernel.limit), .init(kernel.unit, .dim),
        .init("\(NumberText.fixed(100 * kernel.value / kernel.limit, decimals: 0)) %"),
      ])
    }
    return [first] + speeds.lines(ink) + [""] + table.lines(ink)
  }

  private func json(_ spread: Spread?) -> JSONValue {
    guard let spread else { return nil }
    return ["min": .double(spread.min), "median": .double(spread.median), "max": .double(spread.max)]
  }

  private func figure(_ value: Double, _ role: Role? = nil) -> Table.Cell {
    Table.Cell(NumberText.fixed(value, decimals: value < 100 ? 2 : 0), role)
  }
}
