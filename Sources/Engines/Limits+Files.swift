import EngineAPI
import Models

extension Limits {
  /// Holds what a model's files ask for against the limits that options have.
  /// - Throws: `EngineError` with the file and the key.
  static func check(_ generation: GenerationConfiguration, folder: String) throws(EngineError) {
    let (length, sampling, beams) = (generation.length, generation.sampling, generation.beams)
    let values: [(key: String, value: Int?, most: Int)] = [
      ("num_beams", beams.count, Self.beams.upperBound),
      ("num_return_sequences", beams.returned, Self.sequences.upperBound), ("max_length", length.maxLength, most),
      ("max_new_tokens", length.maxNewTokens, most), ("min_length", length.minLength, most),
      ("min_new_tokens", length.minNewTokens, most), ("top_k", sampling.topK, most),
      ("no_repeat_ngram_size", sampling.noRepeatNgramSize, most),
      ("encoder_no_repeat_ngram_size", generation.processors.encoderNoRepeatNgramSize, most),
    ]
    for (key, value, most) in values {
      guard let value, value > most else { continue }
      throw EngineError(
        .model, "invalid configuration", at: "\(folder)/\(generation.file), \(key)",
        expected: "a whole number up to \(most)",
        found: "\(value)")
    }
  }
}
