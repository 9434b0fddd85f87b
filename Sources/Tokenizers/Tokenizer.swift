import JSONText
import Synchronization

/// Converts between text and token ids exactly as Hugging Face transformers 5 does for the same files.
///
/// Encoding is a pipeline: split off added tokens, normalize, pre-tokenize into pieces, tokenize each piece with the
/// model, post-process. Every token keeps its byte range in the original text.
public final class Tokenizer: Sendable {
  let normalizer: (any Normalizer)?
  let preTokenizer: (any PreTokenizer)?
  let model: any TokenModel
  let postProcessor: (any PostProcessor)?
  let decoder: Decoder
  let added: AddedVocabulary
  /// Whether a text may begin with the code of a language, `>>fra<<`, which is one token (Marian).
  let readsLeadingCode: Bool
  /// The value of ``stretching``, once computed.
  let knownStretching = Mutex<Known?>(nil)

  /// The tokens with a special role: beginning and end of text, mask, and so on.
  public let specialTokens: SpecialTokens

  /// Whether the model reads the segments of a pair (`token_type_ids` among `model_input_names`). Otherwise all tokens
  /// are in segment 0, whatever the template says.
  public let givesTypes: Bool

  /// A one-sentence warning about the files, for display: the parts of tokenizer.json that the tokenizer class
  /// overrides.
  public let notice: String?

  /// The languages that the tokenizer of a translation model names (`source_lang`, `target_lang`): codes of languages
  /// or of groups of them.
  public let languagePair: LanguagePair?

  /// The highest id plus one.
  public let vocabularySize: Int

  /// Opens the tokenizer of a model folder in Hugging Face layout: tokenizer.json, or else vocab.json with merges.txt
  /// or source.spm, vocab.txt or a SentencePiece file (tokenizer.model, spiece.model, sentencepiece.bpe.model).
  /// tokenizer_config.json, special_tokens_map.json and added_tokens.json are read if present.
  /// - Throws: ``TokenizerError`` if a file is missing, malformed or of an unsupported kind.
  public convenience init(folder: String) throws(TokenizerError) {
    self.init(try TokenizerParts(folder: folder))
  }

  /// Creates a tokenizer from the contents of tokenizer.json.
  /// - Parameter configuration: the contents of tokenizer_config.json.
  /// - Throws: ``TokenizerError``.
  public convenience init(json: JSONValue, configuration: JSONValue? = nil) throws(TokenizerError) {
    let configuration = try TokenizerConfiguration(settings: configuration)
    self.init(try TokenizerParts(json: Field(json, "tokenizer.json"), configuration))
  }

  init(_ parts: TokenizerParts) {
    var added = AddedVocabulary()
    added.splitsSpecialTokens = parts.splitsSpecialTokens
    let vocabulary = parts.model.vocabulary
    added.add(parts.addedTokens, vocabulary)
    added.prepare(parts.normalizer)
    added.add(parts.tokens.tokensToAdd(present: Set(added.idsByContent.keys)), vocabulary)
    added.prepare(parts.normalizer)

    let find = { (name: String) -> SpecialTokens.Token? in
      guard let content = parts.tokens.content(name), let id = added.id(of: content, vocabulary) else { return nil }
      return SpecialTokens.Token(id: id, content: String(decoding: content, as: UTF8.self))
    }
    specialTokens = SpecialTokens(find)
    switch parts.frame {
    case .processor(let processor): postProcessor = processor
    case .named(let first, let last, let pairs, let trimming, let addsLastOnce):
      let ids = { (name: String?) in name.flatMap(find).map { [$0.id] } ?? [] }
      var frame = TemplateProcessor(first: ids(first), last: ids(last), pairs: pairs)
      frame.addsLastOnce = addsLastOnce
      postProcessor = trimming.map { PostProcessorSequence(parts: [$0, frame]) } ?? frame
    }
    (preTokenizer, model) = Self.takingBytes(parts.preTokenizer, parts.model)
    normalizer = parts.normalizer
    decoder = parts.decoder
    notice = parts.notice
    languagePair = parts.languagePair
    readsLeadingCode = parts.readsLeadingCode
    givesTypes = parts.givesTypes
    self.added = added
    vocabularySize = max(vocabulary.idLimit, added.idLimit)
  }

  /// Fuses a final byte-level pre-tokenizer with a byte-pair model: instead of mapping bytes to printable characters
  /// and looking those up, the model takes the bytes themselves.
  private static func takingBytes(
    _ preTokenizer: (any PreTokenizer)?, _ model: any TokenModel
  ) -> ((any PreTokenizer)?, any TokenModel) {
    guard let pairs = model as? BytePairModel, pairs.canTakeBytes else { return (preTokenizer, model) }
    if var byteLevel = preTokenizer as? ByteLevelPreTokenizer {
      byteLevel.keepsBytes = true
      return (byteLevel, pairs.takingBytes())
    }
    if let sequence = preTokenizer as? PreTokenizerSequence, var last = sequence.parts.last as? ByteLevelPreTokenizer {
      last.keepsBytes = true
      return (PreTokenizerSequence(parts: sequence.parts.dropLast() + [last]), pairs.takingBytes())
    }
    return (preTokenizer, model)
  }

  /// The vocabulary's string for an id, with its `Ġ`, `##` or `▁`; `nil` for ids outside the vocabulary.
  public func piece(of id: Int) -> String? {
    pieceBytes(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  func pieceBytes(of id: Int) -> ArraySlice<UInt8>? {
    added.tokensByID[id].map { $0.content[...] } ?? model.vocabulary.piece(of: id)
  }

  /// The id of a vocabulary string, as ``piece(of:)`` returns it.
  public func id(of piece: String) -> Int? { added.id(of: Array(piece.utf8), model.vocabulary) }

  /// The pieces with this prefix and suffix, such as the language tokens `>>fra<<`: the text between the two, and the
  /// id.
  public func pieces(from prefix: String, to suffix: String) -> [(content: String, id: Int)] {
    let (prefix, suffix) = (Array(prefix.utf8), Array(suffix.utf8))
    return (0..<vocabularySize).compactMap { id in
      guard let piece = pieceBytes(of: id), piece.count > prefix.count + suffix.count, piece.starts(with: prefix),
        piece.suffix(suffix.count).elementsEqual(suffix)
      else { return nil }
      return (String(decoding: piece.dropFirst(prefix.count).dropLast(suffix.count), as: UTF8.self), id)
    }
  }

  /// The texts and ids of all added tokens, in the order of the ids.
  public var addedTokens: [(content: String, id: Int)] {
    added.tokensByID.sorted { $0.key < $1.key }.map { (String(decoding: $0.value.content, as: UTF8.self), $0.key) }
  }

  /// Whether a token is special, so that decoding with `skipSpecialTokens` omits it.
  public func isSpecial(_ id: Int) -> Bool {
    guard let token = added.tokensByID[id] else { return false }
    return added.specialContents.contains(token.content)
  }

  /// The bytes that a token stands for: exact for byte-level pieces and byte tokens, with `▁` replaced by a space, with
  /// `##` kept for WordPiece. Empty for ids outside the vocabulary.
  public func bytes(of id: Int) -> [UInt8] {
    if let token = added.tokensByID[id] { return token.content }
    guard let piece = model.vocabulary.piece(of: id) else { return [] }
    if decoder.isByteLevel { return ByteCharacters.decode(piece) ?? Array(piece) }
    if decoder.hasByteTokens, let byte = ByteFallbackStage.byte(piece) { return [byte] }
    if model is ByteModel { return ByteModel.byte(piece).map { [$0] } ?? Array(piece) }
    guard let space = decoder.visibleSpace else { return Array(piece) }
    return replaceAll(space, in: Array(piece), with: [0x20])
  }

  /// A hash over all ids and pieces. Equal vocabularies have equal fingerprints on every machine.
  public var fingerprint: UInt64 {
    // 64-bit FNV-1a (Fowler, Noll and Vo).
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    let add = { (byte: UInt8) in hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for id in 0..<vocabularySize {
      guard let piece = pieceBytes(of: id) else { continue }
      for shift in stride(from: 0, to: 32, by: 8) { add(UInt8(truncatingIfNeeded: id >> shift)) }
      piece.forEach(add)
      add(0xFF)
    }
    return hash
  }
}

/// The two languages of a translation model.
public struct LanguagePair: Sendable, Equatable {
  /// The language of its input.
  public var source: String
  /// The language of its output.
  public var target: String
}

/// The tokens with a special role, as tokenizer_config.json names them.
public struct SpecialTokens: Sendable, Equatable {
  /// A special token.
  public struct Token: Sendable, Equatable {
    /// The token's id.
    public var id: Int
    /// The token's text.
    public var content: String

    /// Creates a special token.
    public init(id: Int, content: String) {
      self.id = id
      self.content = content
    }
  }

  /// Beginning of text (`bos_token`).
  public var bos: Token?
  /// End of text (`eos_token`).
  public var eos: Token?
  /// Stands for text outside the vocabulary (`unk_token`).
  public var unk: Token?
  /// Pads a batch (`pad_token`).
  public var pad: Token?
  /// Represents a whole sequence for classification (`cls_token`).
  public var cls: Token?
  /// Separates two sequences (`sep_token`).
  public var sep: Token?
  /// Marks a position to fill (`mask_token`).
  public var mask: Token?

  /// The tokens that the model has, by their names in `tokenizer_config.json`.
  public var byName: [(name: String, token: Token)] {
    [
      ("bos_token", bos), ("eos_token", eos), ("unk_token", unk), ("pad_token", pad), ("cls_token", cls),
      ("sep_token", sep), ("mask_token", mask),
    ].compactMap { (name, token) in token.map { (name, $0) } }
  }

  /// No special tokens.
  public init() {}

  init(_ find: (String) -> Token?) {
    bos = find("bos_token")
    eos = find("eos_token")
    unk = find("unk_token")
    pad = find("pad_token")
    cls = find("cls_token")
    sep = find("sep_token")
    mask = find("mask_token")
  }
}
