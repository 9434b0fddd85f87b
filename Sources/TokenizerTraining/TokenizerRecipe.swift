import Sampling
/// What kind of tokenizer is trained, and its settings. The names are those of the `tokenizers` library.
public struct TokenizerRecipe: Sendable, Hashable {
  /// The kinds of models.
  public enum Kind: String, Sendable, CaseIterable {
    /// Byte-level byte-pair encoding, as GPT-2 has it (Radford et al. 2019).
    case bpe
    /// WordPiece, as BERT has it (Devlin et al. 2018).
    case wordpiece
    /// A unigram language model over pieces, as T5 has it (Kudo 2018).
    case unigram
  }

  /// A Unicode normalization form applied before anything else.
  public enum UnicodeForm: String, Sendable, CaseIterable {
    /// Composed characters.
    case nfc
    /// Composed characters, with compatible characters replaced.
    case nfkc
    /// No change.
    case none
  }

  /// The kind.
  public var kind: Kind
  /// The number of tokens, special tokens and alphabet included. A small text may give fewer.
  public var vocabularySize: Int
  /// A pair of pieces is merged only if it occurs at least this often (BPE and WordPiece).
  public var minimumFrequency = 0
  /// The special tokens; they get the first ids, in this order.
  public var specialTokens: [String]
  /// The most characters that the alphabet keeps, those that occur most often. The others become unknown (WordPiece).
  public var alphabetLimit: Int?
  /// Characters that are in the alphabet even if the text lacks them (WordPiece and Unigram).
  public var initialAlphabet = ""
  /// The prefix of pieces inside a word (WordPiece).
  public var continuingPrefix = "##"
  /// Whether text is lowercased.
  public var isLowercased: Bool
  /// The normalization form.
  public var unicodeForm = UnicodeForm.none
  /// Whether a space is put before a text that begins without one (BPE).
  public var addsPrefixSpace = false
  /// The token for text outside the vocabulary (WordPiece and Unigram). It is put before the special tokens if it is
  /// not among them.
  public var unknownToken: String
  /// The longest pieces, in characters (Unigram).
  public var longestPiece = 16
  /// The share of pieces that each pruning keeps (Unigram).
  public var shrinkingFactor = 0.75
  /// The number of EM iterations before each pruning (Unigram).
  public var iterations = 2
  /// The most pieces that the first model has (Unigram).
  public var seedSize = 1_000_000

  /// The settings that a kind usually has.
  public init(_ kind: Kind, vocabularySize: Int) {
    self.kind = kind
    self.vocabularySize = vocabularySize
    isLowercased = kind == .wordpiece
    switch kind {
    case .bpe:
      specialTokens = ["<|endoftext|>"]
      unknownToken = ""
    case .wordpiece:
      specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
      unknownToken = "[UNK]"
    case .unigram:
      specialTokens = ["<pad>", "</s>", "<unk>"]
      unknownToken = "<unk>"
      unicodeForm = .nfkc
    }
  }

  /// The largest vocabulary that can be trained.
  public static let vocabularySizes = 1...10_000_000
  /// The shares of pieces that a pruning can keep.
  public static let shrinkingFactors = NumberBounds.range(0.1...0.99)
  /// The lengths in characters to which pieces can be limited.
  public static let pieceLengths = 1...64
  /// The numbers of passes between two prunings.
  static let iterationCounts = 1...100

  /// The special tokens, with the unknown token among them, each once.
  var allSpecialTokens: [String] {
    let tokens = unknownToken.isEmpty || specialTokens.contains(unknownToken) ? [] : [unknownToken]
    return (tokens + specialTokens).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Throws if settings are out of range or contradict each other.
  func check() throws(TokenizerTrainingError) {
    guard Self.vocabularySizes.contains(vocabularySize) else {
      throw .setting(
        "vocabulary size", expected: "a number from 1 to \(Self.vocabularySizes.upperBound)",
        found: "\(vocabularySize)")
    }
    if specialTokens.contains("") {
      throw .setting("special tokens", expected: "texts", found: "an empty one")
    }
    let least = allSpecialTokens.count + (kind == .bpe ? 256 : 1)
    if vocabularySize < least {
      throw .setting(
        "vocabulary size",
        expected: "at least \(least)"
          + (kind == .bpe ? ": 256 bytes and the special tokens" : ": a character and the special tokens"),
        found: "\(vocabularySize)")
    }
    if let alphabetLimit, alphabetLimit < 1 {
      throw .setting("limit of the alphabet", expected: "at least 1", found: "\(alphabetLimit)")
    }
    if alphabetLimit != nil, kind != .wordpiece {
      throw .setting(
        "limit of the alphabet", expected: "a WordPiece tokenizer", found: kind.rawValue,
        hint: "byte-level BPE always has 256 bytes, and Unigram keeps all characters")
    }
    if kind == .unigram {
      for (what, value, bounds) in [
        ("shrinking factor", shrinkingFactor, Self.shrinkingFactors),
        ("longest piece", Double(longestPiece), .whole(Self.pieceLengths)),
        ("iterations", Double(iterations), .whole(Self.iterationCounts)),
      ] where !bounds.contains(value) {
        throw .setting(what, expected: bounds.words, found: "\(value)")
      }
    }
    if kind == .wordpiece, unknownToken.isEmpty {
      throw .setting("unknown token", expected: "a token", found: "none")
    }
  }
}
