import JSONText

/// Creates models from the `model` section of tokenizer.json.
enum ModelLoading {
  /// Loads a model. If `type` is missing, the keys present determine it, tried in the reference's order.
  static func load(_ field: Field) throws(TokenizerError) -> any TokenModel {
    switch try type(field) {
    case "BPE": return try bytePair(field)
    case "WordPiece": return try wordPiece(field)
    case "WordLevel":
      let vocabulary = try self.vocabulary(field["vocab"])
      let unknown = try field["unk_token"].bytes()
      return WordLevelModel(vocabulary: vocabulary, unknownID: vocabulary.id(of: unknown))
    case "Unigram": return try unigram(field)
    case let other: throw .unsupported(part: "model", name: other, path: field.path)
    }
  }

  static func type(_ field: Field) throws(TokenizerError) -> String {
    if field["type"].exists { return try field["type"].string() }
    _ = try field.object()
    if field["vocab"].value?.array != nil { return "Unigram" }
    if field["merges"].exists { return "BPE" }
    return field["max_input_chars_per_word"].exists || field["continuing_subword_prefix"].exists
      ? "WordPiece" : "WordLevel"
  }

  /// Loads a vocabulary: an object from piece to id, or an array of pieces in the order of their ids.
  static func vocabulary(_ field: Field) throws(TokenizerError) -> Vocabulary {
    if let pieces = field.value?.array { return try vocabulary(pieces, path: field.path) }
    let object = try field.object()
    var vocabulary = Vocabulary(minimumCapacity: object.count)
    for member in object.members {
      guard let id = member.value.int, 0...Vocabulary.largestID ~= id else {
        throw .invalid(
          path: "\(field.path)[\"\(member.key)\"]", expected: "an id from 0 to \(Vocabulary.largestID)",
          found: member.value.int.map(String.init) ?? member.value.kind)
      }
      guard isValidUTF8(member.key.bytes) else {
        throw .invalid(path: field.path, expected: "Unicode text", found: "a lone surrogate in \"\(member.key)\"")
      }
      vocabulary.set(member.key.bytes, id: id)
    }
    return vocabulary
  }

  private static func vocabulary(_ pieces: [JSONValue], path: String) throws(TokenizerError) -> Vocabulary {
    var vocabulary = Vocabulary(minimumCapacity: pieces.count)
    for (id, value) in pieces.enumerated() {
      let piece = Field(value[0] ?? value, "\(path)[\(id)]")
      guard id <= Vocabulary.largestID else { throw piece.invalid("at most \(Vocabulary.largestID) pieces") }
      vocabulary.set(try piece.bytes(), id: id)
    }
    return vocabulary
  }

  private static func bytePair(_ field: Field) throws(TokenizerError) -> BytePairModel {
    let vocabulary = try self.vocabulary(field["vocab"])
    var options = BytePairModel.Options()
    options.fusesUnknown = try field["fuse_unk"].bool(default: false)
    options.byteFallback = try field["byte_fallback"].bool(default: false)
    options.ignoresMerges = try field["ignore_merges"].bool(default: false)
    if field["unk_token"].exists { options.unknownID = vocabulary.id(of: try field["unk_token"].bytes()) }
    if field["continuing_subword_prefix"].exists {
      options.continuingPrefix = try field["continuing_subword_prefix"].bytes()
    }
    if field["end_of_word_suffix"].exists { options.wordSuffix = try field["end_of_word_suffix"].bytes() }
    let merges = try MergeLoading.load(
      field["merges"], vocabulary: vocabulary, prefixLength: options.continuingPrefix.count)
    return BytePairModel(vocabulary: vocabulary, merges: merges, options: options)
  }

  private static func wordPiece(_ field: Field) throws(TokenizerError) -> WordPieceModel {
    let vocabulary = try self.vocabulary(field["vocab"])
    let unknown = field["unk_token"].exists ? try field["unk_token"].bytes() : Array("[UNK]".utf8)
    let prefix = field["continuing_subword_prefix"]
    return WordPieceModel(
      vocabulary: vocabulary, unknownID: try unknownID(unknown, vocabulary, path: field["unk_token"].path),
      continuingPrefix: prefix.exists ? try prefix.bytes() : Array("##".utf8),
      mostCharacters: try field["max_input_chars_per_word"].int(in: 0...Int(Int32.max), default: 100))
  }

  static func unknownID(_ piece: [UInt8], _ vocabulary: Vocabulary, path: String) throws(TokenizerError) -> Int {
    guard let id = vocabulary.id(of: piece) else {
      throw .missingToken(token: String(decoding: piece, as: UTF8.self), path: path)
    }
    return id
  }

  private static func unigram(_ field: Field) throws(TokenizerError) -> UnigramModel {
    let pieces = try unigramPieces(field["vocab"])
    var unknownID: Int?
    if field["unk_id"].exists {
      guard !pieces.isEmpty else { throw field["vocab"].invalid("at least one piece") }
      unknownID = try field["unk_id"].int(in: 0...(pieces.count - 1))
    }
    return UnigramModel(
      pieces: pieces, unknownID: unknownID, byteFallback: try field["byte_fallback"].bool(default: false))
  }

  /// Loads unigram pieces: an array of `[piece, score]`.
  static func unigramPieces(_ field: Field) throws(TokenizerError) -> [(piece: [UInt8], score: Double)] {
    guard let elements = field.value?.array else { throw field.invalid("an array of pieces and scores") }
    guard elements.count <= Vocabulary.largestID else { throw field.invalid("at most \(Vocabulary.largestID) pieces") }
    var pieces: [(piece: [UInt8], score: Double)] = []
    pieces.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      guard element.array?.count == 2, let piece = element[0]?.bytes, let score = element[1]?.double, !score.isNaN,
        isValidUTF8(piece)
      else {
        throw .invalid(path: "\(field.path)[\(index)]", expected: "a piece and its score", found: element.kind)
      }
      pieces.append((piece, score))
    }
    return pieces
  }
}

/// Reads the merge rules of byte-pair encoding.
enum MergeLoading {
  /// Loads an array of rules, each `"a b"` or `["a", "b"]`, in the order of their ranks.
  static func load(_ field: Field, vocabulary: Vocabulary, prefixLength: Int) throws(TokenizerError) -> PairTable {
    guard let rules = field.value?.array else { throw field.invalid("an array of merges") }
    var table = PairTable(minimumCapacity: rules.count)
    var joined: [UInt8] = []
    var rank = 0
    for (index, rule) in rules.enumerated() {
      switch rule {
      case .string(let text):
        if index == 0, text.bytes.starts(with: Array("#version".utf8)) { continue }
        let parts = text.bytes.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw invalid(field, index, "\"\(text)\"") }
        try add(parts[0], parts[1], rank, &table, vocabulary, prefixLength, &joined, field, index)
      case .array(let pair):
        guard pair.count == 2, let left = pair[0].bytes, let right = pair[1].bytes else {
          throw invalid(field, index, rule.kind)
        }
        try add(left[...], right[...], rank, &table, vocabulary, prefixLength, &joined, field, index)
      default: throw invalid(field, index, rule.kind)
      }
      rank += 1
    }
    return table
  }

  private static func invalid(_ field: Field, _ index: Int, _ found: String) -> TokenizerError {
    .invalid(path: "\(field.path)[\(index)]", expected: "two tokens", found: found)
  }

  private static func add(
    _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ rank: Int, _ table: inout PairTable,
    _ vocabulary: Vocabulary, _ prefixLength: Int, _ joined: inout [UInt8], _ field: Field, _ index: Int
  ) throws(TokenizerError) {
    joined.removeAll(keepingCapacity: true)
    joined.append(contentsOf: left)
    joined.append(contentsOf: right.dropFirst(prefixLength))
    let id = { (piece: ArraySlice<UInt8>) throws(TokenizerError) -> Int in
      guard let id = piece.withUnsafeBufferPointer({ vocabulary.id(of: $0) }) else {
        throw .missingToken(token: String(decoding: piece, as: UTF8.self), path: "\(field.path)[\(index)]")
      }
      return id
    }
    table.set(
      try id(left), try id(right), PairTable.Rule(rank: UInt32(rank), joined: Int32(try id(joined[...]))))
  }
}
