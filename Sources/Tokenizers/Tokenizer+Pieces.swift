extension Tokenizer {
  /// Decodes pieces to a text, as `convert_tokens_to_string` of transformers does. The pieces need not be in the
  /// vocabulary.
  public func join(pieces: [String]) -> String {
    var pipeline = DecodingPipeline(decoder.stages)
    var bytes: [UInt8] = []
    for piece in pieces { bytes += pipeline.append(Array(piece.utf8)) }
    return String(decoding: bytes + pipeline.finish(), as: UTF8.self)
  }

  /// Whether pieces inside a word have a prefix, such as `##`, which shows where words begin.
  public var marksContinuations: Bool {
    switch model {
    case let model as WordPieceModel: !model.continuingPrefix.isEmpty
    case let model as BytePairModel: !model.options.continuingPrefix.isEmpty
    default: false
    }
  }
}
