/// Byte-pair encoding (Sennrich et al. 2016): starts from characters or bytes and repeatedly applies the merge of
/// lowest rank.
struct BytePairModel: TokenModel {
  struct Options: Sendable {
    /// The id for characters outside the vocabulary. If `nil`, such characters are dropped.
    var unknownID: Int?
    /// Whether a run of unknown characters becomes a single token.
    var fusesUnknown = false
    /// Whether an unknown character becomes `<0x..>` tokens, one per byte, if all of them are in the vocabulary.
    var byteFallback = false
    /// Whether a piece that is in the vocabulary becomes one token without applying merges.
    var ignoresMerges = false
    /// The prefix, in the vocabulary, of every character except a word's first.
    var continuingPrefix: [UInt8] = []
    /// The suffix, in the vocabulary, of a word's last character.
    var wordSuffix: [UInt8] = []
  }

  let vocabulary: Vocabulary
  let merges: PairTable
  let options: Options

  /// Whether pieces are raw bytes instead of GPT-2's printable characters.
  private(set) var takesBytes = false

  /// The ids of each byte's printable character and of each byte's `<0x..>` token; -1 if missing.
  private let characterIDs: [Int32]
  private let fallbackIDs: [Int32]

  /// With `ignoresMerges`, the vocabulary keyed by raw bytes.
  private var plainVocabulary: Vocabulary?

  init(vocabulary: Vocabulary, merges: PairTable, options: Options) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.options = options
    characterIDs = ByteCharacters.codes.map { code in
      var character: [UInt8] = []
      character.append(scalar: code)
      return Int32(vocabulary.id(of: character) ?? -1)
    }
    fallbackIDs = byteTokenIDs(vocabulary)
  }

  /// Whether the model can take raw bytes instead of printable characters.
  var canTakeBytes: Bool { options.continuingPrefix.isEmpty && options.wordSuffix.isEmpty && !options.byteFallback }

  /// A copy of the model for pieces of raw bytes.
  func takingBytes() -> BytePairModel {
    var model = self
    model.takesBytes = true
    if options.ignoresMerges {
      var plain = Vocabulary(minimumCapacity: vocabulary.count)
      vocabulary.forEach { piece, id in
        if let bytes = ByteCharacters.decode(piece) { plain.set(bytes, id: id) }
      }
      model.plainVocabulary = plain
    }
    return model
  }

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    if options.ignoresMerges, let id = (plainVocabulary ?? vocabulary).id(of: piece) {
      tokens.append(ModelToken(id: id, start: 0, end: piece.count))
      return
    }
    var word = MergingWord(capacity: piece.count)
    if takesBytes { addBytes(piece, &word) } else { addCharacters(piece, &word) }
    word.merge(by: merges)
    word.forEach { id, start, end in tokens.append(ModelToken(id: Int(id), start: start, end: end)) }
  }

  private func addBytes(_ piece: TextBuffer, _ word: inout MergingWord) {
    var unknown = UnknownRun(options)
    for byte in piece {
      let id = characterIDs[Int(byte)]
      if id >= 0 {
        unknown.flush(&word)
        word.append(id, length: 1)
      } else {
        // The printable character of some bytes is two bytes long, but the piece holds the byte itself: length 1.
        unknown.add(length: 1, &word)
      }
    }
    unknown.flush(&word)
  }

  private func addCharacters(_ piece: TextBuffer, _ word: inout MergingWord) {
    var unknown = UnknownRun(options)
    var index = 0
    var key: [UInt8] = []
    while index < piece.count {
      let length = piece.scalar(at: index).length
      let range = index..<index + length
      let isPlain = options.continuingPrefix.isEmpty && options.wordSuffix.isEmpty
      let id: Int?
      if isPlain {
        id = vocabulary.id(of: TextBuffer(rebasing: piece[range]))
      } else {
        key = index > 0 ? options.continuingPrefix : []
        key.append(contentsOf: piece[range])
        if range.upperBound == piece.count { key.append(contentsOf: options.wordSuffix) }
        id = vocabulary.id(of: key)
      }
      if let id {
        unknown.flush(&word)
        word.append(Int32(id), length: length)
      } else if !addFallback(isPlain ? piece[range] : nil, key, &word) {
        unknown.add(length: length, &word)
      }
      index += length
    }
    unknown.flush(&word)
  }

  /// Adds one `<0x..>` token per byte; returns `false` if byte fallback is off or one of the tokens is missing.
  private func addFallback(_ plain: Slice<TextBuffer>?, _ key: [UInt8], _ word: inout MergingWord) -> Bool {
    guard options.byteFallback else { return false }
    let bytes = plain.map(Array.init) ?? key
    guard bytes.allSatisfy({ fallbackIDs[Int($0)] >= 0 }) else { return false }
    for byte in bytes { word.append(fallbackIDs[Int(byte)], length: 1) }
    return true
  }
}

/// A run of unknown characters. Like the reference, it is emitted when the next known character comes.
private struct UnknownRun {
  private let id: Int32?
  private let fuses: Bool
  private var length = 0

  init(_ options: BytePairModel.Options) {
    id = options.unknownID.map(Int32.init)
    fuses = options.fusesUnknown
  }

  mutating func add(length added: Int, _ word: inout MergingWord) {
    guard id != nil else { return }
    if !fuses { flush(&word) }
    length += added
  }

  mutating func flush(_ word: inout MergingWord) {
    if let id, length > 0 { word.append(id, length: length) }
    length = 0
  }
}
