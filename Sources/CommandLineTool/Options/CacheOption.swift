import ArgumentParser
import EngineAPI

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
