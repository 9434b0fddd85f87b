import JSONText
import Terms
import Tokenizers

/// Trains a tokenizer from text. The result depends on the text and the recipe alone, not on the number of threads.
///
/// BPE and WordPiece have the vocabulary and merges that the trainers of the `tokenizers` library learn with the same
/// settings. (That library numbers the `##` characters of WordPiece in a random order, which decides between equally
/// frequent pairs. Here the order is that of the code points.)
public struct TokenizerTrainer {
  private let recipe: TokenizerRecipe
  private let pipeline: TokenizerPipeline
  private var counter: PieceCounter
  /// The bytes of text so far.
  public private(set) var bytes = 0

  /// Prepares the normalizer and pre-tokenizer of a recipe.
  /// - Throws: ``TokenizerTrainingError`` if its settings are out of range or contradict each other.
  public init(_ recipe: TokenizerRecipe) throws(TokenizerTrainingError) {
    try recipe.check()
    self.recipe = recipe
    pipeline = TokenizerPipeline(recipe)
    do throws(TokenizerError) {
      counter = PieceCounter(try Tokenizer(json: pipeline.untrained))
    } catch {
      throw TokenizerTrainingError(error.facts)
    }
  }

  /// Adds a text. Each line is a text of its own.
  /// - Parameter path: where the text comes from, for errors.
  /// - Throws: ``TokenizerTrainingError`` if the text is not UTF-8.
  public mutating func add(_ text: [UInt8], path: String) throws(TokenizerTrainingError) {
    bytes += text.count
    let invalid = text.withUnsafeBufferPointer { counter.add($0) }
    guard let invalid else { return }
    let line = 1 + text[..<invalid].lazy.filter { $0 == 0x0A }.count
    throw TokenizerTrainingError(
      "text is not UTF-8", at: "\(path) line \(line)", expected: "UTF-8", found: "other bytes",
      hint: "convert the file to UTF-8 first, for instance with iconv")
  }

  /// Learns the vocabulary.
  /// - Parameter progress: called now and then with the share that is done; returns whether to continue.
  /// - Returns: `nil` if `progress` ended it.
  /// - Throws: ``TokenizerTrainingError`` if there is no text, or the vocabulary is too small for the alphabet.
  public func train(progress: (Double) -> Bool) throws(TokenizerTrainingError) -> TrainedTokenizer? {
    let pieces = counter.pieces
    guard pieces.count > 0 else {
      throw TokenizerTrainingError("no text", at: "training files", expected: "text", found: "none")
    }
    let special = recipe.allSpecialTokens
    switch recipe.kind {
    case .bpe, .wordpiece:
      let isBPE = recipe.kind == .bpe
      let alphabet = Alphabet(pieces, byteCharacters: isBPE ? Tokenizer.byteCharacters : nil)
      let initial = isBPE ? Tokenizer.byteCharacters : recipe.initialAlphabet.unicodeScalars.map(\.value)
      let kept = alphabet.kept(initial: initial, limit: recipe.alphabetLimit)
      var trainer = PairTrainer(
        alphabet, specialTokens: special, kept: kept, prefix: isBPE ? "" : recipe.continuingPrefix)
      let first = trainer.vocabulary.count
      guard first <= recipe.vocabularySize else {
        throw .setting(
          "vocabulary size", expected: "at least \(first), the special tokens and the alphabet",
          found: "\(recipe.vocabularySize)", hint: isBPE ? nil : "limit the alphabet, or take a larger vocabulary")
      }
      var isStopped = false
      trainer.train(size: recipe.vocabularySize, minimumFrequency: recipe.minimumFrequency) { size in
        isStopped = !progress(Double(size - first) / Double(max(1, recipe.vocabularySize - first)))
        return !isStopped
      }
      if isStopped { return nil }
      return pipeline.trained(vocabulary: trainer.vocabulary, merges: isBPE ? trainer.merges : [])
    case .unigram:
      let trainer = UnigramTrainer(Alphabet(pieces, byteCharacters: nil), recipe: recipe)
      let room = recipe.vocabularySize - special.count
      guard let found = trainer.train(size: room, progress: progress) else { return nil }
      guard found.count <= room else {
        throw .setting(
          "vocabulary size", expected: "at least \(found.count + special.count), the special tokens and the characters",
          found: "\(recipe.vocabularySize)", hint: "clean rare characters from the text, or take a larger vocabulary")
      }
      let isSpecial = Set(special.map { Array($0.utf8) })
      return pipeline.trained(pieces: found.filter { !isSpecial.contains($0.text) })
    }
  }
}

/// A trained tokenizer: the contents of its files.
public struct TrainedTokenizer: Sendable {
  /// The contents of `tokenizer.json`.
  public let json: JSONValue
  /// The contents of `tokenizer_config.json`.
  public let configuration: JSONValue
  /// The number of tokens.
  public let size: Int
  /// The number of merges; 0 for models without merges.
  public let mergeCount: Int

  /// The tokenizer.
  /// - Throws: `TokenizerError` if special tokens contradict each other.
  public func opened() throws(TokenizerError) -> Tokenizer { try Tokenizer(json: json, configuration: configuration) }
}
