import Terms

/// The role of engines that can measure their speed.
public protocol Benchmarking: Engine {
  /// Measures the speed of a model. `progress` receives the completed fraction, 0…1.
  func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult
}

/// The parameters of a benchmark (`triptych bench`).
public struct BenchRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// Tokens of the input: prompt, masked input, or encoder input. `nil`: 512, or less if the context is shorter.
  public var promptTokens: Int?
  /// Tokens to decode.
  public var newTokens: Int
  /// Number of beams; encoder-decoder models only.
  public var beams: Int
  /// Number of sequences decoded together; causal models only.
  public var streams: Int
  /// Measured runs, after one warm-up run.
  public var runs: Int
  /// True to also measure single kernels against the machine's limits.
  public var kernels: Bool

  /// A request with the documented defaults.
  public init(
    model: ModelReference, promptTokens: Int? = nil, newTokens: Int = Limits.defaultMeasuredTokens, beams: Int = 1,
    streams: Int = 1,
    runs: Int = Limits.defaultRuns, kernels: Bool = false
  ) {
    self.model = model
    self.promptTokens = promptTokens
    self.newTokens = newTokens
    self.beams = beams
    self.streams = streams
    self.runs = runs
    self.kernels = kernels
  }
}

/// The minimum, median and maximum of a measurement over several runs.
public struct Spread: Sendable, Hashable {
  /// The minimum.
  public var min: Double
  /// The median (for an even count, the mean of the two middle values).
  public var median: Double
  /// The maximum.
  public var max: Double

  /// The spread of the given values; `nil` if there are none.
  public init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let middle = sorted.count / 2
    min = first
    max = last
    median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

/// The throughput of one kernel and the machine's limit.
public struct KernelFigure: Sendable, Hashable {
  /// The kernel's name and shape.
  public var name: String
  /// The measured throughput.
  public var value: Double
  /// The unit: `GB/s` or `GFLOP/s`.
  public var unit: String
  /// The machine's limit in the same unit, measured in the same run.
  public var limit: Double

  /// A figure with these values.
  public init(name: String, value: Double, unit: String, limit: Double) {
    self.name = name
    self.value = value
    self.unit = unit
    self.limit = limit
  }
}

/// The result of a benchmark.
public struct BenchResult: Sendable, Hashable {
  /// The measured model.
  public var model: ModelInformation
  /// Threads used by the engine.
  public var threads: Int
  /// The instruction set: `generic`, `avx2`, `avx512`, `neon`.
  public var instructionSet: String
  /// The peak resident set size of the process so far, in bytes.
  public var peakResidentBytes: Int
  /// The number format of the KV cache.
  public var cacheFormat: CacheFormat
  /// Bytes of one sequence's KV cache at the end of a run; `nil` for models that are not causal.
  public var cacheBytes: Int?
  /// Tokens of the input.
  public var promptTokens: Int?
  /// Prompt throughput, in tokens per second.
  public var promptTokensPerSecond: Spread?
  /// Decoding throughput, in tokens per second; `nil` for masked models.
  public var decodeTokensPerSecond: Spread?
  /// New tokens per second of total time, prompt included; `nil` for masked models.
  public var endToEndTokensPerSecond: Spread?
  /// Figures of single kernels; empty unless requested.
  public var kernels: [KernelFigure]

  /// A result with these values.
  public init(
    model: ModelInformation, threads: Int, instructionSet: String, peakResidentBytes: Int,
    cacheFormat: CacheFormat = .f32, cacheBytes: Int? = nil, promptTokens: Int? = nil,
    promptTokensPerSecond: Spread?,
    decodeTokensPerSecond: Spread?, endToEndTokensPerSecond: Spread?, kernels: [KernelFigure] = []
  ) {
    self.model = model
    self.threads = threads
    self.instructionSet = instructionSet
    self.peakResidentBytes = peakResidentBytes
    self.cacheFormat = cacheFormat
    self.cacheBytes = cacheBytes
    self.promptTokens = promptTokens
    self.promptTokensPerSecond = promptTokensPerSecond
    self.decodeTokensPerSecond = decodeTokensPerSecond
    self.endToEndTokensPerSecond = endToEndTokensPerSecond
    self.kernels = kernels
  }
}
