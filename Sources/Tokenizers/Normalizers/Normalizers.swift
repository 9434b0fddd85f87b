/// Rewrites text before it is split into pieces.
protocol Normalizer: Sendable {
  /// Rewrites the text and keeps its alignment with the original.
  func normalize(_ text: inout AlignedText)
}

/// Applies normalizers in order.
struct NormalizerSequence: Normalizer {
  let normalizers: [any Normalizer]

  func normalize(_ text: inout AlignedText) {
    for normalizer in normalizers { normalizer.normalize(&text) }
  }
}

/// BERT's normalization (Devlin et al. 2018): removes control characters, puts spaces around CJK ideographs, strips
/// accents, lowercases.
struct BertNormalizer: Normalizer {
  let cleanText: Bool
  let handleChineseCharacters: Bool
  let stripAccents: Bool
  let lowercase: Bool

  /// - Parameter stripAccents: `nil` means the same as `lowercase`.
  init(cleanText: Bool, handleChineseCharacters: Bool, stripAccents: Bool?, lowercase: Bool) {
    self.cleanText = cleanText
    self.handleChineseCharacters = handleChineseCharacters
    self.stripAccents = stripAccents ?? lowercase
    self.lowercase = lowercase
  }

  func normalize(_ text: inout AlignedText) {
    if cleanText { clean(&text) }
    if handleChineseCharacters { isolateIdeographs(&text) }
    if stripAccents { strip(&text) }
    if lowercase { LowercaseNormalizer().normalize(&text) }
  }

  private func clean(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ 0x20..<0x7F ~= $0 }) { return }
    text.rewrite { code, range, output in
      if code == 0xFFFD || ScalarClass.isBertControl(code) { return }
      if ScalarClass.isWhitespace(code) { output.append(0x20, for: range) } else { output.copy(range) }
    }
  }

  private func isolateIdeographs(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0xE3 }) { return }
    text.rewrite { code, range, output in
      let isIdeograph = ScalarClass.isChinese(code)
      if isIdeograph { output.append(0x20, for: range) }
      output.copy(range)
      if isIdeograph { output.append(0x20, for: range) }
    }
  }

  private func strip(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0x80 }) { return }
    UnicodeNormalizer(form: .nfd).normalize(&text)
    text.rewrite { code, range, output in
      if !ScalarClass.isNonspacingMark(code) { output.copy(range) }
    }
  }
}

/// Lowercases each character by its full mapping, without context: `İ` becomes two characters, and a final sigma has no
/// special rule.
struct LowercaseNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0x80 && !(0x41...0x5A ~= $0) }) { return }
    text.rewrite { code, range, output in
      if code < 0x80 {
        if 0x41...0x5A ~= code { output.append(code + 32, for: range) } else { output.copy(range) }
        return
      }
      guard let scalar = Unicode.Scalar(code), scalar.properties.changesWhenLowercased else {
        return output.copy(range)
      }
      for lower in scalar.properties.lowercaseMapping.unicodeScalars { output.append(lower.value, for: range) }
    }
  }
}

/// Removes all combining marks.
struct StripAccentsNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0xCC }) { return }
    text.rewrite { code, range, output in
      if !ScalarClass.isMark(code) { output.copy(range) }
    }
  }
}

/// The normalization of Google's neural machine translation: drops control characters and maps separators to spaces.
struct NmtNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    text.rewrite { code, range, output in
      switch code {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: break
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        output.append(0x20, for: range)
      default: output.copy(range)
      }
    }
  }
}

/// Replaces every byte by its printable character (``ByteCharacters``).
struct ByteLevelNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    let old = text
    text.rewrite { code, range, output in
      for index in range { output.append(ByteCharacters.codes[Int(old.bytes[index])], for: index..<index + 1) }
    }
  }
}

/// Replaces spaces by `▁`, as SentencePiece does for its unigram model.
struct WordSpaceNormalizer: Normalizer {
  /// Whether a space is added before the first character that is not a space.
  let prepends: Bool
  /// Whether each word gets exactly one space before it, and all other spaces are removed.
  let merges: Bool

  func normalize(_ text: inout AlignedText) {
    var isInWord = false
    var hasBegun = false
    text.rewrite { code, range, output in
      guard code != 0x20 else {
        isInWord = false
        if !merges { output.append(0x2581, for: range) }
        return
      }
      if !isInWord, merges || prepends && !hasBegun { output.append(0x2581, for: range) }
      isInWord = true
      hasBegun = true
      output.copy(range)
    }
  }
}

/// Prepends a string to non-empty text. The string is aligned with the first character.
struct PrependNormalizer: Normalizer {
  let prefix: [UInt8]

  func normalize(_ text: inout AlignedText) {
    guard !text.bytes.isEmpty else { return }
    var builder = AlignedTextBuilder(text)
    let first = text.bytes.withUnsafeBufferPointer { $0.scalar(at: 0).length }
    builder.append(prefix, text.span(0..<first))
    builder.copy(0..<text.bytes.count)
    text = builder.text
  }
}

/// Replaces every match of a pattern. The replacement is aligned with the last character of the match.
struct ReplaceNormalizer: Normalizer {
  let pattern: any Cutter & Sendable
  let content: [UInt8]

  func normalize(_ text: inout AlignedText) {
    var builder = AlignedTextBuilder(text)
    var position = 0
    var changed = false
    text.bytes.withUnsafeBufferPointer { bytes in
      pattern.matches(bytes, 0..<bytes.count) { match in
        changed = true
        builder.copy(position..<match.lowerBound)
        if match.upperBound > 0 {
          let last = match.upperBound - bytes.scalar(before: match.upperBound).length..<match.upperBound
          builder.append(content, text.span(last))
        } else {
          builder.append(content, .init(0, 0))
        }
        position = match.upperBound
      }
      if changed { builder.copy(position..<bytes.count) }
    }
    if changed { text = builder.text }
  }
}

/// Removes leading or trailing white space.
struct StripNormalizer: Normalizer {
  let left: Bool
  let right: Bool

  func normalize(_ text: inout AlignedText) {
    let range = text.bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      var end = bytes.count
      while left, start < end {
        let (code, length) = bytes.scalar(at: start)
        guard ScalarClass.isWhitespace(code) else { break }
        start += length
      }
      while right, end > start {
        let (code, length) = bytes.scalar(before: end)
        guard ScalarClass.isWhitespace(code) else { break }
        end -= length
      }
      return start..<end
    }
    text = text.slice(range)
  }
}
