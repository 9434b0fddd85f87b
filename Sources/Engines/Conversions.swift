import Checkpoints
import EngineAPI
import Generation
import Models
import Sampling
import Tensors
import Tokenizers

extension EngineError {
  /// Converts the error of a tokenizer.
  init(_ error: TokenizerError) { self.init(.model, error) }

  /// Converts any of the errors above. An `EngineError` is returned unchanged.
  init(any error: any Error) {
    switch error {
    case let error as EngineError: self = error
    case let error as ModelError: self.init(error)
    case let error as GenerationError: self.init(error)
    case let error as TokenizerError: self.init(error)
    case is CancellationError: self = .cancelled
    default: self.init(.resources, "unexpected failure", at: "the engine", expected: "none", found: "\(error)")
    }
  }
}

extension Limits {
  /// Checks the decoding defaults of a model's files against the limits of options.
  /// - Parameter place: the file, for the error.
  /// - Throws: `EngineError` with the file and the key.
  static func check(_ decoding: DecodingDefaults, of place: String) throws(EngineError) {
    let (length, beams) = (decoding.length, decoding.beams)
    let counts: [(key: String, value: Int?, most: Int)] = StageTable.settings.compactMap { setting in
      guard case .count(let path) = setting.storage, let key = setting.fileKey else { return nil }
      return (key.name, decoding.sampling[keyPath: path], most)
    }
    let rules: [(key: String, value: Int?, most: Int)] = RuleTable.settings.compactMap { setting in
      guard case .count(let path) = setting.storage else { return nil }
      return (setting.key, decoding.sampling.rules[keyPath: path], most)
    }
    let others: [(key: String, value: Int?, most: Int)] = [
      ("num_beams", beams.count, Self.beams.upperBound),
      ("num_return_sequences", beams.returned, Self.sequences.upperBound), ("max_length", length.maxLength, most),
      ("max_new_tokens", length.maxNewTokens, most), ("min_length", length.minLength, most),
    ]
    for (key, value, most) in others + rules + counts {
      guard let value, value > most else { continue }
      throw EngineError(
        .model, "invalid configuration", at: "\(place), \(key)", expected: "a whole number up to \(most)",
        found: "\(value)")
    }
  }
}
