import Tensors

/// Sizes of an open model.
public struct ModelFacts: Sendable, Hashable {
  /// The number of logits a row, which is the number of ids that the model knows.
  public let vocabularySize: Int
  /// The most positions that a sequence may have, or `nil` where there is no such limit (T5).
  public let contextLength: Int?
  /// The width of a hidden row.
  public let width: Int
  /// The number of layers (of the decoder, where there are two stacks).
  public let layerCount: Int
  /// The number of weights, tied ones counted once.
  public let parameterCount: Int
  /// Bytes of the weights as packed in memory.
  public let weightBytes: Int
  /// What keys and values of sequences are kept as.
  public let cacheFormat: KeyValueFormat

  /// The facts of a model whose weights have just been loaded.
  init(vocabularySize: Int, contextLength: Int?, width: Int, layerCount: Int, _ weights: WeightLoader) {
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.width = width
    self.layerCount = layerCount
    parameterCount = weights.scope.elementCount
    weightBytes = weights.tally.packedBytes
    cacheFormat = weights.cacheFormat
  }
}
