import EngineAPI
import Models
import Sampling

extension Limits {
  /// Holds what a model's files ask for against the limits that options have.
  /// - Throws: `EngineError` with the file and the key.
  static func check(_ generation: GenerationConfiguration, folder: String) throws(EngineError) {
    let (length, beams) = (generation.length, generation.beams)
    let counts: [(key: String, value: Int?, most: Int)] = StageTable.settings.compactMap { setting in
      guard case .count(let path) = setting.storage, let key = setting.fileKey else { return nil }
      return (key.name, generation.sampling[keyPath: path], most)
    }
    let others: [(key: String, value: Int?, most: Int)] = [
      ("num_beams", beams.count, Self.beams.upperBound),
      ("num_return_sequences", beams.returned, Self.sequences.upperBound), ("max_length", length.maxLength, most),
      ("max_new_tokens", length.maxNewTokens, most), ("min_length", length.minLength, most),
      ("encoder_no_repeat_ngram_size", generation.sampling.rules.encoderNoRepeatNGramSize, most),
    ]
    for (key, value, most) in others + counts {
      guard let value, value > most else { continue }
      throw EngineError(
        .model, "invalid configuration", at: "\(folder)/\(generation.file), \(key)",
        expected: "a whole number up to \(most)",
        found: "\(value)")
    }
  }
}
