import Checkpoints
import EngineAPI
import Generation
import Models
import Sampling
import Tensors
import Tokenizers

extension EngineError {
  /// The work was cancelled.
  static let cancelled = EngineError(.interrupted, GenerationError.cancelled.facts, hint: nil)

  /// A tokenizer that can't be opened.
  init(_ error: TokenizerError) { self.init(.model, error.facts, hint: error.hint) }

  /// A model that can't be opened, or that can't read what it is given.
  init(_ error: ModelError) {
    let kind: Kind =
      switch error {
      case .emptyInput, .contextExceeded, .tokenOutOfRange: .input
      default: .model
      }
    self.init(kind, error.facts, hint: error.hint)
  }

  /// Text that can't be made or scored.
  init(_ error: GenerationError) {
    switch error {
    case .cancelled: self = .cancelled
    case .model(let error): self.init(error)
    case .flawedLogits: self.init(.model, error.facts, hint: error.hint)
    case .emptyPrompt, .promptTooLong, .noMask, .nothingLeft, .noSuchToken:
      self.init(.input, error.facts, hint: error.hint)
    case .strideOutOfRange: self.init(.usage, error.facts, hint: error.hint)
    }
  }

  /// Any of the errors above, or one that is an engine's already.
  init(any error: any Error) {
    switch error {
    case let error as EngineError: self = error
    case let error as ModelError: self.init(error)
    case let error as GenerationError: self.init(error)
    case let error as TokenizerError: self.init(error)
    case is CancellationError: self = .cancelled
    default: self.init(.resources, "unforeseen failure", at: "the engine", expected: "none", found: "\(error)")
    }
  }

  /// An error of these facts.
  init(_ kind: Kind, _ facts: (what: String, place: String, expected: String, found: String), hint: String?) {
    self.init(kind, facts.what, at: facts.place, expected: facts.expected, found: facts.found, hint: hint)
  }
}

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

extension NumberFormat {
  /// The format of a name.
  init(_ name: NumberFormatName) {
    switch name {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .q8: self = .q8
    case .q4: self = .q4
    }
  }
}

extension NumberFormatName {
  /// The name of a format.
  init(_ format: NumberFormat) {
    switch format {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .q8: self = .q8
    case .q4: self = .q4
    }
  }
}

extension CacheFormatName {
  /// The name of a format.
  init(_ format: KeyValueFormat) {
    switch format {
    case .f32: self = .f32
    case .bf16: self = .bf16
    }
  }
}

extension KeyValueFormat {
  /// The format of a name.
  init(_ name: CacheFormatName) {
    switch name {
    case .f32: self = .f32
    case .bf16: self = .bf16
    }
  }
}
