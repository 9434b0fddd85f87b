import Layers
import Tensors

/// The decoder state of one sequence: the keys and values of the positions read so far and, for an encoder-decoder
/// model, the encoded source.
///
/// A class, because a forward pass appends to it. It is not `Sendable`, so the compiler prevents concurrent use.
/// - A stream or beam branches with ``fork()``; forks share the storage of their common past.
/// - ``truncate(to:)`` goes back. Results after it have the same bits as if the removed positions had never been read.
public final class SequenceState {
  var cache: KeyValueCache
  /// For models with LongRoPE: the second reading of the text, with the frequencies of long texts.
  var long: LongText?
  /// The workspace of batches that begin with this sequence.
  let workspace = BatchWorkspace()

  /// The encoded source of an encoder-decoder model; otherwise `nil`.
  public let encoder: EncoderState?

  init(cache: KeyValueCache, encoder: EncoderState? = nil, long: LongText? = nil) {
    self.cache = cache
    self.encoder = encoder
    self.long = long
  }

  /// The number of positions read so far.
  public var count: Int { long?.ids.count ?? cache.count }

  /// The size of the keys and values, including those of the source, in bytes.
  public var cacheBytes: Int {
    cache.byteCount + (encoder?.cache.byteCount ?? 0) + (long?.state.cacheBytes ?? 0)
  }

  /// A new sequence with the same past that continues independently.
  public func fork() -> SequenceState {
    SequenceState(cache: cache.fork(), encoder: encoder, long: long?.fork())
  }

  /// Removes all positions from `count` on.
  /// - Precondition: `0 <= count <= self.count`
  public func truncate(to count: Int) {
    precondition((0...self.count).contains(count), "cannot truncate \(self.count) positions to \(count)")
    cache.truncate(to: count)
    long?.truncate(to: count)
  }
}

/// An encoded source text: for each decoder layer, the keys and values of the encoder's output. Computed once and
/// shared by all beams, streams and forks.
public struct EncoderState: Sendable {
  /// Keys and values of the source positions, with one cache layer per decoder layer.
  let cache: KeyValueCache
  /// The keys and values of each layer in single precision, if the source was read with a recorder; otherwise empty.
  var sources: [KeyValueSource] = []

  /// The state of an encoded source: each layer's keys and values of it.
  /// - Parameters:
  ///   - source: `[source, width]`
  ///   - cache: an empty cache with a layer for each layer of the decoder.
  ///   - layers: the cross-attention of each layer of the decoder.
  ///   - recorder: if present, the keys and values are also kept in single precision.
  ///   - keysAndValues: projects the source in one layer.
  init<CrossAttention>(
    source: Tensor, into cache: KeyValueCache, _ layers: [CrossAttention?], recorder: Recorder?,
    _ keysAndValues: (CrossAttention, Tensor) -> (keys: TensorColumns, values: TensorColumns)
  ) {
    var cache = cache
    for (layer, attention) in layers.enumerated() {
      guard let attention else { continue }
      let (keys, values) = keysAndValues(attention, source)
      cache.append(layer: layer, keys: keys, values: values)
      if recorder != nil { sources.append(KeyValueSource(keys: keys, values: values)) }
    }
    self.cache = cache
  }

  /// The number of source positions.
  public var count: Int { cache.count }

  /// The keys and values of a decoder layer in single precision, if they were kept.
  func source(_ layer: Int) -> KeyValueSource? { sources.isEmpty ? nil : sources[layer] }
}
