import Layers

/// What a decoder remembers of one sequence: the keys and values of the positions read so far, and for an
/// encoder-decoder model the encoded source.
///
/// A reference: a forward pass appends to it. It is not `Sendable`, so the compiler keeps a sequence in one place.
/// - A stream or beam branches with ``fork()``; forks share what they have in common.
/// - Going back is ``truncate(to:)``; what is read afterwards has the same bits as if the dropped part had never been
///   read.
public final class SequenceState {
  var cache: KeyValueCache
  /// Where the batches that begin with this sequence are laid out.
  let workspace = BatchWorkspace()

  /// The encoded source, of encoder-decoder models.
  public let encoder: EncoderState?

  init(cache: KeyValueCache, encoder: EncoderState? = nil) {
    self.cache = cache
    self.encoder = encoder
  }

  /// How many positions have been read.
  public var count: Int { cache.count }

  /// Bytes of its keys and values, those of the source included.
  public var cacheBytes: Int { cache.byteCount + (encoder?.cache.byteCount ?? 0) }

  /// A second sequence with the same past, independent from here on.
  public func fork() -> SequenceState { SequenceState(cache: cache.fork(), encoder: encoder) }

  /// Forgets all positions from `count` on.
  /// - Precondition: `0 <= count <= self.count`
  public func truncate(to count: Int) {
    precondition((0...self.count).contains(count), "cannot truncate \(self.count) positions to \(count)")
    cache.truncate(to: count)
  }
}

/// A source text as the decoder sees it: for each decoder layer the keys and values of the encoder's output, computed
/// once and shared by all beams, streams and forks.
public struct EncoderState: Sendable {
  /// Keys and values of the source positions, a layer of the cache for each layer of the decoder.
  let cache: KeyValueCache

  /// The number of source positions.
  public var count: Int { cache.count }
}
