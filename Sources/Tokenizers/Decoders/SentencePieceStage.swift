/// Decodes as the classes of Marian and M2M-100 do in transformers: SentencePiece decodes each run of pieces between
/// special tokens by itself, and white space at both ends of the text is dropped.
struct SentencePieceStage: DecodingStage {
  /// What SentencePiece writes for its unknown piece.
  private static let unknownSurface = Array(" ⁇ ".utf8)
  static let visibleSpace = Array("▁".utf8)

  /// The pieces of the SentencePiece model. A token that isn't one of them is written as it is.
  struct Pieces: Sendable {
    var vocabulary: Vocabulary
    var controlIDs: Set<Int>
    var unknownID: Int
  }

  let pieces: Pieces
  /// The contents of the special tokens, which are written as they are.
  let special: Set<[UInt8]>
  /// Whether a special token is followed by a space, and `▁` is a space wherever it stands (Marian).
  let isMarian: Bool
  /// Whether a run's first `▁` is dropped (`add_dummy_prefix` or `remove_extra_whitespaces`).
  let dropsFirst: Bool
  /// Whether every `▁` before a run's first character is dropped (`remove_extra_whitespaces`).
  let dropsAll: Bool

  private var assembler = TokenAssembler()
  /// Whether nothing of the current run has been written yet.
  private var isRunStart = true
  private var hasText = false
  /// White space that is dropped if the text ends with it.
  private var heldSpace: [UInt8] = []

  init(pieces: Pieces, special: Set<[UInt8]>, isMarian: Bool, dropsFirst: Bool, dropsAll: Bool) {
    self.pieces = pieces
    self.special = special
    self.isMarian = isMarian
    self.dropsFirst = dropsFirst
    self.dropsAll = dropsAll
  }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    let text = strip(special.contains(token) ? specialText(token) : pieceText(token))
    return text.isEmpty ? [] : [DecodedFragment(bytes: text, endsToken: true)]
  }

  mutating func finish() -> [DecodedFragment] {
    isRunStart = true
    hasText = false
    heldSpace = []
    return []
  }

  private mutating func specialText(_ token: [UInt8]) -> [UInt8] {
    isRunStart = true
    return isMarian ? spaced(token) + [0x20] : token
  }

  private mutating func pieceText(_ token: [UInt8]) -> [UInt8] {
    var text = token
    if let id = pieces.vocabulary.id(of: token) {
      if pieces.controlIDs.contains(id) { return [] }
      if id == pieces.unknownID {
        isRunStart = false
        return Self.unknownSurface
      }
      if isRunStart, dropsFirst, text.starts(with: Self.visibleSpace) {
        text.removeFirst(Self.visibleSpace.count)
        if !dropsAll { isRunStart = false }
      }
      text = spaced(text)
    } else if isMarian {
      text = spaced(text)
    }
    if !text.isEmpty { isRunStart = false }
    return text
  }

  private func spaced(_ text: [UInt8]) -> [UInt8] { replaceAll(Self.visibleSpace, in: text, with: [0x20]) }

  /// Drops white space at the start of the text, and holds it back at the end.
  private mutating func strip(_ text: [UInt8]) -> [UInt8] {
    guard !text.isEmpty else { return [] }
    let all = heldSpace + text
    let (start, end) = all.withUnsafeBufferPointer { bytes in
      var start = 0
      while !hasText, start < bytes.count {
        let (code, length) = bytes.scalar(at: start)
        guard Self.isStripped(code) else { break }
        start += length
      }
      var end = bytes.count
      while end > start {
        let (code, length) = bytes.scalar(before: end)
        guard Self.isStripped(code) else { break }
        end -= length
      }
      return (start, end)
    }
    heldSpace = Array(all[end...])
    if start < end { hasText = true }
    return Array(all[start..<end])
  }

  /// White space as Python's `str.strip` has it: Unicode's, and the four separators of ASCII.
  private static func isStripped(_ code: UInt32) -> Bool {
    0x1C...0x1F ~= code || ScalarClass.isWhitespace(code)
  }
}
