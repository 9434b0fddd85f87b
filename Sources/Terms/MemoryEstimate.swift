/// The memory that an open model needs, estimated without reading its weights.
public struct MemoryEstimate: Sendable, Hashable {
  /// Bytes of the packed weights in each number format that the model opens in.
  public var weights: [NumberFormat: Int]
  /// The format that the model opens in if no other is asked for.
  public var own: NumberFormat
  /// Bytes of the keys and values of one token in single precision; 0 for models that keep none.
  public var cachePerToken: Int
  /// The longest text in tokens; `nil` if there is no limit.
  public var contextLength: Int?

  /// An estimate of these values.
  public init(weights: [NumberFormat: Int], own: NumberFormat = .f32, cachePerToken: Int, contextLength: Int?) {
    self.weights = weights
    self.own = own
    self.cachePerToken = cachePerToken
    self.contextLength = contextLength
  }

  /// Bytes of the keys and values of a text of `tokens` tokens.
  public func cache(tokens: Int, _ format: CacheFormat = .f32) -> Int {
    let count = max(0, min(tokens, contextLength ?? tokens))
    let (bytes, overflow) = count.multipliedReportingOverflow(by: cachePerToken)
    return overflow ? .max : format == .f32 ? bytes : bytes / 2
  }

  /// Bytes of weights and cache; `nil` for a format that the model does not open in.
  public func bytes(_ format: NumberFormat, tokens: Int, cache: CacheFormat = .f32) -> Int? {
    guard let weights = weights[format] else { return nil }
    let (bytes, overflow) = weights.addingReportingOverflow(self.cache(tokens: tokens, cache))
    return overflow ? .max : bytes
  }

  /// The formats from the largest to the smallest.
  public var formats: [NumberFormat] {
    weights.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }.map(\.key)
  }
}
