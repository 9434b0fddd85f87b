import Layers

/// A source text as the decoder sees it: for each decoder layer the keys and values of the encoder's output, computed
/// once and shared by all beams, streams and forks.
public struct EncoderState: Sendable {
  /// Keys and values of the source positions, a layer of the cache for each layer of the decoder.
  let cache: KeyValueCache

  /// The number of source positions.
  public var count: Int { cache.count }
}
