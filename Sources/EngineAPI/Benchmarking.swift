import Terms

/// The role of measuring speed.
public protocol Benchmarking: Engine {
  /// Measures speed.
  func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult
}

/// What `triptych bench` measures.
public struct BenchRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// Tokens of the prompt (masked: of the input; encoder-decoder: of the encoder's input); `nil`: 512, or as many as the
  /// model's context leaves.
  public var promptTokens: Int?
  /// Tokens to decode.
  public var newTokens: Int
  /// Beams, of encoder-decoder models.
  public var beams: Int
  /// Sequences decoded together, of causal models.
  public var streams: Int
  /// Runs that count, after one warm-up.
  public var runs: Int
  /// Whether each kernel is measured beside the machine's limits.
  public var kernels: Bool

  /// A request with the contract's defaults.
  public init(
    model: ModelReference, promptTokens: Int? = nil, newTokens: Int = 64, beams: Int = 1, streams: Int = 1,
    runs: Int = 5,
    kernels: Bool = false
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

/// A figure over several runs.
public struct Spread: Sendable, Hashable {
  /// The lowest.
  public var min: Double
  /// The middle (the mean of the two middle ones of an even count).
  public var median: Double
  /// The highest.
  public var max: Double

  /// The spread of values; `nil` where there are none.
  public init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let middle = sorted.count / 2
    min = first
    max = last
    median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

/// One kernel's throughput beside the machine's limit.
public struct KernelFigure: Sendable, Hashable {
  /// The kernel's name and shape.
  public var name: String
  /// What it reached.
  public var value: Double
  /// The unit: `GB/s`, `GFLOP/s`.
  public var unit: String
  /// The machine's limit in the same unit, measured in the same run.
  public var limit: Double

  /// A figure.
  public init(name: String, value: Double, unit: String, limit: Double) {
    self.name = name
    self.value = value
    self.unit = unit
    self.limit = limit
  }
}

/// What was measured.
public struct BenchResult: Sendable, Hashable {
  /// The open model.
  public var model: ModelInformation
  /// How many threads the engine used.
  public var threads: Int
  /// The instruction set: `generic`, `avx2`, `avx512`, `neon`.
  public var instructionSet: String
  /// The largest resident size of the process so far, in bytes.
  public var peakResidentBytes: Int
  /// What sequences keep their keys and values as.
  public var cacheFormat: CacheFormat
  /// Bytes of one sequence's keys and values at the end of a run; `nil` for other than causal models.
  public var cacheBytes: Int?
  /// Tokens of the prompt.
  public var promptTokens: Int?
  /// Tokens of the prompt a second.
  public var promptTokensPerSecond: Spread?
  /// Tokens decoded a second; `nil` for masked models.
  public var decodeTokensPerSecond: Spread?
  /// New tokens over the whole time a second; encoder-decoder and causal models.
  public var endToEndTokensPerSecond: Spread?
  /// The kernels, where asked for.
  public var kernels: [KernelFigure]

  /// A result.
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
