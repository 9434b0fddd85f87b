import JSONText

/// A vocabulary in the form in which it was read, for the classes that build their pipeline themselves.
struct VocabularyParts {
  /// An object from piece to id, or an array of pieces with scores.
  var vocabulary: Field
  /// Merge rules, for byte-pair encoding.
  var merges: Field
  /// SentencePiece's map of characters.
  var characterMap: PrecompiledNormalizer?
  /// The control and user-defined tokens of a SentencePiece model; `nil` when there was none.
  var controlTokens: [AddedToken]?
  /// A vocabulary that is already a table.
  var table: Vocabulary?

  init(
    vocabulary: Field, merges: Field, characterMap: PrecompiledNormalizer? = nil, controlTokens: [AddedToken]? = nil,
    table: Vocabulary? = nil
  ) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.characterMap = characterMap
    self.controlTokens = controlTokens
    self.table = table
  }

  /// The vocabulary as a table.
  func loadVocabulary() throws(TokenizerError) -> Vocabulary {
    if let table { table } else { try ModelLoading.vocabulary(vocabulary) }
  }
}
