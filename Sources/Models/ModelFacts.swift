import Tensors

/// Sizes of an open model.
public struct ModelFacts: Sendable, Hashable {
  /// The number of token ids, which is the number of logits per row.
  public let vocabularySize: Int
  /// The number of token ids of the encoder's input. Differs from ``vocabularySize`` if encoder and decoder have
  /// separate vocabularies.
  public let sourceVocabularySize: Int
  /// The maximum number of positions of a sequence; `nil` if there is no limit (T5).
  public let contextLength: Int?
  /// The width of a hidden row.
  public let width: Int
  /// The number of layers; for an encoder-decoder model, of the decoder.
  public let layerCount: Int
  /// The number of weights; tied weights count once.
  public let parameterCount: Int
  /// The size of the packed weights in memory, in bytes.
  public let weightBytes: Int
  /// The storage format of keys and values.
  public let cacheFormat: CacheFormat
  /// What recorded passes drop; nothing in a model that is not trained.
  let dropout: DropoutRates

  /// Facts of these values.
  init(
    vocabularySize: Int, sourceVocabularySize: Int, contextLength: Int?, width: Int, layerCount: Int,
    parameterCount: Int, weightBytes: Int, cacheFormat: CacheFormat, dropout: DropoutRates
  ) {
    self.vocabularySize = vocabularySize
    self.sourceVocabularySize = sourceVocabularySize
    self.contextLength = contextLength
    self.width = width
    self.layerCount = layerCount
    self.parameterCount = parameterCount
    self.weightBytes = weightBytes
    self.cacheFormat = cacheFormat
    self.dropout = dropout
  }
}
