import JSONText

extension TokenizerParts {
  /// Reads a folder: tokenizer.json if it is there, else the older files of the class.
  init(folder: String) throws(TokenizerError) {
    let configuration = try TokenizerConfiguration(folder: folder)
    if let json = try TokenizerFiles.json("\(folder)/tokenizer.json") {
      try self.init(json: Field(json, "\(folder)/tokenizer.json"), configuration)
      return
    }
    let path = "\(folder)/vocab.json"
    if let vocabulary = try TokenizerFiles.json(path), let merges = try TokenizerFiles.bytes("\(folder)/merges.txt") {
      let rules = try TokenizerFiles.mergeLines(merges, path: "\(folder)/merges.txt")
      let kind = configuration.kind == .roberta ? TokenizerKind.roberta : .gpt2
      let parts = VocabularyParts(vocabulary: Field(vocabulary, path), merges: Field(rules, "\(folder)/merges.txt"))
      try self.init(kind, parts, configuration)
    } else if let lines = try TokenizerFiles.bytes("\(folder)/vocab.txt") {
      let table = try TokenizerFiles.vocabularyLines(lines, path: "\(folder)/vocab.txt")
      let field = Field(nil, "\(folder)/vocab.txt")
      try self.init(.bert, VocabularyParts(vocabulary: field, merges: field, table: table), configuration)
    } else if let bytes = try TokenizerFiles.bytes("\(folder)/spiece.model") {
      try self.init(.t5, try Self.sentencePiece(bytes, path: "\(folder)/spiece.model"), configuration)
    } else {
      throw .noTokenizer(folder: folder)
    }
  }

  private static func sentencePiece(_ bytes: [UInt8], path: String) throws(TokenizerError) -> VocabularyParts {
    let model = try SentencePieceModel(bytes, path: path)
    guard model.modelType == 1 else {
      throw .unsupported(part: "SentencePiece model", name: "type \(model.modelType)", path: path)
    }
    var normalizer: PrecompiledNormalizer?
    if let map = model.characterMap {
      normalizer = PrecompiledNormalizer(map)
      if normalizer == nil { throw .invalid(path: path, expected: "a character map", found: "other bytes") }
    }
    let control = model.pieces.filter { $0.type == 3 || $0.type == 4 }.map { piece in
      var token = AddedToken(special: "")
      token.content = piece.text
      token.special = piece.type == 3
      return token
    }
    let pieces = model.pieces.map { JSONValue.array([.string(ByteString($0.text)), .double($0.score)]) }
    return VocabularyParts(
      vocabulary: Field(.array(pieces), path), merges: Field(nil, path), characterMap: normalizer,
      controlTokens: control)
  }
}
