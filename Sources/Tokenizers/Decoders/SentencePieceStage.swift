/// Decodes as the classes of Marian and M2M-100 do in transformers: SentencePiece decodes each run of pieces between
/// special tokens by itself, and white space at both ends of the text is dropped.
struct SentencePieceStage: DecodingStage {
  /// What SentencePiece writes for its unknown piece.
  private static let unknownSurface = Array(" ⁇ ".utf8)
  static let visibleSpace = Array("▁".utf8)

  /// The pieces of the SentencePiece model. A token that isn't one of them is written as it is.
  struct Pieces: Sendable {
    var contains: @Sendable ([UInt8]) -> Bool
    /// The control pieces, which stand for no text.
    var control: Set<[UInt8]>
    var unknown: [UInt8]
  }

  let pieces: Pieces
  /// The contents of the special tokens, which are written as they are.
  let special: Set<[UInt8]>
  /// Whether a special token is followed by a space, and `▁` becomes a space in every token, not only in the model's
  /// pieces (Marian).
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
    if pieces.contains(token) {
      if pieces.control.contains(token) { return [] }
      if token == pieces.unknown {
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
    var rest = (heldSpace + text)[...]
    while !hasText, let space = Self.spaces.first(where: { rest.starts(with: $0) }) { rest.removeFirst(space.count) }
    var end = rest.endIndex
    while let space = Self.spaces.first(where: { rest[..<end].suffix($0.count).elementsEqual($0) }) {
      end -= space.count
    }
    heldSpace = Array(rest[end...])
    if rest.startIndex < end { hasText = true }
    return Array(rest[..<end])
  }

  /// White space as Python's `str.strip` has it, in UTF-8: Unicode's, and the four separators of ASCII.
  private static let spaces: [[UInt8]] =
    ([
      0x09...0x0D, 0x1C...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680,
      0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ] as [ClosedRange<UInt32>])
    .flatMap { $0 }.compactMap(Unicode.Scalar.init).map { Array(String($0).utf8) }
}
