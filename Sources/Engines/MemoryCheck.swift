import EngineAPI

/// Refuses, before weights are read, to open models that do not fit in memory.
enum MemoryCheck {
  /// The number of tokens whose keys and values must fit in memory in addition to the weights. Longer texts take more,
  /// but most are shorter than a model's limit.
  static let tokens = 2_048

  /// The error for a model that does not fit; `nil` if it does.
  /// - Parameters:
  ///   - free: free memory in bytes.
  ///   - cache: the format of keys and values.
  static func refusal(
    _ reference: ModelReference, _ estimate: MemoryEstimate, cache: CacheFormat, free: Int
  ) -> EngineError? {
    let formats = estimate.formats
    let asked = reference.format ?? estimate.own
    guard let bytes = estimate.bytes(asked, tokens: tokens, cache: cache), bytes > free else { return nil }
    let smaller = formats.first { format in
      estimate.bytes(format, tokens: tokens, cache: cache).map { $0 <= free && $0 < bytes } ?? false
    }
    let smallest = formats.last.flatMap { format in
      estimate.bytes(format, tokens: tokens, cache: cache).map { "\(format.rawValue) takes \(shown($0))" }
    }
    let hint =
      if let smaller, let own = estimate.bytes(smaller, tokens: tokens, cache: cache) {
        "in \(smaller.rawValue) it takes \(shown(own)): open it as \(ModelReference(reference.name, format: smaller))"
      } else {
        "no number format fits (\(smallest ?? "none is known")); close other programs, or use a smaller model"
      }
    return EngineError(
      .resources, "not enough memory", at: "model '\(reference.name)' in \(asked.rawValue)",
      expected: "at most \(shown(free)) of free memory",
      found: "\(shown(bytes)) for the weights and \(min(tokens, estimate.contextLength ?? tokens)) tokens", hint: hint)
  }

  /// A number of bytes with one decimal, `1.2 GB`.
  private static func shown(_ bytes: Int) -> String {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
    let (unit, size) = units.first { Double(bytes) >= $0.1 } ?? ("kB", 1e3)
    let tenths = Int((Double(bytes) / size * 10).rounded(.up))
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}
