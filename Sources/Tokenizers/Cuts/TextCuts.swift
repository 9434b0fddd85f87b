/// The positions at which a text can be cut so that tokenizing its parts independently gives the tokens of the whole.
///
/// A cut is before a single space between two letters: `once| upon`. Each step of the pipeline is analyzed: the result
/// of no step may depend on text beyond the cut. Letters that a step treats specially are excluded. If a step cannot be
/// analyzed, there are no cuts.
struct TextCuts: Sendable {
  /// The letters that can be on either side of the space.
  private(set) var letters: Set<UInt32>
  /// Membership of the letters below 128, as a bit set.
  private var asciiLetters: (UInt64, UInt64) = (0, 0)

  /// Letters of scripts that separate words by spaces and that normalizers map only to letters: no marks, no composed
  /// characters.
  private static let candidates: Set<UInt32> = {
    let ranges: [ClosedRange<UInt32>] = [
      0x41...0x5A, 0x61...0x7A, 0x391...0x3A1, 0x3A3...0x3A9, 0x3B1...0x3C9, 0x410...0x418, 0x41A...0x438,
      0x43A...0x44F, 0x5D0...0x5EA, 0x627...0x63A, 0x641...0x64A,
    ]
    return Set(ranges.joined())
  }()

  /// Determines the cuts of a tokenizer; `nil` if it has none.
  init?(_ tokenizer: Tokenizer) {
    letters = TextCuts.candidates
    guard let space = space(after: tokenizer.normalizer, 0x20), keepsWhole(tokenizer.added, space) else { return nil }
    var state = Pieces(space: space)
    guard follow(tokenizer.preTokenizer, &state), state.isSplit || keepsApart(tokenizer.model, state.space) else {
      return nil
    }
    guard !letters.isEmpty else { return nil }
    for letter in letters {
      if letter < 64 { asciiLetters.0 |= 1 << UInt64(letter) }
      if 64..<128 ~= letter { asciiLetters.1 |= 1 << UInt64(letter - 64) }
    }
  }

  /// Whether the text can be cut before the byte at `index`.
  @inline(__always) func isCut(_ text: TextBuffer, at index: Int) -> Bool {
    guard index > 0, index + 1 < text.count, text[index] == 0x20 else { return false }
    return isLetter(text.scalar(before: index).code) && isLetter(text.scalar(at: index + 1).code)
  }

  /// The first cut in a range of bytes.
  func first(_ text: TextBuffer, in range: Range<Int>) -> Int? { range.first { isCut(text, at: $0) } }

  @inline(__always) private func isLetter(_ code: UInt32) -> Bool {
    if code < 64 { return asciiLetters.0 >> UInt64(code) & 1 == 1 }
    if code < 128 { return asciiLetters.1 >> UInt64(code - 64) & 1 == 1 }
    return letters.contains(code)
  }

  private mutating func remove(_ code: UInt32) {
    letters.remove(code)
    guard let properties = Unicode.Scalar(code)?.properties else { return }
    for scalar in (properties.lowercaseMapping + properties.uppercaseMapping).unicodeScalars {
      letters.remove(scalar.value)
    }
  }

  // MARK: Normalizers

  /// The character that a space between two letters is normalized to; `nil` unless it stays one character and nothing
  /// else changes across it.
  private mutating func space(after normalizer: (any Normalizer)?, _ space: UInt32) -> UInt32? {
    switch normalizer {
    case nil: return space
    case let sequence as NormalizerSequence:
      var result: UInt32? = space
      for part in sequence.normalizers { result = result.flatMap { self.space(after: part, $0) } }
      return result
    case is UnicodeNormalizer, is LowercaseNormalizer, is StripAccentsNormalizer, is BertNormalizer: return space
    case is NmtNormalizer: return 0x20
    case let map as PrecompiledNormalizer:
      guard space == 0x20, map.keeps(0x20) else { return nil }
      letters = letters.filter(map.keeps)
      return space
    case let replace as ReplaceNormalizer: return self.space(after: replace, space)
    default: return nil
    }
  }

  private func space(after replace: ReplaceNormalizer, _ space: UInt32) -> UInt32? {
    var bytes: [UInt8] = []
    bytes.append(scalar: space)
    var isReplaced = false
    switch replace.pattern {
    case let string as StringCutter:
      // The needle must be spaces only, or ASCII that is neither a space nor one of the letters.
      let isSpaces =
        string.needle.count % bytes.count == 0
        && stride(from: 0, to: string.needle.count, by: bytes.count)
          .allSatisfy { string.needle[$0..<$0 + bytes.count].elementsEqual(bytes) }
      guard isSpaces || string.needle.allSatisfy({ $0 < 0x80 && $0 != 0x20 && !letters.contains(UInt32($0)) }) else {
        return nil
      }
      isReplaced = string.needle == bytes
    case let regex as RegexCutter:
      guard !regex.program.looksAround, letters.allSatisfy({ !regex.program.takes($0) }) else { return nil }
      bytes.withUnsafeBufferPointer { regex.matches($0, 0..<$0.count) { _ in isReplaced = true } }
    default: return nil
    }
    guard isReplaced else { return space }
    switch replace.content {
    case [0x20]: return 0x20
    case Array("▁".utf8): return 0x2581
    default: return nil
    }
  }

  // MARK: Added tokens

  /// Excludes letters at which an added token could match across a cut; `false` if that could happen at any letter.
  private mutating func keepsWhole(_ added: AddedVocabulary, _ space: UInt32) -> Bool {
    for (id, token) in added.tokensByID {
      let forms = [token.content] + (added.decodedContents[id].map { [$0] } ?? [])
      for form in forms {
        let scalars = String(decoding: form, as: UTF8.self).unicodeScalars.map(\.value)
        for (scalar, next) in zip(scalars, scalars.dropFirst()) where next == 0x20 || next == space { remove(scalar) }
        if token.stripsRight, let last = scalars.last { remove(last) }
        if token.singleWord, let first = scalars.first, first == 0x20 || first == space { return false }
      }
    }
    return true
  }

  // MARK: Pre-tokenizers

  /// What is known about the pieces at a cut while following the pre-tokenizers.
  private struct Pieces {
    /// The character that the space has become.
    var space: UInt32
    /// Whether a piece is certain to end at the cut.
    var isSplit = false
  }

  private mutating func follow(_ preTokenizer: (any PreTokenizer)?, _ state: inout Pieces) -> Bool {
    switch preTokenizer {
    case nil: return true
    case let sequence as PreTokenizerSequence:
      for part in sequence.parts { if !follow(part, &state) { return false } }
      return true
    case is BertPreTokenizer:
      guard state.isSplit || state.space == 0x20 else { return false }
      state.isSplit = true
    case let bytes as ByteLevelPreTokenizer:
      guard state.isSplit || state.space == 0x20 else { return false }
      if bytes.usePattern { state.isSplit = true }
      if !bytes.keepsBytes { state.space = ByteCharacters.codes[0x20] }
    case let metaspace as MetaspacePreTokenizer:
      guard state.isSplit || state.space == 0x20 || state.space == metaspace.replacement.value else { return false }
      if metaspace.split { state.isSplit = true }
      state.space = metaspace.replacement.value
    case let split as SplitPreTokenizer: return state.isSplit || follow(split, &state)
    default: return state.isSplit
    }
    return true
  }

  private mutating func follow(_ split: SplitPreTokenizer, _ state: inout Pieces) -> Bool {
    let coversAll = split.behavior == .isolated || split.behavior == .removed && split.invert
    switch split.cutter {
    case is WordCutter, is GPT2Cutter:
      guard state.space == 0x20, coversAll else { return false }
      state.isSplit = true
    case let characters as CharacterCutter:
      letters = letters.filter { !characters.isDelimiter($0) }
      guard characters.isDelimiter(state.space) else { return true }
      guard !split.invert, [.removed, .isolated, .mergedWithNext, .contiguous].contains(split.behavior) else {
        return false
      }
      state.isSplit = true
    case let string as StringCutter:
      var space: [UInt8] = []
      space.append(scalar: state.space)
      if string.needle == space {
        guard !split.invert, [.removed, .isolated, .mergedWithNext].contains(split.behavior) else { return false }
        state.isSplit = true
      } else {
        return !string.needle.contains { $0 >= 0x80 || $0 == space[0] || letters.contains(UInt32($0)) }
      }
    case let regex as RegexCutter:
      let program = regex.program
      if !program.looksAround, !program.takes(state.space), letters.allSatisfy({ !program.takes($0) }) { return true }
      guard coversAll, let kept = program.lettersApart(from: state.space, letters) else { return false }
      letters = kept
      state.isSplit = true
    default: return false
    }
    return true
  }

  // MARK: Models

  /// Whether the model never produces a token across a cut, given a piece that contains one.
  private mutating func keepsApart(_ model: any TokenModel, _ space: UInt32) -> Bool {
    guard let pairs = model as? BytePairModel, !pairs.takesBytes, !pairs.options.ignoresMerges,
      pairs.options.continuingPrefix.isEmpty, pairs.options.wordSuffix.isEmpty
    else { return false }
    var bytes: [UInt8] = []
    bytes.append(scalar: space)
    guard pairs.vocabulary.id(of: bytes) != nil else { return false }
    var ends: Set<UInt32> = []
    pairs.vocabulary.forEach { piece, _ in
      piece.withUnsafeBufferPointer { piece in
        var index = 1
        while index + bytes.count <= piece.count {
          if piece[index] == bytes[0], bytes.elementsEqual(piece[index..<index + bytes.count]) {
            ends.insert(piece.scalar(before: index).code)
          }
          index += 1
        }
      }
    }
    for letter in ends { remove(letter) }
    return true
  }
}
