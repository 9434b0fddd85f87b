import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Measures how quick a model runs here.
struct Bench: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Tokens a second of prompt and decoding, memory, and the kernels beside the machine's limits.",
    usage: "triptych bench [<options>]",
    discussion: """
      EXAMPLES
        triptych bench
        triptych bench -m ./gpt2 --prompt-tokens 512 -n 128 --threads 2
        triptych bench -m interpreter --num-beams 4 --json
        triptych bench --kernels

      Random token ids, no end of text; each figure over the runs, after one warm-up.
      Kernels: GB/s beside the memory's, GFLOP/s beside the multiply-adds' peak in f32.
      What lies in the caches, and 8-bit products, may exceed them.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Tokens of the prompt (default: 512, or what the context leaves).", valueName: "n"),
    transform: OptionValue.integer("--prompt-tokens", Limits.measuredTokens))
  var promptTokens: Int?
  @Option(
    name: [.customShort("n"), .customLong("max-tokens"), .customLong("max-new-tokens")], parsing: .unconditional,
    help: ArgumentHelp("Tokens to decode (default: 64).", valueName: "n"),
    transform: OptionValue.integer("-n/--max-tokens", Limits.measuredTokens))
  var maxTokens = 64
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Beams, of encoder-decoder models (default: 1).", valueName: "n"),
    transform: OptionValue.integer("--num-beams", Limits.beams))
  var numBeams = 1
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sequences decoded together, of causal models (default: 1).", valueName: "n"),
    transform: OptionValue.integer("--streams", Limits.streams))
  var streams = 1
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Runs that count (default: 5).", valueName: "n"),
    transform: OptionValue.integer("--runs", Limits.runs))
  var runs = 5
  @Flag(help: "Measure each kernel beside the machine's limits too.")
  var kernels = false
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal)
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
